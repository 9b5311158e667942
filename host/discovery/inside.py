"""Reading files of a folder and never one outside it, whatever links say and whoever changes them meanwhile."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path, PurePosixPath
from typing import Final

from host.discovery.folders import is_below

_BELOW_DESCRIPTORS: Final = os.open in os.supports_dir_fd
_NO_FOLLOW: Final = getattr(os, "O_NOFOLLOW", 0)
_FOLDER: Final = getattr(os, "O_DIRECTORY", 0)
# Without O_NONBLOCK, opening a pipe waits for its writer.
_FILE: Final = os.O_RDONLY | _NO_FOLLOW | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_PIECE: Final = 1 << 20

_REASONS: Final = {
    errno.ENOENT: "does not exist",
    errno.ENOTDIR: "does not exist",
    errno.EISDIR: "is a folder, and should be a file",
    errno.ELOOP: "is a link that leads nowhere",
    errno.ENAMETOOLONG: "has a name that is too long",
}


class NotInsideError(Exception):
    """A file that is not read; ``str()`` goes on where its name stops."""


def read_inside(folder: Path, relative: str, largest: int) -> bytes:
    """Read a file below a folder; a link is followed where it stays in the folder.

    Args:
        folder: absolute.
        relative: with ``/`` between names.
        largest: bytes.

    Raises:
        NotInsideError: it leads out, is not there, is no file, or is too large.
    """
    path = PurePosixPath(relative)
    if path.is_absolute() or ".." in path.parts or not path.parts or "\\" in relative or "\0" in relative:
        raise NotInsideError("leads out of the module")
    try:  # realpath too: what it looks at may change meanwhile
        real = os.path.realpath(folder)
        target = os.path.realpath(Path(real, path))
        if not is_below(target, real):
            raise NotInsideError(f"leads out of the module, to {target}")
        return _read(_open_below(real, Path(target).relative_to(real).parts), largest)
    except OSError as fault:
        raise NotInsideError(_reason(fault)) from None


def read_plain(path: str, largest: int) -> bytes:
    """Read a file that is no link.

    Raises:
        NotInsideError: it is not there, is no file, or is too large.
    """
    try:
        return _read(os.open(path, _FILE), largest)
    except OSError as fault:
        raise NotInsideError(_reason(fault)) from None


def _open_below(folder: str, names: tuple[str, ...]) -> int:
    """Open a file name by name, so that a folder that becomes a link meanwhile refuses instead of leading out."""
    if not _BELOW_DESCRIPTORS:
        return os.open(Path(folder, *names), _FILE)
    held = os.open(folder, os.O_RDONLY | _FOLDER)
    try:
        for name in names[:-1]:
            inner = os.open(name, os.O_RDONLY | _FOLDER | _NO_FOLLOW, dir_fd=held)
            os.close(held)
            held = inner
        return os.open(names[-1], _FILE, dir_fd=held)
    finally:
        os.close(held)


def _read(descriptor: int, largest: int) -> bytes:
    """Read an open file and close it."""
    try:
        mode = os.fstat(descriptor).st_mode
        if not stat.S_ISREG(mode):
            raise NotInsideError(_REASONS[errno.EISDIR] if stat.S_ISDIR(mode) else "is no plain file")
        pieces = []
        left = largest + 1
        while left and (piece := os.read(descriptor, min(left, _PIECE))):
            pieces.append(piece)
            left -= len(piece)
    finally:
        os.close(descriptor)
    if not left:
        raise NotInsideError(f"has over {largest >> 10} KiB")
    return b"".join(pieces)


def _reason(fault: OSError) -> str:
    return _REASONS.get(fault.errno or 0, f"cannot be read: {(fault.strerror or 'input error').lower()}")
