"""What manifests said, kept in the data folder, so that the next start reads none that is unchanged.

Each set of roots has a file of its own. Nothing is lost with it: one that is missing, damaged, or made by another
version of the host is a cold start.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Final

import msgspec

from host.discovery.garbage import uncollected
from host.discovery.inside import NotInsideError, read_plain
from host.discovery.reading import Reading, Refused, Stamp
from host.discovery.repository import Readings
from host.vocabulary.identity import HOST_VERSION, Tier
from host.vocabulary.manifest import Manifest
from host.vocabulary.packing import plain, revived

LARGEST: Final = 256 << 20
MOST_SETS: Final = 4
"""Sets of roots of which something is kept, those that were written last."""

_DIGEST: Final = 16


class _Row(msgspec.Struct, array_like=True, gc=False):
    """A reading as it is kept: of what it said, one is ``None``."""

    file: str
    stamp: Stamp | None
    tier: Tier
    name: str
    digest: str
    manifest: Manifest | None
    refused: Refused | None


class ManifestCache:
    """Readings of some roots in a file; several hosts may share it, the last one wins."""

    def __init__(self, data: Path, roots: Iterable[Path]) -> None:
        """Name the data folder and the folders of modules; nothing is read yet."""
        named = _digest(b"\0".join(sorted(os.fsencode(root.absolute()) for root in roots))).hex()
        self.file: Final = data / f"manifests-{named[:_DIGEST]}.cache"
        self._kept: Readings = {}

    @uncollected()
    def read(self) -> Readings:
        """What is kept; nothing where it cannot be used."""
        try:
            data = read_plain(str(self.file), LARGEST)
        except NotInsideError:
            return {}
        payload = data[2 * _DIGEST :]
        if data[: 2 * _DIGEST] != maker() + _digest(payload):
            return {}
        try:
            rows = msgspec.msgpack.decode(payload, type=list[_Row], dec_hook=revived)
        except (msgspec.MsgspecError, RecursionError):
            return {}
        said = ((row, row.manifest or row.refused) for row in rows)
        self._kept = {row.file: _reading(row, each) for row, each in said if each is not None}
        return self._kept

    def write(self, readings: Readings) -> None:
        """Keep what is settled, where that is not what is kept; nothing where nothing can be written."""
        settled = {file: reading for file, reading in readings.items() if reading.stamp is not None}
        if settled == self._kept:
            return
        # A folder's name may be no text; nothing is kept then.
        with suppress(OSError, UnicodeEncodeError):
            payload = msgspec.msgpack.encode([_row(*item) for item in settled.items()], enc_hook=plain)
            _replace(self.file, maker() + _digest(payload) + payload)
            self._kept = settled
            _prune(self.file.parent)


def _reading(row: _Row, said: Manifest | Refused) -> Reading:
    return Reading(row.stamp, row.tier, row.name, row.digest, said)


def _row(file: str, reading: Reading) -> _Row:
    manifest, refused = (reading.said, None) if isinstance(reading.said, Manifest) else (None, reading.said)
    return _Row(file, reading.stamp, reading.tier, reading.name, reading.digest, manifest, refused)


def _replace(file: Path, data: bytes) -> None:
    """Put a file in place as a whole: nobody reads half of it."""
    descriptor, temporary = tempfile.mkstemp(prefix=f"{file.name}.", dir=file.parent)
    try:
        with open(descriptor, "wb") as stream:  # noqa: PTH123 - a descriptor
            stream.write(data)
        os.replace(temporary, file)  # noqa: PTH105 - both are names
    except BaseException:
        os.unlink(temporary)  # noqa: PTH108 - a name
        raise


def _prune(data: Path) -> None:
    """Leave the files that were written last."""
    written = sorted(data.glob("manifests*.cache"), key=lambda file: file.stat().st_mtime_ns)
    for file in written[:-MOST_SETS]:
        file.unlink()


def _digest(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=_DIGEST).digest()


@cache
def maker() -> bytes:
    """Which host reads manifests: another version of it, or of these files, may read them in another way."""
    whole = [HOST_VERSION]
    for package in (Path(__file__).parent, Path(__file__).parents[1] / "vocabulary"):
        with suppress(OSError), os.scandir(package) as entries:
            files = sorted((entry.name, entry.stat()) for entry in entries if entry.name.endswith(".py"))
            whole += [f"{name} {status.st_size} {status.st_mtime_ns}" for name, status in files]
    return _digest("\n".join(whole).encode())
