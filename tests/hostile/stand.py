"""A host with a victim, into which hostile modules are let one after another."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from host import Host
from host.vocabulary.errors import HostError, ModuleFault, ModuleUnknown
from host.vocabulary.events import EventKind
from tests.engine.place import DEADLINE, Place
from tests.hostile.cases import CALL, SERVED, TURNS, Case

VICTIM = (Path(__file__).parent / "victim.lua").read_text("utf-8")
TRIES = 3
"""Times that a case is done to see its best time: the machine does other things too."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one case.

    Attributes:
        error: what was raised or told; ``None`` where nothing was.
        value: what came back.
        seconds: of this thread's processor time, until the victim had answered.
        memory: bytes of the hostile module's runtime afterwards.
    """

    error: HostError | None
    value: Any
    seconds: float
    memory: int


class Stand:
    """A host that runs ``victim``."""

    def __init__(self, place: Place, host: Host, *, isolated: bool = False) -> None:
        """Let modules into a host; ``isolated``: each into a process of its own."""
        self.place, self.host, self._isolated = place, host, isolated
        self._began = 0  # the revision in which the case began

    @staticmethod
    def prepared(place: Place) -> Host:
        """A host that has not begun, with a victim to load."""
        place.module("victim", VICTIM)
        return place.host(quarantine=None)

    async def let_in(self, case: Case) -> Outcome:
        """Load a hostile module, do with it what its head says, ask the victim, and unload it.

        Raises:
            AssertionError: the victim is not as it was, or something of the module is left.
        """
        name = "hostile"
        folder = self.place.module(name, case.source)
        (folder / "module.toml").write_text(case.manifest(name, isolated=self._isolated), encoding="utf-8")
        await self.host.rescan()
        self._began, faults = self.host.chronicle.revision, self._faults()
        began = time.thread_time()
        error, value = await self._done(case, name)
        assert await self.host.call("victim", "ping") == "pong"
        seconds = time.thread_time() - began
        memory = self._memory(name)
        await self._gone(name)
        assert await self.host.call("victim", "intact") is True
        await self.host.emit("heard", 1)
        assert case.blames or self._faults() == faults
        return Outcome(error, value, seconds, memory)

    async def _done(self, case: Case, name: str) -> tuple[HostError | None, Any]:
        try:
            await self.host.load(name, fresh=True)
            done: tuple[HostError | None, Any] = await getattr(self, f"_{case.at}")(name)
        except HostError as error:
            _let_go(error)
            return error, None
        return done

    def _faults(self) -> int:
        return self.host.snapshot().modules["victim"].faults

    def _lines(self) -> list[str]:
        return [line.text for line in self.host.chronicle.log_since(self._began)]

    def _memory(self, name: str) -> int:
        instance = self.host.parts.roster.serving(name)
        return instance.runtime.memory if instance is not None else 0

    async def _gone(self, name: str) -> None:
        """Unload it: its runtime is dropped."""
        instance = self.host.parts.roster.serving(name)
        if instance is not None:
            with suppress(ModuleUnknown):  # one whose process ended may be on its way out
                await self.host.unload(name)
            assert instance.runtime.gone
        assert not [line for line in self._lines() if "still holds" in line]

    # -- what is done with it --

    async def _load(self, _name: str) -> tuple[None, None]:
        return None, None

    async def _call(self, name: str) -> tuple[None, Any]:
        return None, await self.host.call(name, "f")

    async def _event(self, _name: str) -> tuple[ModuleFault | None, Any]:
        report = await self.host.emit("go", 1)
        return next(iter(report.failures), None), report.delivered

    async def _filter(self, name: str) -> tuple[None, Any]:
        value = await self.host.filter("go", 1)
        fault = self.host.parts.roster.get(name).last_fault
        if fault:
            raise HostError(fault)
        return None, value

    async def _timer(self, name: str) -> tuple[None, None]:
        async with asyncio.timeout(DEADLINE):
            async for event in self.host.chronicle.follow(self._began):
                if event.event is EventKind.MODULE_FAULT and event.module == name:
                    raise HostError(event.text)
        raise AssertionError("the host ended")

    async def _turns(self, name: str) -> tuple[HostError | None, Any]:
        """Whoever else is in the loop has a turn again and again, none of them long after the one before."""
        value, longest, until = await self.host.call(name, "f"), 0.0, time.monotonic() + TURNS
        while time.monotonic() < until:
            before = time.thread_time()
            await asyncio.sleep(0)
            longest = max(longest, time.thread_time() - before)
        late = HostError(f"a turn came {longest:.2f} s after the one before") if longest > CALL + SERVED else None
        return late, value

    async def _state(self, name: str) -> tuple[None, Any]:
        return None, await self.host.state(name)

    async def _execute(self, name: str) -> tuple[None, Any]:
        return None, await self.host.execute(name, {})

    async def _health(self, name: str) -> tuple[None, Any]:
        self.host.snapshot()
        fault = self.host.parts.roster.get(name).last_fault
        if fault:
            raise HostError(fault)
        return None, self.host.snapshot().modules[name].health

    async def _reload(self, name: str) -> tuple[None, Any]:
        return None, (await self.host.reload(name)).outcome

    async def _configure(self, name: str) -> tuple[None, Any]:
        await self.host.configure(name, {"x": 1})
        return None, None

    async def _unload(self, name: str) -> tuple[None, Any]:
        await self.host.unload(name)
        told = [line for line in self._lines() if " in cleanup" in line]
        if told:
            raise HostError(told[-1])
        return None, None


def _let_go(error: BaseException | None) -> None:
    """Drop the frames of an error and of what led to it: they hold the runtime."""
    while error is not None:
        error.__traceback__ = None
        error = error.__cause__ or error.__context__
