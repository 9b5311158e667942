"""One host on a data folder: a lock that the kernel holds, so that it goes with its process however that ends.

It is on the folder itself, since a file in it can be removed while its lock is held, and another made and locked.
"""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from host.vocabulary.errors import HostBusy
from host.vocabulary.marker import MARKER_NAME, read_marker

LOCK_NAME: Final = "host.lock"

if sys.platform == "win32":
    import msvcrt

    _BEYOND: Final = 1 << 20  # Windows forbids reading what is locked, and the process id must be readable

    def _try_lock(descriptor: int) -> bool:
        os.lseek(descriptor, _BEYOND, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        os.lseek(descriptor, 0, os.SEEK_SET)
        return True

    def _lock_folder(folder: Path, descriptor: int, undo: ExitStack) -> bool:
        """Lock the file: there, nobody can remove what is open."""
        del folder, undo
        return _try_lock(descriptor)
else:
    import fcntl

    def _try_lock(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _lock_folder(folder: Path, descriptor: int, undo: ExitStack) -> bool:
        """Lock the folder; the file in its place where it is on a file system that locks none, as NFS is."""
        itself = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        undo.callback(os.close, itself)
        try:
            return _try_lock(itself)
        except OSError:
            return _try_lock(descriptor)


_named = 0


def hold_for(process: int) -> None:
    """Have refusals name another process in place of this one: that which would start this one again."""
    global _named  # noqa: PLW0603 - a fact of this process, known before there is a host
    _named = process


class FolderLock:
    """Held from the start to ``release`` or the end of the process; the file stays, it says who was last."""

    def __init__(self, folder: Path) -> None:
        """Take the lock.

        Raises:
            HostBusy: another holds it.
            OSError: the folder takes no file.
        """
        with ExitStack() as undo:
            descriptor = os.open(folder / LOCK_NAME, os.O_RDWR | os.O_CREAT, 0o600)
            undo.callback(os.close, descriptor)
            if not _lock_folder(folder, descriptor, undo):
                raise HostBusy(str(folder), _holder(folder, descriptor))
            os.ftruncate(descriptor, 0)
            os.write(descriptor, str(_named or os.getpid()).encode())
            self._close: Final = undo.pop_all()

    def release(self) -> None:
        self._close.close()


def _holder(folder: Path, descriptor: int) -> int:
    """The process id in the file, else in the crash marker; 0 where its holder has written neither yet."""
    text = os.pread(descriptor, 20, 0) if hasattr(os, "pread") else os.read(descriptor, 20)
    if text.isdigit():
        return int(text)
    marker = read_marker(folder / MARKER_NAME)
    return marker.pid if marker is not None and marker.running else 0
