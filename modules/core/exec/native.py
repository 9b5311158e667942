"""Programs, in the name of whoever calls: a list of words and no shell, ended with all their children."""

import asyncio
import os
import signal
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from host.lifecycle.native_data import Data
from host.trust.caller import Caller
from host.trust.gate import Gate
from host.trust.places import PathUnclear

MIB = 1 << 20
MOST_OUTPUT = 16 * MIB  # bytes of each of the two streams, at most
GRACE = 2.0  # seconds from asking a program to end to ending it
CHUNK = 1 << 16
PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "USER")  # of the host's environment

LOADERS = ("LD_", "DYLD_", "GCONV_PATH", "LOCPATH")  # they have a program load what they name


def functions(_folder: Path, gate: Gate) -> dict[str, Callable[..., Any]]:
    """What Lua finds in ``host.native``."""

    async def run(caller: Caller, program: str, options: Data) -> Data:
        words = [os.fsencode(each) for each in options.get("args") or []]
        path = gate.program(caller, program, details={"args": options.get("args") or []})
        folder = folder_of(gate, caller, options.get("workdir"))
        variables = environment(gate, caller, options.get("env") or {})
        most = int(options.get("max_output") or MIB)
        starting = asyncio.ensure_future(asyncio.create_subprocess_exec(
            program, *words, executable=path, cwd=folder, env=variables,
            stdin=PIPE, stdout=PIPE, stderr=PIPE, start_new_session=True,
        ))  # fmt: skip
        try:
            # Cancelled within it, asyncio ends the program and leaves its children.
            await asyncio.shield(starting)
        except asyncio.CancelledError:
            await Running(await starting, most).leave()
            raise
        running = Running(starting.result(), most)
        try:
            async with asyncio.timeout(options.get("timeout")):
                return await running.to_end(options.get("stdin"))
        except TimeoutError:
            await running.end()
            return running.answer() | {"timed_out": True}
        finally:
            await running.leave()  # whoever waited may be gone

    return {"run": run}


def folder_of(gate: Gate, caller: Caller, path: str | None) -> Path | None:
    """The folder in which a program runs: one that the module may read, or its own."""
    if path is None:
        return caller.folder if caller.folder.is_dir() else None
    try:
        with gate.at(caller, "fs.read", path) as place:
            return Path(place.real)
    except PathUnclear as fault:
        raise OSError(str(fault)) from None


def environment(gate: Gate, caller: Caller, given: dict[str, str]) -> dict[str, str]:
    """A few harmless variables of the host's, and what the module gives; ``true`` hands one of the host's on."""
    variables = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    for name, value in given.items():
        if name.startswith(LOADERS):
            raise OSError(f"{name} is handed to no program: with it, any program runs any code")
        if value is True:
            found = gate.variable(caller, name)
            if found is not None:
                variables[name] = found
        else:
            variables[name] = str(value)
    return variables


class Running:
    """A program that runs, with all that it starts: they share a session of their own."""

    def __init__(self, process: Process, most: int) -> None:
        self._process = process
        self._most = min(most, MOST_OUTPUT)
        self._said: dict[str, bytearray] = {"stdout": bytearray(), "stderr": bytearray()}
        self._cut = False

    async def to_end(self, given: str | bytes | None) -> Data:
        """Wait until it has ended; gives what it said."""
        process = self._process
        assert process.stdout is not None  # noqa: S101 - it was asked for
        assert process.stderr is not None  # noqa: S101 - the same
        await asyncio.gather(
            self._feed(given), self._read("stdout", process.stdout), self._read("stderr", process.stderr)
        )
        await process.wait()
        return self.answer()

    def answer(self) -> Data:
        code = self._process.returncode
        said = {name: bytes(data) for name, data in self._said.items()}
        return {**said, "exit_code": code, "success": code == 0, "truncated": self._cut}

    async def end(self) -> None:
        """Ask it to end, and end it with its children where it does not."""
        self._signal(signal.SIGTERM)
        with suppress(TimeoutError):
            async with asyncio.timeout(GRACE):
                await self._process.wait()
        self.kill()
        await self._process.wait()

    def kill(self) -> None:
        self._signal(signal.SIGKILL)

    async def leave(self) -> None:
        """End what still runs of it, and close its pipes, which a child in a session of its own may hold open."""
        self.kill()
        await self._process.wait()
        self._process._transport.close()  # type: ignore[attr-defined]  # noqa: SLF001 - asyncio offers no other way
        await asyncio.sleep(0)  # in which they are

    def _signal(self, which: signal.Signals) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, which)  # the session's: children that outlive it, too

    async def _feed(self, given: str | bytes | None) -> None:
        stdin = self._process.stdin
        assert stdin is not None  # noqa: S101 - the same
        with suppress(BrokenPipeError, ConnectionResetError):  # it need not read
            if given is not None:
                stdin.write(given if isinstance(given, bytes) else given.encode())
                await stdin.drain()
        stdin.close()

    async def _read(self, name: str, stream: asyncio.StreamReader) -> None:
        """Read all of it, and keep what there is room for: a program that says too much is not held up."""
        kept = self._said[name]
        while data := await stream.read(CHUNK):
            room = self._most - len(kept)
            kept += data[:room]
            self._cut = self._cut or len(data) > room
