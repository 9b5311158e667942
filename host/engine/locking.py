"""Versions that the user wants to keep: plans choose no other, and swaps to others are refused."""

from __future__ import annotations

from collections.abc import Mapping

from host.engine.parts import Parts
from host.vocabulary.errors import HostError, ModuleUnknown
from host.vocabulary.folders import data_option
from host.vocabulary.version import parse_version


class VersionLocked(HostError):
    """A swap of a module to a version that is not the one at which the user locked it."""

    def __init__(self, name: str, locked: str, option: str) -> None:
        """Make it; ``option``: what a command says of the data folder."""
        self.name, self.locked = name, locked
        super().__init__(
            f"{name} is locked at {locked}; unlock it first: theseus lock {name} --off{option}; nothing was swapped"
        )


def lock(parts: Parts, name: str, version: str) -> str:
    """Lock a module at a version, or at none; gives the version. The caller holds the lock of all changes.

    Raises:
        ModuleUnknown: that version is not there.
        HostError: another one runs.
    """
    library, running = parts.library, parts.roster.serving(name)
    if version:
        if library.repository.find(name, version) is None:
            raise ModuleUnknown(f"{name} {version}", tuple(str(each.key) for each in library.repository.modules))
        if running is not None and running.version != version:
            raise HostError(f"{name} runs in {running.version}; swap it to {version} first; nothing was changed")
    elif name not in library.names and name not in library.locks:
        raise ModuleUnknown(name, library.names)
    library.lock(name, version)
    parts.keeping.lock_version(name, version)
    parts.chronicle.touch(name)
    return version


def follow(parts: Parts, name: str) -> None:
    """Move the lock of a module that was rolled back to the version that runs; off where that is on disk no more."""
    locked, runs = parts.library.locks.get(name, ""), parts.roster.get(name).version
    if not locked or _same(locked, runs):
        return
    version = runs if parts.library.repository.find(name, runs) is not None else ""
    lock(parts, name, version)
    now = f"it is locked at {version}" if version else f"{runs} is not on disk, so it is locked at none"
    parts.chronicle.log(name, "info", f"{name} was locked at {locked} and rolled back to {runs}; now {now}")


def refuse_locked(parts: Parts, wanted: Mapping[str, str]) -> None:
    """Refuse to swap what is locked to another version; ``wanted`` are versions or specifiers by name.

    Raises:
        VersionLocked: names the first.
    """
    for name, version in wanted.items():
        locked = parts.library.locks.get(name, "")
        if locked and not _same(locked, version):
            raise VersionLocked(name, locked, data_option(parts.roster.data))


def _same(locked: str, wanted: str) -> bool:
    try:
        return parse_version(wanted.removeprefix("==")) == parse_version(locked)
    except HostError:  # a specifier, or none at all: who locks names one version
        return False
