"""Zip files: made so that the same files are the same bytes, and read so that nobody can do harm with one."""

from __future__ import annotations

import stat
import zipfile
import zlib
from collections.abc import Mapping
from io import BytesIO
from struct import error as StructError  # noqa: N812 - an exception class, named as one
from typing import Final

from host.packages.names import collision, fault_of_path
from host.vocabulary.manifest import MIB

LARGEST_PACKAGE: Final = 64 * MIB
LARGEST_FILE: Final = 16 * MIB
LARGEST_WHOLE: Final = 64 * MIB
MOST_FILES: Final = 4096
MOST_RATIO: Final = 100
"""How many times its own size a package may become, where that is over one MiB."""

_ENTRY: Final = b"PK\x01\x02"
_LISTED: Final = 20_000
"""Entries up to which a directory is read at all; each costs its reader 600 bytes."""
_ENCRYPTED: Final = 0x1 | 0x40 | 0x2000
_UTF8: Final = 0x800
_PIECE: Final = 1 << 16
_UNIX: Final = 3
_EARLIEST: Final = (1980, 1, 1, 0, 0, 0)
_HOW: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_UNREADABLE: Final = (
    *(zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, StructError),
    *(OverflowError, ValueError, OSError, AttributeError, IndexError),
)
"""What ``zipfile`` raises at bytes that are no zip file."""


class ArchiveWrongError(Exception):
    """A zip file that is not read; ``str()`` goes on where its name stops."""


def archived(files: Mapping[str, bytes]) -> bytes:
    """Make a zip file; the same files in the same order are the same bytes, on every system.

    Nothing is compressed: how it would be is the system's choice, and a package that grows when it is opened is none of
    ours.
    """
    whole = BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_STORED, allowZip64=False) as archive:
        for path, data in files.items():
            entry = zipfile.ZipInfo(path, _EARLIEST)
            entry.create_system = _UNIX
            entry.external_attr = (stat.S_IFREG | 0o644) << 16
            archive.writestr(entry, data)
    return whole.getvalue()


def read_archive(data: bytes) -> dict[str, bytes]:
    """Read all files of a zip file, each into memory and none onto a disk.

    Raises:
        ArchiveWrongError: it is none, or it holds what no package may: paths that lead out or mean two things, links,
            anything encrypted, too much.
    """
    if len(data) > LARGEST_PACKAGE:
        raise ArchiveWrongError(f"has over {LARGEST_PACKAGE // MIB} MiB")
    if data.count(_ENTRY) > _LISTED:
        raise ArchiveWrongError(f"has over {MOST_FILES} files")
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            listed = (entry for entry in archive.infolist() if not _is_hidden(entry.orig_filename))
            entries = [entry for entry in listed if not _is_folder(entry)]
            _look_at(entries)
            return _contents(archive, entries, len(data))
    except _UNREADABLE as fault:
        raise ArchiveWrongError(f"is no zip file that can be read ({_first_line(fault)})") from None


def _look_at(entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > MOST_FILES:
        raise ArchiveWrongError(f"has over {MOST_FILES} files")
    names = [entry.filename for entry in entries]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise ArchiveWrongError(f"holds {_shown(twice)} twice")
    if (two := collision(names)) is not None:
        raise ArchiveWrongError(f"holds {_shown(two[0])} and {_shown(two[1])}, which some systems take for one")


def _is_hidden(name: str) -> bool:
    """Whether an entry is left out, as hidden files of a module's folder are."""
    return any(part.startswith(".") and part.strip(".") for part in name.split("/"))


def _is_folder(entry: zipfile.ZipInfo) -> bool:
    """Whether an entry is a folder, which says nothing that its files do not; all others are looked at."""
    name = entry.orig_filename
    folder = name.endswith("/")
    fault = "is not said the same way twice" if name != entry.filename else fault_of_path(name.removesuffix("/"))
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if not fault and not name.isascii() and not entry.flag_bits & _UTF8:
        fault = "is not marked as UTF-8"
    elif not fault and kind not in {0, stat.S_IFDIR if folder else stat.S_IFREG}:
        fault = "is a link" if kind == stat.S_IFLNK else "is no plain file"
    elif not fault and entry.flag_bits & _ENCRYPTED:
        fault = "is encrypted"
    elif not fault and entry.compress_type not in _HOW:
        fault = "is compressed in a way that is not read here; use deflate"
    elif not fault and folder and entry.file_size:
        fault = "is a folder with contents of its own"
    if fault:
        raise ArchiveWrongError(f"holds {_shown(name)}, which {fault}")
    return folder


def _contents(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo], packed: int) -> dict[str, bytes]:
    """Unpack, and count what comes; what the directory says of sizes is not believed."""
    room = min(LARGEST_WHOLE, max(MIB, packed * MOST_RATIO))
    found: dict[str, bytes] = {}
    for entry in entries:
        pieces: list[bytes] = []
        size = 0
        with archive.open(entry) as stream:
            while piece := stream.read(_PIECE):
                size += len(piece)
                if size > LARGEST_FILE:
                    raise ArchiveWrongError(f"holds {_shown(entry.filename)}, which has over {LARGEST_FILE // MIB} MiB")
                if size > room:
                    raise ArchiveWrongError("becomes too much when it is unpacked")
                pieces.append(piece)
        room -= size
        found[entry.filename] = b"".join(pieces)
    return found


def _shown(name: str) -> str:
    return repr(name if len(name) <= 80 else f"{name[:79]}\u2026")


def _first_line(fault: Exception) -> str:
    said = str(fault).partition("\n")[0][:120]
    return said or type(fault).__name__
