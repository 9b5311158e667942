"""Swaps into which a fault is put, beside a host with the same events and no swap."""

from __future__ import annotations

import asyncio
import os
import random
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread
from typing import Final

from host import Host, SwapFailed
from host.vocabulary.views import SwapReport
from tests.engine.place import Place

FAULTS: Final = {
    "raise": 'error("injected")',
    "loop": "while true do end",
    "memory": "local all = {} while true do all[#all + 1] = ('x'):rep(65536) .. #all end",
}
SAID: Final = {"raise": "injected", "loop": "50 ms", "memory": "4 MiB", "kill": "signal 9"}
WRONG: Final = {
    "entry": ("do return {hooks = {say = 1}} end", "hooks.say"),
    "pause": ("do return false, 'not now' end", "not now"),
    "getState": ("do return {users = {{}, {}, {socket = print}}} end", "state.users[3].socket is a function"),
    "init": ("do return false, 'not here' end", "not here"),
    "migrate": ("do return end", "migrate returned nothing"),
    "setState": ("do return false, 'too old' end", "too old"),
    "validate": ("do return false, 'is empty' end", "is empty"),
}
"""For each step, what is of the wrong kind, and what is said of it."""
KILLED: Final = ("entry", "init", "migrate", "setState", "validate")
"""Steps in which the process of a version that has one of its own is killed."""
STEPS: Final = {"entry": "prepare", "getState": "snapshot"}
"""As the report calls them, where that is another word."""

MODULE = """local armed = {}
local M = {hash = 0, count = 0}
local function hear(word)
    for at = 1, #word do M.hash = (M.hash * 33 + word:byte(at)) %% 4294967296 end
    M.count = M.count + 1
end
local function say(step) host.emit("say", step .. " of " .. M.name) end
M.hooks = {say = hear, relayed = hear}
M.exports = {arm = function(step, kind) armed[step] = kind end, edition = function() return "%(edition)s" end}
function M:init() say("init") host.every(1e6, print) %(init)s end
function M:pause()
    say("pause")
    %(pause)s
end
function M:resume() armed = {} end
function M:getState()
    if armed.getState then say("getState") end
    %(getState)s
    return {hash = self.hash, count = self.count}
end
function M:migrate(state) say("migrate") %(migrate)s return state end
function M:setState(state) say("setState") %(setState)s self.hash, self.count = state.hash, state.count end
function M:validate() say("validate") %(validate)s end
%(entry)s
return M"""
ARMED = """if armed.{step} == "wrong" then {wrong} end
    {others}"""
RELAY = """local M = {said = {}}
M.hooks = {say = function(word) M.said[#M.said + 1] = word end}
M.exports = {said = function() local said = M.said M.said = {} return said end}
function M:init()
    self:registerHook("say", function(word) host.emit("relayed", word .. " again") end, {priority = -1})
end
return M"""
LIMITS = '[limits]\ncall = "50 ms"\nmemory = "4 MiB"\n'
ISOLATED = 'isolation = "process"\n[limits]\ncall = "10 s"\n'


@dataclass(frozen=True, slots=True)
class Injection:
    """One fault: how many modules change, which of them has it, in which step, of which kind."""

    modules: int
    victim: int
    step: str
    kind: str

    @property
    def said(self) -> str:
        return WRONG[self.step][1] if self.kind == "wrong" else SAID[self.kind]

    @property
    def lua(self) -> str:
        return WRONG[self.step][0] if self.kind == "wrong" else FAULTS["loop" if self.kind == "kill" else self.kind]

    @property
    def version(self) -> str:
        """Of the module that has it."""
        return "3.0.0" if self.kind == "kill" else "2.0.0"


def injections(modules: int) -> Iterator[Injection]:
    """Every fault in every step of each of so many modules."""
    for victim in range(modules):
        for step in WRONG:
            for kind in (*FAULTS, "wrong"):
                yield Injection(modules, victim, step, kind)
        for step in KILLED:
            yield Injection(modules, victim, step, "kill")


def source(edition: str, **parts: str) -> str:
    """One version; of the old one ``pause`` and ``getState`` fail where an export armed them."""
    old = {
        step: ARMED.format(
            step=step,
            wrong=WRONG[step][0],
            others=" ".join(f'if armed.{step} == "{kind}" then {lua} end' for kind, lua in FAULTS.items()),
        )
        for step in ("pause", "getState")
    }
    blank = dict.fromkeys(WRONG, "")
    return MODULE % {**blank, **old, **parts, "edition": edition}


class Ship:
    """A host with modules that can change at once, and one beside it in which nothing ever does."""

    def __init__(self, folder: Path, host: Host, still: Host, modules: int) -> None:
        self._folder = folder
        self._names = [f"m{at}" for at in range(modules)]
        self.host = host
        self._still = still
        self._chance = random.Random(modules)
        self._words = 0

    async def swap(self, injection: Injection | None) -> SwapReport:
        """Swap all, with a fault in one of them or none, while others emit; gives what is reported."""
        if injection is not None:
            await self._put(injection)
        wanted = dict.fromkeys(self._names, "2.0.0")
        if injection is not None:
            wanted[self._names[injection.victim]] = injection.version
        emitting = asyncio.create_task(self._emit())
        killing = self._killing() if injection is not None and injection.kind == "kill" else nullcontext()
        try:
            with killing:
                return await self.host.swap(wanted)
        except SwapFailed as refusal:
            return refusal.report
        finally:
            emitting.cancel()
            await self.host.emit("say", "after")
            if injection is not None:
                self._entry(injection).write_text(source("new"))

    async def assert_as_if_it_never_happened(self) -> None:
        """What was emitted, told to the host beside, leads there to the same states; and the same things answer."""
        said = await self.host.call("relay", "said")
        assert not [word for word in said if word.startswith(("init ", "migrate ", "setState ", "validate "))]
        for word in said:
            await self._still.emit("say", word)
        await self._still.call("relay", "said")
        for name in self._names:
            assert await self.host.state(name) == await self._still.state(name)
            assert await self.host.call(name, "edition") == "old"
            ours, theirs = (each.snapshot().modules[name] for each in (self.host, self._still))
            assert (ours.status, ours.hooks, ours.timers, ours.exports, ours.version) == (
                theirs.status,
                theirs.hooks,
                theirs.timers,
                theirs.exports,
                theirs.version,
            )

    async def _put(self, injection: Injection) -> None:
        name = self._names[injection.victim]
        if injection.step in {"pause", "getState"}:
            await self.host.call(name, "arm", injection.step, injection.kind)
        else:
            self._entry(injection).write_text(source("new", **{injection.step: injection.lua}))

    def _entry(self, injection: Injection) -> Path:
        return self._folder / self._names[injection.victim] / injection.version[0] / "init.lua"

    @contextmanager
    def _killing(self) -> Iterator[None]:
        """Kill the only process that a module has once it uses the processor: only the loop in the step does."""
        server = self.host.parts.roster.runtimes.server
        over = Event()

        def kill() -> None:
            while not over.wait(0.002):
                for child in children_of(server.pid):
                    if ticks_of(child) >= 3:
                        with suppress(ProcessLookupError):  # it has ended by now, as after the kill before
                            os.kill(int(child), signal.SIGKILL)

        killer = Thread(target=kill)
        killer.start()
        try:
            yield
        finally:
            over.set()
            killer.join()

    async def _emit(self) -> None:
        while True:
            self._words += 1
            await self.host.emit("say", f"word {self._words}")
            await asyncio.sleep(self._chance.choice((0, 0, 0.001)))


def children_of(process: int) -> list[str]:
    try:
        return Path(f"/proc/{process}/task/{process}/children").read_text("ascii").split()
    except OSError:  # it has not begun
        return []


def ticks_of(process: str) -> int:
    """Of the processor, in hundredths of a second, what a process has used."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text("ascii").rpartition(") ")[2].split()
    except OSError:  # it has ended
        return 0
    return int(fields[11]) + int(fields[12])


@asynccontextmanager
async def launched(folder: Path, modules: int) -> AsyncIterator[Ship]:
    """Both hosts, with the old version of each module; each needs the one before."""
    hosts = []
    for name in ("changing", "still"):
        (folder / name).mkdir()
        place = Place(folder / name)
        place.module("relay", RELAY)
        for at in range(modules):
            needs = f'[dependencies]\nm{at - 1} = "*"\n' if at else ""
            for folder_name, edition, limits in (("1", "old", LIMITS), ("2", "new", LIMITS), ("3", "new", ISOLATED)):
                place.module(f"m{at}", source(edition), f"{folder_name}.0.0", folder=folder_name, more=limits + needs)
        hosts.append(place.host())
    wanted = {"relay": "", **{f"m{at}": "==1.0.0" for at in range(modules)}}
    async with hosts[0] as changing, hosts[1] as still:
        for host in (changing, still):
            await host.load_all(wanted)
            await host.call("relay", "said")
        yield Ship(folder / "changing/modules/plugins", changing, still, modules)
