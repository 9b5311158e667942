"""Why modules are there, and what holds newest versions back: of many modules as of few."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from host.discovery.repository import Repository
from host.resolution.explaining import Patience, unreachable
from host.resolution.resolve import resolve
from host.vocabulary.explanations import Outdated
from host.vocabulary.manifest import Manifest
from tests.resolution.made_manifests import made


def rows(manifests: Iterable[Manifest]) -> Mapping[str, Outdated]:
    return {row.name: row for row in unreachable(Repository.of(manifests))}


def ring(needs: Mapping[str, str]) -> list[Manifest]:
    return [made(f"{name} 1.0.0", dict.fromkeys(others.split(), "*")) for name, others in needs.items()]


def test_a_module_on_a_cycle_is_told_the_cycles_that_it_leads_to_and_no_others() -> None:
    """It was told all that the first of them had led to."""
    found = rows(ring({"aa": "bb", "bb": "cc", "cc": "aa bb ee", "ee": "ff", "ff": "ee"}))
    assert found["ff"].held_back_by == (
        "remove one of these dependencies: ee -> ff -> ee is a cycle, and none of it can load first",
    )
    assert len(found["cc"].held_back_by) == 3


def test_what_cannot_do_without_a_module_that_cannot_load_is_told_which() -> None:
    found = rows(
        [*ring({"aa": "bb", "bb": "cc", "cc": "bb"}), made("a 2.0.0", {"b": "^1"}), made("b 1.0.0", {"c": "^1"})]
    )
    assert found["aa"].held_back_by[0].startswith("remove one of these dependencies: bb -> cc -> bb")
    assert found["a"].held_back_by[0].startswith("add 'c' to a folder of modules")
    assert found["a"].held_back_by[-1] == "a 2.0.0 needs b ^1, which cannot load"
    assert "asked for" not in "".join(found["a"].held_back_by)


def test_where_the_time_is_over_it_is_said_how_to_ask() -> None:
    patience = Patience(0.0)
    found = patience.search(made("a 1.0.0"), lambda patience: resolve(Repository.of(()), {"a": ""}, patience=patience))
    assert str(found).startswith("theseus resolve a==1.0.0 tells why")
