"""What is drawn around a module, and what is wrong in it."""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType

from host.resolution.picture import picture
from host.vocabulary.graph import Graph, Tie
from host.vocabulary.identity import Tier
from host.vocabulary.manifest import Manifest, Requirement


def module(name: str, version: str = "1.0.0", *, conflicts: dict[str, str] | None = None, **needs: str) -> Manifest:
    """A manifest; a need that begins with ``?`` is optional."""
    return Manifest(
        name=name,
        version=version,
        tier=Tier.PLUGINS,
        folder=Path("/m", name),
        dependencies=MappingProxyType({need: _wanted(specifier) for need, specifier in needs.items()}),
        conflicts=MappingProxyType(conflicts or {}),
    )


def _wanted(specifier: str) -> Requirement:
    return Requirement(specifier.removeprefix("?"), optional=specifier.startswith("?"))


def drawn(*manifests: Manifest, about: str = "", running: bool = True) -> Graph:
    names = frozenset(each.name for each in manifests) if running else frozenset[str]()
    return picture({each.name: each for each in manifests}, names, about)


def names(graph: Graph) -> set[str]:
    return {node.name for node in graph.nodes}


def faults(graph: Graph) -> list[str]:
    return [node.fault for node in graph.nodes if node.fault]


def test_around_a_module_is_what_it_leads_to_and_what_leads_to_it() -> None:
    graph = drawn(
        module("hud", chat="*"), module("chat", log="*"), module("log"), module("clock", log="*"), about="chat"
    )
    assert names(graph) == {"hud", "chat", "log"}
    assert {node.name for node in graph.nodes if node.affected} == {"hud"}
    assert [node.spot[1] for node in sorted(graph.nodes, key=lambda node: node.spot[1])] == [0, 1, 2]


def test_without_a_name_it_is_of_all() -> None:
    assert names(drawn(module("a"), module("b", a="*"), module("c"))) == {"a", "b", "c"}


def test_a_version_that_does_not_fit_is_broken_and_told_with_both_versions() -> None:
    graph = drawn(module("hud", log="^1"), module("log", "2.0.0"), about="log")
    (arrow,) = graph.arrows
    assert (arrow.start, arrow.end, arrow.broken, arrow.tie) == ("hud", "log", True, Tie.NEEDS)
    assert faults(graph) == ["hud 1.0.0 needs log ^1, which log 2.0.0 is not."]


def test_what_fits_and_what_an_unload_takes_along_is_told() -> None:
    graph = drawn(module("hud", log="^1"), module("chat", log="?*"), module("log", "1.2.0"), about="log")
    assert graph.notes == ("Unloading log unloads hud too.", "log 1.2.0 fits chat and hud.")


def test_what_does_not_run_is_not_unloaded() -> None:
    assert drawn(module("hud", log="^1"), module("log"), about="log", running=False).notes == ()


def test_what_is_needed_and_lies_nowhere_has_a_box_of_its_own() -> None:
    graph = drawn(module("hud", log="^1", spare="?*"), about="hud")
    assert names(graph) == {"hud", "log"}
    assert faults(graph) == ["log is needed and lies nowhere; install it."]


def test_a_circle_is_marked_and_each_of_its_modules_says_so() -> None:
    graph = drawn(module("a", b="*"), module("b", a="*"), module("c", a="*"))
    assert {(arrow.start, arrow.end) for arrow in graph.arrows if arrow.in_cycle} == {("a", "b"), ("b", "a")}
    told = "These need one another in a circle, so none of them can load:"
    assert faults(graph) == [f"{told} a -> b -> a.", f"{told} b -> a -> b."]


def test_a_conflict_is_drawn_where_the_version_is_refused_and_only_there() -> None:
    old, new = module("legacy"), module("legacy", "2.0.0")
    chat = module("chat", conflicts={"legacy": "<2"})
    (arrow,) = drawn(chat, old, about="chat").arrows
    assert (arrow.tie, arrow.broken) == (Tie.CONFLICTS, True)
    assert faults(drawn(chat, old, about="legacy")) == ["chat 1.0.0 refuses legacy <2, and this is legacy 1.0.0."]
    assert drawn(chat, new, about="chat").arrows == ()
