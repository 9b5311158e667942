"""Which versions of a module may be chosen, the preferred one first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace

from host.discovery.repository import Repository
from host.resolution.needs import Absent, Binding, Candidate, Need, candidate, distinct
from host.vocabulary.constraint import parse_constraint
from host.vocabulary.identity import ModuleKey
from host.vocabulary.manifest import Manifest
from host.vocabulary.problem import Problem
from host.vocabulary.version import Version, parse_version


class Candidates:
    """The versions of each module: what is loaded first, then the newest first; of what is upgraded the newest first.

    Versions for another contract of the host are no candidates.
    """

    def __init__(
        self,
        repository: Repository,
        loaded: Mapping[str, Manifest],
        host_version: str,
        *,
        staying: Iterable[str] = (),
        fixed: AbstractSet[str] = frozenset(),
        upgraded: AbstractSet[str] = frozenset(),
        banned: AbstractSet[ModuleKey] = frozenset(),
        prereleases: bool = False,
    ) -> None:
        """Prepare.

        Args:
            repository: all versions.
            loaded: what runs, by name.
            host_version: of the contract for module authors.
            staying: names of loaded modules that nobody asked about.
            fixed: names of loaded modules that keep their versions; of others these are only preferred.
            upgraded: names of loaded modules whose newest version is preferred to the one that runs.
            banned: versions that are not to be chosen, though they are there.
            prereleases: pre-releases may be chosen that nothing asks for.
        """
        self._repository = repository
        self._loaded = loaded
        self._host = parse_version(host_version)
        self._staying = frozenset(staying)
        self._fixed = fixed
        self._upgraded = upgraded
        self._banned = banned
        self._prereleases = prereleases
        self._absent: dict[str, Absent] = {}
        self._choices: dict[tuple[str, frozenset[tuple[int, Binding]]], Sequence[Candidate | Absent]] = {}
        self._found: dict[str, tuple[Candidate, ...]] = {}

    def of(self, name: str) -> tuple[Candidate, ...]:
        found = self._found.get(name)
        if found is None:
            found = self._found[name] = tuple(self._look(name))
            if name in self._upgraded:
                found = self._found[name] = tuple(sorted(found, key=_version, reverse=True))
        return found

    def in_range(self, name: str, needs: Sequence[Need]) -> list[Candidate]:
        """All versions that some needs admit, pre-releases too."""
        return self._allowed(self._admitted(name, needs))

    def choices(self, name: str, needs: Sequence[Need]) -> Sequence[Candidate | Absent]:
        """What may be chosen under some needs, preferred first; a module that nothing requires is absent."""
        key = name, frozenset(need.says for need in needs)
        found = self._choices.get(key)
        if found is None:
            found = self._choices[key] = self._choose(name, needs)
        return found

    def preferred(self, name: str, needs: Sequence[Need]) -> Candidate | None:
        """The first choice under some needs, which need not require the module."""
        return next(iter(self._released(name, needs)), None)

    def knows(self, name: str) -> bool:
        """Whether any version exists, whatever contract of the host it is for."""
        return name in self._loaded or bool(self._repository.versions(name))

    def for_other_hosts(self, name: str) -> list[Manifest]:
        """Versions that are left out because they are for another contract."""
        return [manifest for manifest in self._repository.versions(name) if not self._fits_host(manifest)]

    def problem_of(self, name: str, need: Need | None = None) -> Problem | None:
        """Why a module that is there cannot be used; with a need, of versions that may satisfy it."""
        for each in self._repository.refused:
            if each.name == name and (
                need is None or not each.version or need.admits_version(parse_version(each.version))
            ):
                return next(iter(each.problems), None)
        return None

    @property
    def running(self) -> frozenset[str]:
        """The keys of what is loaded."""
        return frozenset(str(manifest.key) for manifest in self._loaded.values())

    @property
    def names(self) -> tuple[str, ...]:
        return self._repository.names

    def _absence(self, name: str) -> Absent:
        return self._absent.setdefault(name, Absent(name))

    def _choose(self, name: str, needs: Sequence[Need]) -> Sequence[Candidate | Absent]:
        if all(need.binding is not Binding.REQUIRED for need in needs):
            return (self._absence(name),)
        return self._released(name, needs)

    def _admitted(self, name: str, needs: Sequence[Need]) -> list[Candidate]:
        telling = distinct(needs)
        return [each for each in self.of(name) if all(need.admits(each) for need in telling)]

    def _allowed(self, found: list[Candidate]) -> list[Candidate]:
        return [each for each in found if each.manifest.key not in self._banned] if self._banned else found

    def _released(self, name: str, needs: Sequence[Need]) -> list[Candidate]:
        """Without pre-releases that nobody asked for, as ``packaging`` has it: unless they run, or nothing else fits.

        That something else is banned does not make it fit less.
        """
        found = self._admitted(name, needs)
        if self._prereleases or any(need.asks_for_prerelease for need in distinct(needs)):
            return self._allowed(found)
        return self._allowed([each for each in found if each.loaded or not each.version.is_prerelease] or found)

    def _look(self, name: str) -> Iterable[Candidate]:
        running = self._loaded.get(name)
        if running is not None:
            yield self._running(running)
        if running is not None and name in self._fixed:
            return
        for manifest in self._repository.versions(name):
            same = running is not None and parse_version(manifest.version) == parse_version(running.version)
            if not same and self._fits_host(manifest):
                yield candidate(manifest)

    def _running(self, manifest: Manifest) -> Candidate:
        """A loaded module; of one that nobody asked about, only the needs that are met now, for a plan to keep them."""
        found = candidate(manifest, loaded=True)
        if manifest.name not in self._staying:
            return found
        return replace(found, needs=tuple(need for need in found.needs if self._met(need)))

    def _met(self, need: Need) -> bool:
        other = self._loaded.get(need.name)
        return need.admits_version(None if other is None else parse_version(other.version))

    def _fits_host(self, manifest: Manifest) -> bool:
        return parse_constraint(manifest.host).admits(self._host)


def _version(found: Candidate) -> Version:
    return found.version
