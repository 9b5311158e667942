"""Starting the engine's process: its stdin and stdout are pipes, its errors go to a log in the data folder.

Nothing here needs an event loop: a window begins with this, and imports what it needs itself meanwhile.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Final, NamedTuple

LOG_NAME: Final = "engine.log"
LOG_BYTES: Final = 1 << 20
"""A log this large is put aside at the next start; the one put aside before goes."""

_END_S: Final = 5.0


class Launched(NamedTuple):
    """A process that was started; its log holds what it says from ``begin`` on, in bytes."""

    child: subprocess.Popen[bytes]
    log: Path
    begin: int

    def end(self) -> None:
        """Close its stdin, which asks it to end, and wait for that; kill it where it does not in time."""
        for pipe in (self.child.stdin, self.child.stdout):
            if pipe is not None:
                pipe.close()
        try:
            self.child.wait(_END_S)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()


def launched(command: Sequence[str], data: Path) -> Launched:
    """Start an engine.

    Args:
        command: what to run; it speaks as ``protocol.beside`` does.
        data: the data folder, where its log lies.

    Raises:
        OSError: the command cannot be run.
    """
    file = data / LOG_NAME
    _rotate(file)
    with opened_log(file) as log:
        begin = log.tell()
        child = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            start_new_session=True,  # Ctrl-C in the terminal is for the window, which then ends the engine
        )
    return Launched(child, file, begin)


def opened_log(file: Path) -> IO[bytes]:
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return file.open("ab")
    except OSError:  # a folder that takes no file; the engine says so itself
        return Path(os.devnull).open("ab")


def _rotate(log: Path) -> None:
    with suppress(OSError):  # none yet, or a folder that takes none
        if log.stat().st_size >= LOG_BYTES:
            log.replace(log.with_name(f"{LOG_NAME}.1"))
