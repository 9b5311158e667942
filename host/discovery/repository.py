"""The repository: all module versions found on disk at one moment, and what was wrong with the others."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Final

from host.discovery.folders import Place, ancestors, distinct, walk
from host.discovery.manifest_file import MANIFEST_NAME, read_manifest
from host.vocabulary.errors import ManifestInvalid
from host.vocabulary.identity import Tier
from host.vocabulary.manifest import Manifest
from host.vocabulary.problem import Problem
from host.vocabulary.version import Version, parse_version

_SETTLED_NS: Final = 100_000_000
"""A file written within this time of its reading is read again: file clocks are too coarse to tell two such writes."""

_Stamp = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Refused:
    """A manifest that lies there and cannot be used; ``version`` is empty where it could not be told."""

    name: str
    version: str
    tier: Tier
    folder: Path
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class _Reading:
    """What one manifest file said; ``stamp`` is ``None`` where it must be read again."""

    stamp: _Stamp | None
    said: Manifest | Refused


@dataclass(frozen=True)
class Repository:
    """All module versions of some roots; never changes, ``rescan`` makes another.

    Attributes:
        roots: absolute.
        modules: every usable version, by name, then newest first.
        refused: what cannot be used, in the order of discovery.
        strays: problems that belong to no module: a missing root, a link that leads out.
    """

    roots: tuple[Path, ...]
    modules: tuple[Manifest, ...] = ()
    refused: tuple[Refused, ...] = ()
    strays: tuple[Problem, ...] = ()
    _readings: Mapping[Path, _Reading] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, manifests: Iterable[Manifest]) -> Repository:
        """A repository of manifests that are at hand, as if they were found in this order."""
        modules, refused = _admit(manifests)
        return cls((), modules, refused)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """All that is wrong, the problems of no module first."""
        return (*self.strays, *(problem for refused in self.refused for problem in refused.problems))

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

    def at(self, folder: Path) -> Manifest | None:
        """The module version whose folder this is."""
        return self._by_folder.get(folder)

    def folder_of(self, path: Path) -> Path | None:
        """The innermost module folder that holds a path; usable and refused ones alike."""
        return next((folder for folder in ancestors(path) if folder / MANIFEST_NAME in self._readings), None)

    @cached_property
    def _by_folder(self) -> Mapping[Path, Manifest]:
        return {manifest.folder: manifest for manifest in self.modules}

    def rescan(self) -> Rescan:
        """Look again; manifests whose path, size and times are unchanged are not read."""
        return Rescan.between(self, _scan(self.roots, self._readings))


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


def scan(roots: Iterable[Path]) -> Repository:
    """Find every module below some roots; what is wrong becomes problems, never an exception."""
    return _scan(distinct(roots), {})


def _scan(roots: Iterable[Path], known: Mapping[Path, _Reading]) -> Repository:
    found = walk(roots)
    now = time.time_ns()
    readings = {place.file: _read(place, known.get(place.file), now) for place in found.places}
    modules, refused = _admit(reading.said for reading in readings.values())
    return Repository(tuple(roots), modules, refused, tuple(found.problems), readings)


def _read(place: Place, known: _Reading | None, now: int) -> _Reading:
    stamp = _stamp(place.file, now)
    if known is not None and known.stamp is not None and known.stamp == stamp:
        return known
    try:
        return _Reading(stamp, read_manifest(place.file, place.tier, place.name))
    except ManifestInvalid as fault:
        return _Reading(stamp, Refused(place.name, "", place.tier, place.file.parent, fault.problems))


def _stamp(file: Path, now: int) -> _Stamp | None:
    try:
        status = file.stat()
    except OSError:  # reading it says why
        return None
    newest = max(status.st_mtime_ns, status.st_ctime_ns)
    return (
        (status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns) if newest < now - _SETTLED_NS else None
    )


def _admit(said: Iterable[Manifest | Refused]) -> tuple[tuple[Manifest, ...], tuple[Refused, ...]]:
    """Sort out what has another's name; what comes first in the order of discovery stays."""
    first: dict[str, Manifest] = {}
    admitted: dict[tuple[str, Version], Manifest] = {}
    refused: list[Refused] = []
    for each in said:
        if isinstance(each, Refused):
            refused.append(each)
            continue
        identity = each.name, parse_version(each.version)
        if first.setdefault(each.name, each).tier is not each.tier:
            refused.append(_doubled(each, first[each.name], "name"))
        elif admitted.setdefault(identity, each) is not each:
            refused.append(_doubled(each, admitted[identity], "version"))
    modules = sorted(admitted.items(), key=lambda item: item[0][1], reverse=True)
    return tuple(manifest for _, manifest in sorted(modules, key=lambda item: item[0][0])), tuple(refused)


def _doubled(manifest: Manifest, other: Manifest, key: str) -> Refused:
    what = f"a module {other.name} of another tier" if key == "name" else str(other.key)
    message = (
        f"{what} is also {other.folder / MANIFEST_NAME}, which is used; this one is left out: rename or remove one"
    )
    problem = Problem(key, message, manifest.folder / MANIFEST_NAME)
    return Refused(manifest.name, manifest.version, manifest.tier, manifest.folder, (problem,))
