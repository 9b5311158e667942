"""Versions chosen, beside resolvelib alone with a provider that has every answer ready."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from time import perf_counter
from typing import NamedTuple

from resolvelib import AbstractProvider, BaseReporter
from resolvelib.resolvers import Resolution
from resolvelib.structs import RequirementInformation

from benchmarks.graphs import Graph, deep, diamonds, many, quarrels, recorded, wide
from benchmarks.rounds import Size, Subject, interleaved
from benchmarks.rows import AtMost, Row
from host.discovery.repository import Repository
from host.resolution.resolve import resolve
from host.vocabulary.constraint import parse_constraint
from host.vocabulary.errors import ResolutionFailed
from host.vocabulary.manifest import Manifest, Requirement
from host.vocabulary.version import parse_version

BESIDE = AtMost(1.3, of_ratio=True)
DENSE = 500
"""Modules that all need one another."""


async def rows(size: Size) -> list[Row]:
    graphs: dict[str, Graph] = {
        "wide": wide(size.graph),
        "deep": deep(size.graph // 2),
        "diamonds": diamonds(size.graph),
        "quarrels": quarrels(max(2, size.graph // 50)),
        "ten versions of each": many(size.graph),
        "recorded, Python's": recorded("python"),
        "recorded, Debian's": recorded("debian"),
    }
    found = [await _beside(name, graph, size.long_rounds) for name, graph in graphs.items()]
    return [*found, await _cycles(min(DENSE, size.graph), size.long_rounds)]


async def _beside(name: str, graph: Graph, rounds: int) -> Row:
    manifests, wanted = graph
    repository, lean = Repository.of(manifests), Lean(manifests, wanted)

    def ours() -> int:
        return len(resolve(repository, wanted).order)

    if ours() != lean.resolve():
        raise RuntimeError(f"{name}: the two plans differ")
    mine, peer = await interleaved(rounds, _timed(ours), _timed(lean.resolve))
    versions = f"{len(manifests):,} versions of {len(repository.names):,} modules"
    return Row(name=f"resolve {name}: {versions}", ours=mine, peer=peer, peer_name="resolvelib", target=BESIDE)


async def _cycles(count: int, rounds: int) -> Row:
    names = [f"m{at:03d}" for at in range(count)]
    needs = {name: {other: Requirement("*") for other in names if other != name} for name in names}
    some = recorded("python")[0][0]
    repository = Repository.of(
        Manifest(name=name, version="1.0", tier=some.tier, folder=some.folder / name, dependencies=needs[name])
        for name in names
    )

    def report() -> None:
        try:
            resolve(repository, {names[0]: "*"})
        except ResolutionFailed as refusal:
            if refusal.cycles:
                return
        raise RuntimeError("there are cycles, and none was named")

    report()
    (ours,) = await interleaved(rounds, _timed(report))
    return Row(name=f"report the cycles of {count} modules that all need one another", ours=ours, target=AtMost(1.0))


def _timed(work: Callable[[], object]) -> Subject:
    async def timed() -> float:
        start = perf_counter()
        work()
        return perf_counter() - start

    return timed


class Version(NamedTuple):
    """A candidate: its place among those of its module, the newest first."""

    name: str
    place: int


class Wish(NamedTuple):
    """A requirement: the places that it admits."""

    name: str
    places: frozenset[int]


class Lean(AbstractProvider[Wish, Version, str]):
    """All versions and what each admits are worked out before, so what is left is resolvelib's own time."""

    def __init__(self, manifests: Iterable[Manifest], wanted: Mapping[str, str]) -> None:
        by_name: dict[str, list[Manifest]] = {}
        for manifest in sorted(manifests, key=lambda each: parse_version(each.version), reverse=True):
            by_name.setdefault(manifest.name, []).append(manifest)
        known: dict[tuple[str, str], Wish] = {}

        def wish(name: str, specifier: str) -> Wish:
            if (name, specifier) not in known:
                constraint = parse_constraint(specifier)
                there = enumerate(by_name[name])
                places = frozenset(at for at, each in there if constraint.admits(parse_version(each.version)))
                known[name, specifier] = Wish(name, places)
            return known[name, specifier]

        self._versions = {name: [Version(name, at) for at in range(len(each))] for name, each in by_name.items()}
        self._needs = {
            Version(name, at): [wish(need, each.specifier) for need, each in manifest.dependencies.items()]
            for name, versions in by_name.items()
            for at, manifest in enumerate(versions)
        }
        self._wanted = [wish(name, specifier) for name, specifier in wanted.items()]

    def resolve(self) -> int:
        """How many modules are chosen."""
        state = Resolution(self, BaseReporter()).resolve(self._wanted, max_rounds=1_000_000)
        return len(state.mapping)

    def identify(self, requirement_or_candidate: Wish | Version) -> str:
        return requirement_or_candidate.name

    def get_preference(
        self,
        identifier: str,
        resolutions: Mapping[str, Version],
        candidates: Mapping[str, Iterator[Version]],
        information: Mapping[str, Iterator[RequirementInformation[Wish, Version]]],
        backtrack_causes: Sequence[RequirementInformation[Wish, Version]],
    ) -> int:
        del identifier, resolutions, candidates, information, backtrack_causes
        return 0

    def find_matches(
        self,
        identifier: str,
        requirements: Mapping[str, Iterator[Wish]],
        incompatibilities: Mapping[str, Iterator[Version]],
    ) -> list[Version]:
        out = set(incompatibilities[identifier])
        wishes = [each.places for each in requirements[identifier]]
        return [
            each
            for each in self._versions[identifier]
            if each not in out and all(each.place in places for places in wishes)
        ]

    def is_satisfied_by(self, requirement: Wish, candidate: Version) -> bool:
        return candidate.place in requirement.places

    def get_dependencies(self, candidate: Version) -> list[Wish]:
        return self._needs[candidate]
