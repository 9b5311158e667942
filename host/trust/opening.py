"""Opening a place that was judged and no other, whoever changes the folders on the way meanwhile.

A real path has no link in it. It is walked name by name from the top, each folder held open while the next one is
opened below it, and no link followed: what became a link since refuses. Source: ``openat(2)``; CWE-367.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import PurePath
from typing import BinaryIO, Final, Literal

_BELOW_DESCRIPTORS: Final = os.open in os.supports_dir_fd and hasattr(os, "O_NOFOLLOW")
_FOLDER: Final = getattr(os, "O_PATH", os.O_RDONLY) | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0)
# Without O_NONBLOCK, opening a pipe waits for whoever holds its other end.
_PLAIN: Final = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
_WRITING: Final = {"wb": 0, "ab": os.O_APPEND, "xb": os.O_EXCL}

Writing = Literal["wb", "ab", "xb"]
"""In place of what is there, after it, only where nothing is."""


@dataclass(frozen=True, slots=True)
class Held:
    """A folder that is held open, and a name in it: for ``os`` functions with ``dir_fd`` and without following links.

    Attributes:
        folder: descriptor, closed by whoever gave it.
        name: of the file or folder; ``.`` where the place is the top of all folders.
        real: its whole path, as it was when it was judged; to be shown, not to be opened.
    """

    folder: int
    name: str
    real: str


@contextmanager
def held(real: str, *, make: bool = False) -> Iterator[Held]:
    """Hold the folder of a real path open.

    Args:
        real: absolute, without links.
        make: the folders on the way that are not there.

    Raises:
        OSError: one is not there, or is a link by now; this system cannot hold folders.
    """
    if not _BELOW_DESCRIPTORS:
        raise OSError(errno.ENOTSUP, "files of the user can be opened safely on Linux and macOS only")
    names = PurePath(real).parts[1:]
    folder = os.open(os.sep, _FOLDER)
    try:
        for name in names[:-1]:
            inner = _inner(folder, name, make=make)
            os.close(folder)
            folder = inner
        yield Held(folder, names[-1] if names else os.curdir, real)
    finally:
        os.close(folder)


def open_reading(place: Held) -> BinaryIO:
    """Open a plain file to be read.

    Raises:
        OSError: it is not there, or is no plain file.
    """
    return os.fdopen(_opened(place, os.O_RDONLY | _PLAIN), "rb")


def open_writing(place: Held, mode: Writing) -> BinaryIO:
    """Open a plain file to be written, for its user alone where it is new.

    Args:
        place: of the file.
        mode: ``wb`` in place of what is there, ``ab`` after it, ``xb`` only where nothing is.

    Raises:
        OSError: as for reading; with ``xb`` something is there.
    """
    descriptor = _opened(place, os.O_WRONLY | os.O_CREAT | _WRITING[mode] | _PLAIN)
    try:
        if mode == "wb":
            os.ftruncate(descriptor, 0)  # only now is it known to be a plain file
        return os.fdopen(descriptor, mode)
    except BaseException:
        os.close(descriptor)
        raise


def _inner(folder: int, name: str, *, make: bool) -> int:
    try:
        return os.open(name, _FOLDER, dir_fd=folder)
    except FileNotFoundError:
        if not make:
            raise
    with suppress(FileExistsError):  # whoever made it meanwhile: what it is shows when it is opened
        os.mkdir(name, 0o700, dir_fd=folder)
    return os.open(name, _FOLDER, dir_fd=folder)


def _opened(place: Held, flags: int) -> int:
    descriptor = os.open(place.name, flags, 0o600, dir_fd=place.folder)
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISREG(mode):
        return descriptor
    os.close(descriptor)
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    raise OSError(errno.EINVAL, "is no plain file")
