"""The repository: all module versions found on disk at one moment, and what was wrong with the others."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Self

from host.discovery.folders import ancestors, distinct, walk
from host.discovery.garbage import uncollected
from host.discovery.reading import Reading, Refused, read
from host.discovery.tiers import against_the_rule
from host.vocabulary.errors import HostError, ModuleUnknown
from host.vocabulary.manifest import Manifest
from host.vocabulary.problem import Problem
from host.vocabulary.version import Version, parse_version

Readings = Mapping[str, Reading]
"""By the manifest's path."""

_NOTHING: Readings = MappingProxyType({})


@dataclass(frozen=True)
class Repository:
    """All module versions of some roots; never changes, ``rescan`` makes another.

    Attributes:
        roots: absolute.
        modules: every usable version, by name, then newest first.
        refused: what cannot be used, in the order of discovery.
        strays: problems that belong to no module: a missing root, a link that leads out.
        readings: what each manifest file said.
    """

    roots: tuple[Path, ...]
    modules: tuple[Manifest, ...] = ()
    refused: tuple[Refused, ...] = ()
    strays: tuple[Problem, ...] = ()
    readings: Readings = field(default_factory=dict, repr=False)

    @classmethod
    def of(
        cls,
        said: Iterable[Manifest | Refused],
        roots: tuple[Path, ...] = (),
        strays: tuple[Problem, ...] = (),
        readings: Readings = _NOTHING,
    ) -> Self:
        """Sort out what manifests said, in the order of discovery."""
        return cls(roots, *_admit(said), strays, readings)

    @cached_property
    def by_name(self) -> Mapping[str, tuple[Manifest, ...]]:
        """The versions of each module, newest first; names in their order."""
        found: dict[str, list[Manifest]] = {}
        for manifest in self.modules:
            found.setdefault(manifest.name, []).append(manifest)
        return MappingProxyType({name: tuple(versions) for name, versions in found.items()})

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.by_name)

    def versions(self, name: str) -> tuple[Manifest, ...]:
        """All versions of a module, newest first; none of an unknown one."""
        return self.by_name.get(name, ())

    def newest(self, name: str) -> Manifest | None:
        return next(iter(self.versions(name)), None)

    def find(self, name: str, version: str) -> Manifest | None:
        """One version, however it is spelled (``1.0`` finds ``1.0.0``)."""
        wanted = parse_version(version)
        return next((each for each in self.versions(name) if parse_version(each.version) == wanted), None)

    @cached_property
    def faulty(self) -> Mapping[str, Refused]:
        """Modules of which no version can be used, by name."""
        found = {each.name: each for each in reversed(self.refused) if each.name not in self.by_name}
        return MappingProxyType(found)

    def unknown(self, name: str) -> HostError:
        """The refusal of a name of which no version can be used: nobody's, or that of a module with faults."""
        faulty = self.faulty.get(name)
        if faulty is None:
            return ModuleUnknown(name, self.names)
        problem = faulty.problems[0]
        return HostError(f"mend {problem.file}: {name} is there, but cannot be used ({problem})")

    def at(self, folder: Path) -> Manifest | None:
        """The module version whose folder this is."""
        return self._by_folder.get(folder)

    def folder_of(self, path: Path) -> Path | None:
        """The innermost module folder that holds a path; usable and refused ones alike."""
        return next((folder for folder in ancestors(path) if folder in self._folders), None)

    @cached_property
    def _folders(self) -> frozenset[Path]:
        return frozenset(reading.said.folder for reading in self.readings.values())

    @cached_property
    def _by_folder(self) -> Mapping[Path, Manifest]:
        return {manifest.folder: manifest for manifest in self.modules}

    def rescan(self) -> Rescan:
        """Look again; manifests whose path, size and times are unchanged are not read."""
        return Rescan.between(self, _scan(self.roots, self.readings))


@dataclass(frozen=True, slots=True)
class Rescan:
    """A repository, and how it differs from the one before, by folder."""

    repository: Repository
    added: tuple[Manifest, ...]
    changed: tuple[Manifest, ...]
    removed: tuple[Manifest, ...]

    @classmethod
    def between(cls, before: Repository, now: Repository) -> Rescan:
        earlier = {manifest.folder: manifest for manifest in before.modules}
        folders = {manifest.folder for manifest in now.modules}
        return cls(
            now,
            added=tuple(each for each in now.modules if each.folder not in earlier),
            changed=tuple(each for each in now.modules if earlier.get(each.folder, each) != each),
            removed=tuple(each for each in before.modules if each.folder not in folders),
        )


def scan(roots: Iterable[Path], known: Readings = _NOTHING) -> Repository:
    """Find every module below some roots; what is wrong becomes problems, never an exception.

    Args:
        roots: folders of modules.
        known: of an earlier look; manifests whose path, size and times are unchanged since are not read.
    """
    return _scan(distinct(roots), known)


@uncollected()
def _scan(roots: Iterable[Path], known: Readings) -> Repository:
    now = time.time_ns()
    found = walk(roots)
    readings = {place.file: read(place, known.get(place.file), now) for place in found.places}
    return Repository.of((each.said for each in readings.values()), tuple(roots), tuple(found.problems), readings)


def _admit(said: Iterable[Manifest | Refused]) -> tuple[tuple[Manifest, ...], tuple[Refused, ...]]:
    """Sort out what has another's name; what comes first in the order of discovery stays."""
    admitted: dict[str, dict[Version, Manifest]] = {}
    refused: list[Refused] = []
    for each in said:
        if isinstance(each, Refused):
            refused.append(each)
            continue
        versions = admitted.setdefault(each.name, {})
        first = next(iter(versions.values()), each)
        if first.tier is not each.tier:
            refused.append(_doubled(each, first, "name"))
        elif (other := versions.setdefault(parse_version(each.version), each)) is not each:
            refused.append(_doubled(each, other, "version"))
    tiers = {name: next(iter(versions.values())).tier for name, versions in admitted.items()}
    for each in list(against_the_rule((each for versions in admitted.values() for each in versions.values()), tiers)):
        refused.append(each)
        del admitted[each.name][parse_version(each.version)]
    modules = (_newest_first(admitted[name]) for name in sorted(admitted))
    return tuple(manifest for versions in modules for manifest in versions), tuple(refused)


def _newest_first(versions: Mapping[Version, Manifest]) -> Iterable[Manifest]:
    return versions.values() if len(versions) == 1 else (versions[each] for each in sorted(versions, reverse=True))


def _doubled(manifest: Manifest, other: Manifest, key: str) -> Refused:
    what = f"a module {other.name} of another tier" if key == "name" else str(other.key)
    message = f"{what} is also {other.file}, which is used; this one is left out: rename or remove one"
    problem = Problem(key, message, manifest.file)
    return Refused(manifest.name, manifest.version, manifest.tier, manifest.folder, (problem,))
