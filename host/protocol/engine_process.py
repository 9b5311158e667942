"""The engine as a child process: heard, logged, ended."""

from __future__ import annotations

import asyncio
import os
import threading
from contextlib import suppress
from typing import Final, TypeVar

from host.protocol.beside import READY
from host.protocol.launching import Launched, opened_log

T = TypeVar("T")

WORDS: Final = 4096
"""Bytes from the end of the log within which the last line is looked for."""


class EngineProcess:
    """One run of the engine.

    Attributes:
        ready: true when it says so, false when its stdout ended before.
        ended: its exit status, as ``subprocess`` counts them.
    """

    def __init__(self, launched: Launched) -> None:
        loop = asyncio.get_running_loop()
        self.ready: Final[asyncio.Future[bool]] = loop.create_future()
        self.ended: Final[asyncio.Future[int]] = loop.create_future()
        self._child, self._log, self._begin = launched
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
        with self._child.stdout as heard, opened_log(self._log) as log:
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


def exit_text(status: int) -> str:
    return f"killed by signal {-status}" if status < 0 else f"exit status {status}"
