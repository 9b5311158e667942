"""How a folder takes its place: whole or not at all, on disk before it counts."""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import chain
from pathlib import Path
from typing import Final

from host.discovery.folders import is_below

STAGE: Final = ".install-"
"""What the names of staging folders begin with; hidden, so that nobody takes them for modules."""

ABANDONED: Final = 3600.0
"""Seconds after which a staging folder is nobody's any more."""

_HERE: Final = -100
_EXCHANGE: Final = 2
_UNKNOWN: Final = frozenset({errno.ENOSYS, errno.EINVAL, errno.ENOTSUP})


@contextmanager
def staged(root: Path, files: Mapping[str, bytes]) -> Iterator[Path]:
    """Write files into a new hidden folder of ``root``, on the file system where they are to lie; it goes at the end.

    Args:
        root: the folder of modules.
        files: by paths that ``fault_of_path`` finds nothing wrong with.

    Returns:
        The folder that holds them.

    Raises:
        OSError: they could not be written; nothing of them remains.
    """
    _sweep(root)
    stage = Path(tempfile.mkdtemp(prefix=STAGE, dir=root))
    try:
        new = stage / "module"
        new.mkdir()
        for path, data in files.items():
            file = new / path
            file.parent.mkdir(parents=True, exist_ok=True)
            with file.open("xb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
        for folder, _, _ in os.walk(new, topdown=False):
            settle(Path(folder))
        yield new
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def settle(folder: Path) -> None:
    """See that what a folder lists is on disk, where the system can tell."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def exchanged(one: Path, other: Path) -> bool:
    """Let two folders change places in one moment; whether the system can.

    Raises:
        OSError: it can, and did not.

    Source: ``renameat2(2)``, ``RENAME_EXCHANGE``.
    """
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None) if os.name == "posix" else None
    if rename is None:
        return False
    if rename(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _EXCHANGE) == 0:
        return True
    number = ctypes.get_errno()
    if number in _UNKNOWN:
        return False
    raise OSError(number, os.strerror(number), str(other))


def _sweep(root: Path) -> None:
    """Remove what was left by a kill, in the root or beside a module; what is younger may be another host's work."""
    real = os.path.realpath(root)
    for left in chain.from_iterable(root.glob(f"{above}{STAGE}*") for above in ("", "*/", "*/*/")):
        with suppress(OSError):
            abandoned = left.lstat().st_mtime < time.time() - ABANDONED
            if abandoned and is_below(os.path.realpath(left), real):
                shutil.rmtree(left, ignore_errors=True)
