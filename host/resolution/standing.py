"""What becomes of the newest versions of a repository, as far as one look at all of them tells; no search is made."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, field

from host.discovery.repository import Repository
from host.resolution.order import in_order
from host.resolution.relations import edges_of
from host.vocabulary.constraint import parse_constraint
from host.vocabulary.identity import CONTRACT_VERSION
from host.vocabulary.manifest import Manifest
from host.vocabulary.version import parse_version

Newest = Mapping[str, Manifest]


def newest_release(repository: Repository, name: str) -> Manifest | None:
    """The newest version that is no pre-release; where there is none, the newest."""
    releases = (each for each in repository.versions(name) if not parse_version(each.version).is_prerelease)
    return next(releases, repository.newest(name))


def newest_releases(repository: Repository) -> Newest:
    """Of each module, by name."""
    return {name: found for name in repository.names if (found := newest_release(repository, name)) is not None}


@dataclass
class Standing:
    """The newest versions, and which of them load for certain.

    Attributes:
        newest: by name.
        order: of names, what is needed first as far as cycles let that be.
        sound: names of those that load with the newest versions of all that they need.
    """

    repository: Repository
    newest: Newest
    order: tuple[str, ...] = field(init=False)
    sound: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        ordered = in_order(edges_of(self.newest.values()))
        self.order = (*ordered.names, *sorted(ordered.rest))
        sound: set[str] = set()
        for name in ordered.names:
            manifest = self.newest[name]
            needs = (need for need, wanted in manifest.dependencies.items() if not wanted.optional)
            if sound.issuperset(needs) and self._fits(manifest):
                sound.add(name)
        self.sound = frozenset(sound)

    @classmethod
    def of(cls, repository: Repository) -> Standing:
        """Look at the newest releases of a repository."""
        return cls(repository, newest_releases(repository))

    def bound_to(self, name: str, among: Container[str]) -> str:
        """One of some modules that the newest version of a module cannot do without, in its newest version, if any."""
        needs = self.newest[name].dependencies.items()
        strict = ((need, wanted.specifier) for need, wanted in needs if not wanted.optional and need in among)
        return next((need for need, specifier in strict if self._only(specifier, need)), "")

    def single(self, name: str) -> bool:
        """Whether there is no other version of a module."""
        return len(self.repository.versions(name)) == 1

    def _only(self, specifier: str, name: str) -> bool:
        wanted = parse_constraint(specifier)
        return all(
            each is self.newest[name] or not wanted.admits(parse_version(each.version))
            for each in self.repository.versions(name)
        )

    def _fits(self, manifest: Manifest) -> bool:
        """Whether it is for this host, and the newest of all it names are in range, and of those it bars out of it."""
        return (
            _admits(manifest.host, CONTRACT_VERSION)
            and all(self._newest_in(name, each.specifier) for name, each in manifest.dependencies.items())
            and not any(self._newest_in(name, each, barred=True) for name, each in manifest.conflicts.items())
        )

    def _newest_in(self, name: str, specifier: str, *, barred: bool = False) -> bool:
        """Whether the newest of a module is in a range; where that is not certain, what is less convenient."""
        found = self.newest.get(name)
        if found is None or parse_constraint(specifier).names_prerelease:
            return barred if found is not None else not barred
        return _admits(specifier, found.version)


def chains_to(newest: Newest, name: str) -> Mapping[str, str]:
    """Of each module that cannot do without one, the next on a shortest way there, the first by name."""
    askers: dict[str, list[str]] = {}
    for manifest in newest.values():
        for need, wanted in manifest.dependencies.items():
            if not wanted.optional:
                askers.setdefault(need, []).append(manifest.name)
    towards: dict[str, str] = {}
    reached = [name]
    while reached:
        fresh: dict[str, str] = {}
        for here in sorted(reached):
            for asker in askers.get(here, ()):
                if asker != name and asker not in towards:
                    fresh.setdefault(asker, here)
        towards |= fresh
        reached = list(fresh)
    return towards


def leading_to(repository: Repository, name: str) -> set[str]:
    """All of which any version may bring a module along, and it itself."""
    askers: dict[str, set[str]] = {}
    for manifest in repository.modules:
        for need, wanted in manifest.dependencies.items():
            if not wanted.optional:
                askers.setdefault(need, set()).add(manifest.name)
    reached, pending = {name}, [name]
    while pending:
        fresh = askers.get(pending.pop(), set()) - reached
        reached |= fresh
        pending += fresh
    return reached


def _admits(specifier: str, version: str) -> bool:
    return parse_constraint(specifier).admits(parse_version(version))
