"""What one manifest file said when it was read, and whether that still holds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, TypeAlias

from host.discovery.folders import Place
from host.discovery.manifest_file import digest_of, parse_manifest, read_bytes
from host.vocabulary.errors import ManifestInvalid
from host.vocabulary.identity import Tier
from host.vocabulary.manifest import Manifest
from host.vocabulary.problem import Problem

SETTLED_NS: Final = 100_000_000
"""A file written within this time of its reading is read again: file clocks are too coarse to tell two such writes."""
COARSE_NS: Final = 3_000_000_000
"""The same where times are whole seconds: some file systems know no other, FAT only even ones."""
SECOND_NS: Final = 1_000_000_000

Stamp: TypeAlias = tuple[int, int, int, int]
"""Inode, bytes, times of the last change of contents and of anything, in nanoseconds."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A manifest that lies there and cannot be used; ``version`` is empty where it could not be told."""

    name: str
    version: str
    tier: Tier
    folder: Path
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """What one manifest file said.

    Attributes:
        stamp: of the file; ``None`` where it must be read again.
        name: that the folders gave it.
        digest: of its bytes; empty where they could not be read.
    """

    stamp: Stamp | None
    tier: Tier
    name: str
    digest: str
    said: Manifest | Refused


def read(place: Place, known: Reading | None, now: int) -> Reading:
    """Read a manifest, or take what is known of it where its path, size and times say that it is the same.

    Args:
        place: where it lies.
        known: of an earlier look at this path.
        now: Unix time in nanoseconds, not later than that of the walk which found the place.
    """
    stamp = _stamp(place, now)
    if known is not None and (known.tier is not place.tier or known.name != place.name):
        known = None
    if known is not None and stamp is not None and known.stamp == stamp:
        return known
    file = Path(place.file)
    digest = ""
    try:
        data = read_bytes(file)
        digest = digest_of(data)
        if known is not None and known.digest == digest:
            return replace(known, stamp=stamp)
        said: Manifest | Refused = parse_manifest(data, file, place.tier, place.name)
    except ManifestInvalid as fault:
        said = Refused(place.name or file.parent.name, "", place.tier, file.parent, fault.problems)
    return Reading(stamp, place.tier, place.name, digest, said)


def _stamp(place: Place, now: int) -> Stamp | None:
    """What tells that a file is unchanged; ``None`` where a change to come may not show in it.

    Source: git's rule for entries that are "racily clean".
    """
    status = place.status
    if status is None:
        return None
    changed, touched = status.st_mtime_ns, status.st_ctime_ns
    settled = COARSE_NS if not (changed % SECOND_NS and touched % SECOND_NS) else SETTLED_NS
    return (status.st_ino, status.st_size, changed, touched) if max(changed, touched) < now - settled else None
