"""The engine as a child process: started, heard, logged, ended."""

from __future__ import annotations

import asyncio
import os
import subprocess
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Final, TypeVar

from host.protocol.beside import READY

T = TypeVar("T")

LOG_NAME: Final = "engine.log"
LOG_BYTES: Final = 1 << 20
"""A log this large is put aside at the next start; the one put aside before goes."""

WORDS: Final = 4096
"""Bytes from the end of the log within which the last line is looked for."""


class EngineProcess:
    """One run of the engine.

    Args:
        command: what to run.
        data: the data folder, where its log lies.

    Attributes:
        ready: true when it says so, false when its stdout ended before.
        ended: its exit status, as ``subprocess`` counts them.

    Raises:
        OSError: the command cannot be run.
    """

    def __init__(self, command: Sequence[str], data: Path) -> None:
        loop = asyncio.get_running_loop()
        self.ready: Final[asyncio.Future[bool]] = loop.create_future()
        self.ended: Final[asyncio.Future[int]] = loop.create_future()
        self._log: Final = data / LOG_NAME
        with _opened_log(self._log) as log:
            self._begin: Final = log.tell()
            self._child: Final = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,  # Ctrl-C in the terminal is for the window, which then ends the engine
            )
        # Threads and not asyncio's own children: the same under every loop, and the end of the child is seen even
        # where a child of the child still holds its stdout.
        self._waiting: Final = threading.Thread(target=self._wait, args=(loop,), name="engine", daemon=True)
        self._waiting.start()
        threading.Thread(target=self._listen, args=(loop,), name="engine", daemon=True).start()

    @property
    def pid(self) -> int:
        return self._child.pid

    def last_words(self) -> str:
        """Return the last line in its log, printable; empty where this run wrote none."""
        try:
            with self._log.open("rb") as log:
                end = log.seek(0, os.SEEK_END)
                log.seek(max(self._begin, end - WORDS))
                lines = log.read().decode(errors="replace").split("\n")
        except OSError:
            return ""
        last = next((line.strip() for line in reversed(lines) if line.strip()), "")
        return "".join(character if character.isprintable() else " " for character in last)

    def kill(self) -> None:
        self._child.kill()

    async def end(self, within_s: float) -> None:
        """Close its stdin, which asks it to end; kill it where it does not in time. Done when it has ended."""
        if self._child.stdin is not None:
            with suppress(OSError):  # it is gone already
                self._child.stdin.close()
        await asyncio.wait({self.ended}, timeout=within_s)
        if not self.ended.done():
            self.kill()
            await asyncio.wait({self.ended})
        self._waiting.join()  # it has told; Python must not end while it is still inside of Qt's loop

    def _listen(self, loop: asyncio.AbstractEventLoop) -> None:
        assert self._child.stdout is not None  # noqa: S101 - it was asked for
        with self._child.stdout as heard, _opened_log(self._log) as log:
            for line in heard:
                if line == READY:
                    _settle(loop, self.ready, True)
                else:
                    log.write(line)
                    log.flush()
        if not self.ready.done():
            _settle(loop, self.ready, False)

    def _wait(self, loop: asyncio.AbstractEventLoop) -> None:
        _settle(loop, self.ended, self._child.wait())


def _settle(loop: asyncio.AbstractEventLoop, future: asyncio.Future[T], value: T) -> None:
    """Set a result from another thread, unless it was set, or nobody can wait for it any more."""

    def settle() -> None:
        if not future.done():
            future.set_result(value)

    with suppress(RuntimeError):  # the loop was closed first
        loop.call_soon_threadsafe(settle)


def rotate(data: Path) -> None:
    """Put the log aside where it has grown large."""
    log = data / LOG_NAME
    with suppress(OSError):  # none yet, or a folder that takes none
        if log.stat().st_size >= LOG_BYTES:
            log.replace(log.with_name(f"{LOG_NAME}.1"))


def exit_text(status: int) -> str:
    return f"killed by signal {-status}" if status < 0 else f"exit status {status}"


def _opened_log(file: Path) -> IO[bytes]:
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return file.open("ab")
    except OSError:  # a folder that takes no file; the engine says so itself
        return Path(os.devnull).open("ab")
