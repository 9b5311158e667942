"""Programs, in the name of whoever calls: a list of words and no shell, ended with all that they started."""

import asyncio
import os
import secrets
from asyncio.subprocess import PIPE, Process, SubprocessStreamProtocol
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from host.lifecycle.native_data import Data
from host.trust.caller import Caller
from host.trust.gate import Gate
from host.trust.places import PathUnclear

from .descendants import MARK, Family

MIB = 1 << 20
MOST_OUTPUT = 16 * MIB  # bytes of each of the two streams, at most
GRACE = 2.0  # seconds from asking a program to end to ending it
LEFT = "the program was ended, as the module that ran it was replaced or is gone"
CHUNK = 1 << 16
MOST_LINES = 1000  # that wait to be taken
MOST_AT_ONCE = 50  # programs of one module
OnLine = Callable[[str, bytes], Awaitable[None]]
PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "USER")  # of the host's environment

LOADERS = ("LD_", "DYLD_", "GCONV_PATH", "LOCPATH", "PATH")  # they have a program load, or start, what they name


def functions(_folder: Path, gate: Gate) -> dict[str, Callable[..., Any]]:
    """What Lua finds in ``host.native``."""
    programs = Programs(gate)
    return {"follow": programs.follow, "leave": programs.leave, "lines": programs.lines, "run": programs.run}


class Programs:
    """Starts programs, and ends them with whoever asked for them."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._running: dict[Running, Caller] = {}
        self._followed: dict[str, Followed] = {}
        self._run = Counter[Caller]()
        self._leaving: set[asyncio.Task[None]] = set()

    async def run(self, caller: Caller, program: str, options: Data) -> Data:
        """Run one to its end; what it said."""
        self._look_how_many(caller)
        self._run[caller] += 1
        try:
            return await self._to_end(caller, program, options)
        finally:
            self._run[caller] -= 1
            self._run += Counter()  # without those that run none

    async def _to_end(self, caller: Caller, program: str, options: Data) -> Data:
        running = await self._started(caller, program, options)
        try:
            async with asyncio.timeout(options.get("timeout")):
                return await running.to_end(options.get("stdin"))
        except TimeoutError:
            await running.end()
            return running.late()
        finally:
            self._running.pop(running, None)
            await running.leave()  # whoever waited may be gone

    async def follow(self, caller: Caller, program: str, options: Data) -> str:
        """Start one whose lines are asked for; the word for it."""
        self._look_how_many(caller)
        running = await self._started(caller, program, options)
        word = secrets.token_hex(8)
        self._followed[word] = Followed(caller, running, options)
        return word

    async def lines(self, caller: Caller, word: str) -> Data:
        """Wait for lines: each with its stream; none any more: what ``run`` gives."""
        followed = self._of(caller, word)
        try:
            found = await followed.next()
        except BaseException:
            await self.leave(caller, word)
            raise
        if found:
            return {"lines": found}
        answer = followed.answer()
        await self.leave(caller, word)
        return answer

    async def leave(self, caller: Caller, word: str) -> None:
        """End one and forget it."""
        followed = self._followed.get(word)
        if followed is not None and followed.caller is caller:
            del self._followed[word]
            self._running.pop(followed.running, None)
            await followed.leave()

    def _look_how_many(self, caller: Caller) -> None:
        followed = sum(each.caller is caller for each in self._followed.values())
        if followed + self._run[caller] >= MOST_AT_ONCE:
            raise OSError(f"more than {MOST_AT_ONCE} programs at a time; wait for some to end")

    def _of(self, caller: Caller, word: str) -> "Followed":
        followed = self._followed.get(word)
        if followed is None or followed.caller is not caller:
            raise OSError("that program is no longer followed")
        return followed

    def _end(self, caller: Caller) -> None:
        """End all that a module runs, at once: also where it comes back from a swap, it finds them ended."""
        for running in [running for running, each in self._running.items() if each is caller]:
            del self._running[running]
            running.give_up()
        for word in [word for word, each in self._followed.items() if each.caller is caller]:
            followed = self._followed.pop(word)
            task = asyncio.get_running_loop().create_task(followed.leave(), name="exec leaves a program")
            self._leaving.add(task)
            task.add_done_callback(self._leaving.discard)

    async def _started(self, caller: Caller, program: str, options: Data) -> "Running":
        gate, most, mark = self._gate, int(options.get("max_output") or MIB), secrets.token_hex(16)
        words = [os.fsencode(each) for each in options.get("args") or []]
        path = gate.program(caller, program, details={"args": options.get("args") or []})
        folder = folder_of(gate, caller, options.get("workdir"))
        variables = environment(gate, caller, options.get("env") or {})
        loop = asyncio.get_running_loop()
        starting = asyncio.ensure_future(loop.subprocess_exec(
            lambda: Ending(CHUNK, loop), program, *words, executable=path, cwd=folder, env=variables | {MARK: mark},
            stdin=PIPE, stdout=PIPE, stderr=PIPE, start_new_session=True,
        ))  # fmt: skip
        try:
            # Cancelled within it, asyncio ends the program and leaves its children.
            await asyncio.shield(starting)
        except asyncio.CancelledError:
            await Running(*await starting, mark, most).leave()
            raise
        running = Running(*starting.result(), mark, most)
        self._running[running] = caller
        caller.at_end[self] = partial(self._end, caller)
        return running


class Followed:
    """A program whose lines are asked for as they come; it is held up while nobody asks."""

    def __init__(self, caller: Caller, running: "Running", options: Data) -> None:
        self.caller = caller
        self.running = running
        self._lines: asyncio.Queue[tuple[str, bytes] | None] = asyncio.Queue(MOST_LINES)
        self._timed_out = False
        self._task = asyncio.get_running_loop().create_task(self._follow(options), name="exec follows a program")

    async def next(self) -> list[Data]:
        """Wait for lines, and take what there is; none any more where it has ended."""
        found = [await self._lines.get()]
        while not self._lines.empty() and found[-1] is not None:
            found.append(self._lines.get_nowait())
        if found[-1] is None:
            self._lines.put_nowait(None)
        return [{"stream": each[0], "text": each[1]} for each in found if each is not None]

    def answer(self) -> Data:
        return self.running.late() if self._timed_out else self.running.answer()

    async def leave(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        while not self._lines.empty():
            self._lines.get_nowait()
        self._lines.put_nowait(None)  # somebody may wait
        await self.running.leave()

    async def _follow(self, options: Data) -> None:
        try:
            async with asyncio.timeout(options.get("timeout")):
                await self.running.to_end(options.get("stdin"), self._take)
        except TimeoutError:
            self._timed_out = True
            await self.running.end()
        finally:
            while self._lines.full() and self._timed_out:
                self._lines.get_nowait()
        await self._lines.put(None)

    async def _take(self, stream: str, line: bytes) -> None:
        await self._lines.put((stream, line))


def folder_of(gate: Gate, caller: Caller, path: str | None) -> Path:
    """The folder in which a program runs: one that the module may read, or its own."""
    if path is None:
        caller.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return caller.folder
    try:
        with gate.at(caller, "fs.read", path) as place:
            return Path(place.real)
    except PathUnclear as fault:
        raise OSError(str(fault)) from None


def environment(gate: Gate, caller: Caller, given: dict[str, str]) -> dict[str, str]:
    """A few harmless variables of the host's, and what the module gives; ``true`` hands one of the host's on."""
    variables = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    for name, value in given.items():
        if not isinstance(name, str) or not name or "=" in name or "\0" in name or "\0" in str(value):
            raise OSError("a variable has a name without = and NUL, and a value without NUL")
        if name.startswith(LOADERS):
            raise OSError(f"{name} is handed to no program: with it, any program runs any code")
        if value is True:
            found = gate.variable(caller, name)
            if found is not None:
                variables[name] = found
        else:
            variables[name] = str(value)
    return variables


class Ending(SubprocessStreamProtocol):
    """The pipes of a program; and when it has ended, which asyncio tells when its pipes are closed, too.

    Children may hold them open, and what nobody reads keeps them so.
    """

    def __init__(self, limit: int, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(limit, loop)
        self.loop = loop
        self.ended = asyncio.Event()

    def process_exited(self) -> None:
        super().process_exited()
        self.ended.set()


class Running:
    """A program that runs, with all that it starts: they share a session of their own, or a mark."""

    def __init__(self, transport: asyncio.SubprocessTransport, protocol: Ending, mark: str, most: int) -> None:
        self._transport = transport
        self._ended = protocol.ended
        self._process = Process(transport, protocol, protocol.loop)
        self._family = Family(self._process.pid, mark)
        self._most = min(most, MOST_OUTPUT)
        self._said: dict[str, bytearray] = {"stdout": bytearray(), "stderr": bytearray()}
        self._cut = False
        self._given_up = False

    async def to_end(self, given: str | bytes | None, on_line: OnLine | None = None) -> Data:
        """Wait until it has ended; gives what it said, or tells each line of it and keeps none."""
        process = self._process
        assert process.stdout is not None  # noqa: S101 - it was asked for
        assert process.stderr is not None  # noqa: S101 - the same
        await asyncio.gather(
            self._feed(given),
            self._read("stdout", process.stdout, on_line),
            self._read("stderr", process.stderr, on_line),
        )
        await self._ended.wait()
        return self.answer()

    def answer(self) -> Data:
        """What it said and how it ended.

        Raises:
            OSError: it was given up.
        """
        if self._given_up:
            raise OSError(LEFT)
        code = self._process.returncode
        said = {name: bytes(data) for name, data in self._said.items()}
        return {**said, "exit_code": code, "success": code == 0, "truncated": self._cut}

    def late(self) -> Data:
        """The same of one that took too long, whatever it says of itself."""
        return self.answer() | {"timed_out": True, "success": False}

    async def end(self) -> None:
        """Ask it to end, and end it with its children where it does not."""
        self._family.ask_to_end()
        with suppress(TimeoutError):
            async with asyncio.timeout(GRACE):
                await self._ended.wait()
        await asyncio.to_thread(self._family.end)
        await self._ended.wait()

    def give_up(self) -> None:
        """End it now; whoever waits for it is told."""
        self._given_up = True
        self._family.end()

    async def leave(self) -> None:
        """End what still runs of it, and close its pipes, which somebody may hold open."""
        await asyncio.to_thread(self._family.end)
        await self._ended.wait()
        self._transport.close()
        await asyncio.sleep(0)  # in which they are

    async def _feed(self, given: str | bytes | None) -> None:
        stdin = self._process.stdin
        assert stdin is not None  # noqa: S101 - the same
        with suppress(BrokenPipeError, ConnectionResetError):  # it need not read
            if given is not None:
                stdin.write(given if isinstance(given, bytes) else given.encode())
                await stdin.drain()
        stdin.close()

    async def _read(self, name: str, stream: asyncio.StreamReader, on_line: OnLine | None) -> None:
        """Read all of it, and keep what there is room for: a program that says too much is not held up."""
        if on_line is not None:
            await self._split(name, stream, on_line)
            return
        kept = self._said[name]
        while data := await stream.read(CHUNK):
            room = self._most - len(kept)
            kept += data[:room]
            self._cut = self._cut or len(data) > room

    async def _split(self, name: str, stream: asyncio.StreamReader, on_line: OnLine) -> None:
        """Tell each line, cut where it is longer than may be kept."""
        begun = b""
        while data := await stream.read(CHUNK):
            *lines, begun = (begun + data).split(b"\n")
            for line in lines:
                await on_line(name, line[: self._most])
            self._cut = self._cut or len(begun) > self._most
            begun = begun[: self._most]
        if begun:
            await on_line(name, begun)
