"""Small graphs for laws of resolution, and all choices that hold in one, found by trying each."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence

from hypothesis import strategies as st

from host.resolution.order import in_order
from host.resolution.relations import edges_of
from host.vocabulary.constraint import parse_constraint
from host.vocabulary.manifest import Manifest
from host.vocabulary.version import parse_version
from tests.resolution.made_manifests import made

NAMES = ("a", "b", "c", "d", "e")
FINAL = ("1.0.0", "1.1.0", "2.0.0")
WITH_PRERELEASES = ("1.0.0", "1.1.0-beta.1", "2.0.0-alpha", "2.0.0")
SPECIFIERS = ("*", "^1.0", "^2.0", ">=1.1", "==1.0.0", "<2", "^1 || ^2", "!=1.1.0", "3.x")
TIES = ("<2", "<1.1", ">=1.1", "^1.0", ">=2", "==1.1.0", "!=1.1.0", "*")
ASKING = (*SPECIFIERS, ">=1.1.0-beta.1", "==2.0.0-alpha")

Choice = Mapping[str, Manifest]


@st.composite
def wishes(draw: st.DrawFn, own: str, specifiers: Sequence[str], most: int) -> dict[str, str]:
    others = [name for name in NAMES if name != own]
    names = draw(st.lists(st.sampled_from(others), max_size=most, unique=True))
    return {name: draw(st.sampled_from(specifiers)) for name in names}


@st.composite
def graphs(draw: st.DrawFn, versions: Sequence[str] = FINAL, specifiers: Sequence[str] = SPECIFIERS) -> list[Manifest]:
    found = []
    for name in draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=5, unique=True)):
        for version in draw(st.lists(st.sampled_from(versions), min_size=1, max_size=3, unique=True)):
            needs = draw(wishes(name, specifiers, 2))
            optional = draw(wishes(name, specifiers, 1))
            conflicts = draw(wishes(name, specifiers, 1))
            found.append(made(f"{name} {version}", needs, optional=optional, conflicts=conflicts))
    return found


@st.composite
def without_cycles(draw: st.DrawFn) -> list[Manifest]:
    """Modules in three versions each, which need and wish for those behind them, and bar any."""
    found = []
    names = draw(st.permutations(NAMES))
    for at, name in enumerate(names):
        behind = names[at + 1 :]
        others = st.sampled_from([other for other in names if other != name])
        for version in FINAL:
            needs = {each: draw(st.sampled_from(TIES)) for each in behind if draw(st.booleans())}
            optional = {
                each: draw(st.sampled_from(TIES)) for each in behind if each not in needs and draw(st.booleans())
            }
            conflicts = draw(st.dictionaries(others, st.sampled_from(TIES[:-1]), max_size=1))
            found.append(made(f"{name} {version}", needs, optional=optional, conflicts=conflicts))
    return found


def newest_first(choices: Sequence[Choice], wanted: Mapping[str, str]) -> dict[str, str]:
    """Of all choices that hold the versions by name, decided one after another as the guide for authors says."""
    decided: dict[str, str] = {}
    opened = set(wanted)
    while opened - decided.keys():
        name = min(opened - decided.keys(), key=lambda each: (each not in wanted, each))
        left = [each for each in choices if name in each]
        best = max((each[name] for each in left), key=lambda manifest: parse_version(manifest.version))
        decided[name] = best.version
        choices = [each for each in left if each[name] is best]
        opened |= {need for need, requirement in best.dependencies.items() if not requirement.optional}
    return decided


@st.composite
def tied(draw: st.DrawFn) -> list[Manifest]:
    """Modules in three versions each, which need, wish for and bar one another."""
    found = []
    for name in NAMES[:4]:
        others = st.sampled_from([other for other in NAMES[:4] if other != name])
        for version in FINAL:
            needs = draw(st.dictionaries(others, st.sampled_from(TIES), max_size=2))
            optional = draw(st.dictionaries(others, st.sampled_from(TIES), max_size=1))
            conflicts = draw(st.dictionaries(others, st.sampled_from(TIES[:-1]), max_size=1))
            found.append(made(f"{name} {version}", needs, optional=optional, conflicts=conflicts))
    return found


def asks(specifiers: Sequence[str] = SPECIFIERS) -> st.SearchStrategy[dict[str, str]]:
    return st.dictionaries(st.sampled_from(NAMES), st.sampled_from(specifiers), min_size=1, max_size=2)


def in_range(specifier: str, manifest: Manifest) -> bool:
    return parse_constraint(specifier).admits(parse_version(manifest.version))


def holds(choice: Choice, wanted: Mapping[str, str]) -> bool:
    """Whether every wish of every member and of the user is fulfilled."""
    for name, specifier in wanted.items():
        if name not in choice or not in_range(specifier, choice[name]):
            return False
    for member in choice.values():
        for name, need in member.dependencies.items():
            if name not in choice:
                if not need.optional:
                    return False
            elif not in_range(need.specifier, choice[name]):
                return False
        if any(name in choice and in_range(each, choice[name]) for name, each in member.conflicts.items()):
            return False
    return True


def brute_force(manifests: Sequence[Manifest], wanted: Mapping[str, str]) -> Iterator[Choice]:
    """Every choice that holds and has no cycle."""
    by_name: dict[str, list[Manifest | None]] = {}
    for manifest in manifests:
        by_name.setdefault(manifest.name, [None]).append(manifest)
    for picked in itertools.product(*by_name.values()):
        choice = {each.name: each for each in picked if each is not None}
        if holds(choice, wanted) and not in_order(edges_of(choice.values())).rest:
            yield choice
