"""Judges settings by schemas in a process of its own: one pattern may take for ever, and then that alone ends."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from host.lifecycle.configuration import ConfigurationInvalid
from host.vocabulary.errors import HostError
from host.vocabulary.settings import SettingFault

LONGEST: Final = 2.0
"""Seconds of its processor's time that one schema and its settings may take."""
PATIENCE: Final = 20.0
"""Seconds that an answer may take on a busy machine, or where processes cannot be limited."""
START: Final = 20.0
"""Seconds within which the process must be ready."""
KEPT: Final = 30.0
"""Seconds that it stays when nobody asks: it holds 25 MB."""
LARGEST_ANSWER: Final = 64 << 20
_COMMAND: Final = (sys.executable, "-P", "-m", "host.lifecycle.judging")
_TOO_LONG: Final = -getattr(signal, "SIGPROF", 0)
"""How a process ends that computed for longer."""
_ROOT: Final = str(Path(__file__).parents[2])
_ENDLESS: Final = SettingFault(
    path=(), message=f"config.schema.json cannot be used: judging by it takes more than {LONGEST:.0f} s or 1 GiB"
)


class Judge:
    """Starts its process when it is first asked, and again after one that had to be ended."""

    def __init__(self) -> None:
        self._process: Process | None = None
        self._one_by_one = asyncio.Lock()
        self._leaving: asyncio.TimerHandle | None = None

    async def check(self, module: str, schema: Mapping[str, Any] | None, settings: Mapping[str, Any]) -> None:
        """Look whether settings, the defaults among them, are as the schema wants them.

        Raises:
            ConfigurationInvalid: the first fault.
        """
        found = await self.faults(schema, settings)
        if found:
            place = "".join(f".{each}" if isinstance(each, str) else f"[{each}]" for each in found[0].path)
            raise ConfigurationInvalid(module, f"${place}", found[0].message)

    async def faults(self, schema: Mapping[str, Any] | None, settings: Mapping[str, Any]) -> tuple[SettingFault, ...]:
        """As ``lifecycle.faults.faults``; a schema that cannot judge in time is one fault, of the whole.

        Raises:
            HostError: no process can be had.
        """
        if schema is None:
            return ()
        try:
            question = json.dumps((schema, settings), allow_nan=False).encode()
        except (TypeError, ValueError, RecursionError) as error:
            return (SettingFault(path=(), message=f"JSON cannot say it ({error})"),)
        async with self._one_by_one:
            answer = await self._answer(question)
            if answer == b"":  # it ended, and perhaps not for what it was asked
                answer = await self._answer(question)
        if not answer:
            return (_ENDLESS,)
        return tuple(SettingFault(path=tuple(path), message=message) for path, message in json.loads(answer))

    async def close(self) -> None:
        """End the process."""
        async with self._one_by_one:
            await self._end()

    async def _answer(self, question: bytes) -> bytes | None:
        """Ask; empty where the process ended, ``None`` where that was because it took too long."""
        answer: bytes | None = None
        try:
            process = await self._ready()
            assert process.stdin is not None  # noqa: S101 - it was asked for
            with suppress(TimeoutError):
                async with asyncio.timeout(PATIENCE):
                    answer = await _asked(process, process.stdin, question)
        finally:  # also where who asks was cancelled: what it asked is not the next one's answer
            if not answer:
                await self._end()
        self._leaving = asyncio.get_running_loop().call_later(KEPT, self._leave)
        return answer

    async def _ready(self) -> Process:
        """Have the process there.

        Raises:
            HostError: it cannot be started.
        """
        if self._leaving is not None:
            self._leaving.cancel()
        if self._process is not None and self._process.stdin is not None:
            if self._process.returncode is None and not self._process.stdin.is_closing():
                return self._process
            await self._end()
        environment = {**os.environ, "PYTHONPATH": _ROOT}
        try:
            self._process = await asyncio.create_subprocess_exec(
                *_COMMAND, str(LONGEST), stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env=environment, limit=LARGEST_ANSWER
            )
            async with asyncio.timeout(START):
                ready = await _line(self._process)
        except (OSError, TimeoutError) as error:
            raise HostError(f"settings cannot be judged: no process for it can be started ({error})") from None
        if not ready:
            raise HostError("settings cannot be judged: the process that does it ended as it started")
        return self._process

    def _leave(self) -> None:
        """Let it end: nobody asked for a while."""
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()

    async def _end(self) -> None:
        if self._leaving is not None:
            self._leaving.cancel()
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()
        self._process = self._leaving = None


async def _asked(process: Process, stdin: asyncio.StreamWriter, question: bytes) -> bytes | None:
    """As ``Judge._answer``, without a limit of time."""
    answer = b""
    with suppress(ConnectionError):
        stdin.write(question + b"\n")
        await stdin.drain()
        answer = await _line(process)
    return answer if answer or await process.wait() != _TOO_LONG else None


async def _line(process: Process) -> bytes:
    """A whole line; empty where there is none."""
    assert process.stdout is not None  # noqa: S101 - it was asked for
    try:
        line = await process.stdout.readline()
    except ValueError:  # over the limit of the stream
        return b""
    return line if line.endswith(b"\n") else b""
