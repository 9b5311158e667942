"""Whatever is swapped, fails, is rolled back or killed in any order: no event is told twice, and order is kept.

An event is lost to those alone whose own process was killed, or that a user took back to what had gone.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import psutil
import pytest

from host import Host, HostError
from host.lifecycle.instance import Instance
from host.vocabulary.states import Status
from host.vocabulary.views import SwapReport
from tests.engine.place import DEADLINE, Place
from tests.laws.test_life_laws import MEMORY

SOURCE: Final = """local M = {seen = {}}
function M:getState() return {seen = self.seen} end
function M:setState(state) self.seen = state.seen end
function M:init() self:registerHook("fail_" .. self.name, function() error("broken") end) end
M.hooks = {told = function(n) M.seen[#M.seen + 1] = n end}
MIGRATE
return M"""
MIGRATE: Final = "function M:migrate(state) return state end"
NAMES: Final = ("a", "b", "c")
VERSIONS: Final = ("1.0.0", "2.0.0")
ACTS: Final = ("tell", "tell", "tell", "kill", "kill_waiting", "fail", "fail", "swap", "swap", "roll_back", "locked")


class Life:
    """One host on modules of which chance has made some isolated, some exclusive, and some able to migrate."""

    def __init__(self, folder: Path, seed: int, done: Counter[str]) -> None:
        self.chance = random.Random(seed)
        self.done = done
        self.told = 0
        self.may_lack: set[str] = set()
        place = Place(folder)
        for name in NAMES:
            isolated = 'isolation = "process"\n' if self.chance.random() < 0.6 else ""
            exclusive = '[swap]\nhandover = "exclusive"\n' if self.chance.random() < 0.2 else ""
            for version in VERSIONS:
                source = SOURCE.replace("MIGRATE", self.chance.choice((MIGRATE, "")))
                more = f'{isolated}{exclusive}[limits]\ncall = "10 s"\n'
                place.module(name, source, version, folder=version, more=more)
        self.host: Host = place.host(quarantine=None)

    async def lead(self, acts: int) -> None:
        async with self.host:
            await self.host.load_all(dict.fromkeys(NAMES, "==1.0.0"))
            for name in self.chance.sample(NAMES, 2):
                await self.host.emit(f"fail_{name}")  # else a kill on probation is reason enough to go back
            for _ in range(acts):
                await self.act(self.chance.choice(ACTS))
                await asyncio.sleep(self.chance.choice((0, 0, 0.02)))
            await self.all_answer()
            await self.tell()
            for name in NAMES:
                await self.judge(name)

    async def act(self, act: str) -> None:
        self.done[act] += 1
        name = self.chance.choice(NAMES)
        with suppress(HostError):  # a refusal is lawful, too
            match act:
                case "tell":
                    await self.tell()
                case "kill":
                    self.kill(self.host.parts.roster.get(name))
                    self.may_lack.add(name)
                case "kill_waiting":
                    probation = self.host.parts.probations.of_module(name)
                    for change in probation.changes if probation is not None else ():
                        self.kill(change.old)
                case "fail":
                    for _ in range(self.chance.randint(1, 3)):
                        await self.host.emit(f"fail_{name}")
                case "swap":
                    names = self.chance.sample(NAMES, self.chance.randint(1, 3))
                    await self.host.swap({each: self.chance.choice(VERSIONS) for each in names})
                case "roll_back":
                    self.note_lacking(await self.host.rollback(name))
                case "locked":
                    await self.under_the_lock()

    async def under_the_lock(self) -> None:
        """Have restarts and ways back wait for one another, in whichever order they come."""
        async with self.host.parts.changing:
            for _ in range(self.chance.randint(1, 6)):
                await self.act(self.chance.choice(("tell", "kill", "fail")))
                await asyncio.sleep(self.chance.choice((0, 0.003)))

    async def tell(self) -> None:
        self.told += 1
        await self.host.emit("told", self.told)

    def kill(self, instance: Instance) -> None:
        """Kill the process of an instance, if it has one; it is gone when this returns, and the host knows nothing."""
        if instance.runtime.pid:
            with suppress(psutil.NoSuchProcess):
                process = psutil.Process(instance.runtime.pid)
                process.kill()
                process.wait(DEADLINE)

    def note_lacking(self, report: SwapReport) -> None:
        """Of a roll-back to what does not wait any more and takes no newer state."""
        for each in (report, *report.others):
            if any("it had before the swap" in note for note in each.notes):
                self.may_lack.add(each.module)

    async def all_answer(self) -> None:
        """Wait until whatever was killed is there again, and what is to go back has gone."""
        parts = self.host.parts
        async with asyncio.timeout(DEADLINE):
            while not all(map(self.answers, NAMES)) or parts.probations.failed.qsize() or parts.changing.locked():
                await self.host.emit("nothing")
                await asyncio.sleep(0.01)

    def answers(self, name: str) -> bool:
        instance = self.host.parts.roster.get(name)
        return instance.status is Status.ACTIVE and instance.live and not instance.runtime.gone

    async def judge(self, name: str) -> None:
        state = await self.host.state(name)
        assert isinstance(state, dict)
        seen = list(state["seen"])
        assert seen == sorted(set(seen)), f"{name} was told twice, or out of order"
        assert seen[-1] == self.told, f"{name} does not answer"
        if name not in self.may_lack:
            assert seen == list(range(1, self.told + 1)), f"{name} lost something"


async def lives(number: int, done: Counter[str]) -> None:
    for _ in range(number):
        seed = random.randrange(1 << 32)
        with TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
            try:
                await Life(Path(folder), seed, done).lead(25)
            except BaseException as error:
                error.add_note(f"seed {seed}")
                raise


async def test_no_event_is_told_twice_whatever_ends_when() -> None:
    await lives(5, Counter())


@pytest.mark.torture
async def test_no_event_is_told_twice_in_hundreds_of_lives(capsys: pytest.CaptureFixture[str]) -> None:
    done = Counter[str]()
    await lives(300, done)
    acts = ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in done.most_common())
    with capsys.disabled():
        print(f"\nends of processes: {done.total():,} acts ({acts}); 0 events doubled or out of order")  # noqa: T201
