"""Which swaps are on probation: what counts against them, when they have passed, when they are taken back."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Final, Protocol

from host.engine.chronicle import Chronicle
from host.engine.tally import Tally
from host.hooks.dispatch import Dispatch
from host.lifecycle.instance import Instance
from host.swap.change import Change
from host.swap.probation import Probation, seconds_of
from host.vocabulary.errors import ModuleFault
from host.vocabulary.payload import Fields, Payload, Shape
from host.vocabulary.states import Status

LETS_GO_AFTER: Final = 0.01
"""Seconds after which what waited behind a swap goes, when the next one is done: not while anybody waits for that."""


class Later(Protocol):
    """What is to happen later, and can be called off."""

    def cancel(self) -> None: ...


class Clock(Protocol):
    """An event loop, as far as it tells the time."""

    def time(self) -> float: ...
    def call_later(self, delay: float, callback: Callable[[], object], /) -> Later: ...


class Probations:
    """At most one for each module: the next swap of a module ends the one before.

    Attributes:
        clock: the running event loop.
        failed: those that are to be taken back, in the order in which that showed.
    """

    def __init__(self, dispatch: Callable[[], Dispatch], chronicle: Chronicle) -> None:
        self.clock: Clock = asyncio.get_running_loop()
        self.failed: Final[asyncio.Queue[Probation]] = asyncio.Queue()
        self._dispatch = dispatch
        self._chronicle = chronicle
        self._tally = Tally(self._now)
        self._by_name: dict[str, Probation] = {}
        self._ends: dict[Probation, Later] = {}
        self._hearing: list[Probation] = []
        self._end_hearing: Callable[[], None] | None = None
        self._leaving: list[Probation] = []

    def of(self, changes: Sequence[Change], wanted_s: float | None = None) -> Probation | None:
        """What a swap is to be on; nothing where no module wants it, or what ran before is no better.

        Args:
            changes: of the swap.
            wanted_s: how long, whatever the manifests say; absent, as they say.
        """
        seconds = seconds_of(changes) if wanted_s is None else wanted_s
        if not seconds or any(change.old.status is Status.QUARANTINED for change in changes):
            return None
        before = {change.old.name: self._tally.within(_code_of(change.old), seconds) for change in changes}
        return Probation(changes, before, seconds)

    def ready(self, names: Sequence[str], probation: Probation | None) -> None:
        """End what some modules are on, and hear what those miss that are about to be replaced.

        What waited goes a moment later: to free a large state takes longer than to hand it over.
        """
        self._let_go()
        over = {self._by_name[name]: None for name in names if name in self._by_name}
        for each in over:
            self.forget(each)
        self._leaving += over
        if over:
            self.clock.call_later(LETS_GO_AFTER, self._let_go)
        if probation is not None:
            self._hearing.append(probation)
            self._end_hearing = self._end_hearing or self._dispatch().hear(self._hear)

    def begin(self, probation: Probation) -> None:
        """Count from now on."""
        until = time.time() + probation.seconds
        for change in probation.changes:
            self._by_name[change.new.name] = probation
            change.new.probation_until = until
        self._ends[probation] = self.clock.call_later(probation.seconds, lambda: self._end(probation))

    def faulted(self, instance: Instance) -> bool:
        """Count a fault; whether it is known by now that the module is to go back."""
        self._tally.add(_code_of(instance))
        probation = self._by_name.get(instance.name)
        if probation is None:
            return False
        if probation.faulted(instance.name):
            self._fail(probation)
        return bool(probation.reason)

    def ended(self, instance: Instance) -> None:
        """Have a module on probation go back whose process ended, unless it had faults before the swap, too."""
        probation = self._by_name.get(instance.name)
        if probation is None:
            return
        if probation.ended(instance.name):
            self._fail(probation)

    def waits(self, instance: Instance) -> None:
        """Have what waits for a module whose process ended not count as missed by what ran before it, too."""
        probation = self._by_name.get(instance.name)
        if probation is not None:
            probation.missed.wait(instance.name, frozenset(each.event for each in instance.answering))

    def restarted(self, dead: Instance, fresh: Instance) -> None:
        """Have an instance that took the place of another be on what that was on, though that may be to go back."""
        probation = self._by_name.get(dead.name)
        if probation is None:
            return
        probation.missed.go_on(dead.name, dead.held)
        for change in probation.changes:
            if change.new is dead:
                change.new, fresh.probation_until = fresh, dead.probation_until

    def lost(self, name: str, reason: str) -> bool:
        """Have a module on probation go back that cannot be started again; whether it is on any."""
        probation = self._by_name.get(name)
        if probation is None:
            return False
        if probation.fails(f"the process of {name} ended on probation, and {reason}"):
            self._fail(probation)
        return True

    def mute(self, name: str, fault: ModuleFault) -> None:
        """Have a module on probation go back that does not give its state."""
        probation = self._by_name.get(name)
        if probation is not None and probation.fails(f"it did not give its state: {fault}"):
            probation.mute = name
            self._fail(probation)

    def of_module(self, name: str) -> Probation | None:
        """What a module is on; nothing where it is known by now to go back."""
        probation = self._by_name.get(name)
        return None if probation is None or probation.reason else probation

    def holds(self, probation: Probation) -> bool:
        """Whether one has not ended."""
        return probation in self._ends

    def stays(self, probation: Probation) -> bool:
        """Have one not end by itself any more; whether it has not ended before."""
        end = self._ends.get(probation)
        if end is not None:
            end.cancel()
        return end is not None

    def forget(self, probation: Probation) -> None:
        """Drop one, with what its modules miss from now on."""
        ends = self._ends.pop(probation, None)
        if ends is not None:
            ends.cancel()
        for change in probation.changes:
            if self._by_name.get(change.old.name) is probation:
                del self._by_name[change.old.name]
                change.new.probation_until = 0.0
        if probation in self._hearing:
            self._hearing.remove(probation)
        if not self._hearing and self._end_hearing is not None:
            self._end_hearing()
            self._end_hearing = None

    def end(self, *names: str) -> None:
        """Let what waits behind some modules clean up and go, and what was swapped together with them."""
        self._let_go()
        for name in names:
            if name in self._by_name:
                self._end(self._by_name[name])

    def _fail(self, probation: Probation) -> None:
        self._ends[probation].cancel()
        self.failed.put_nowait(probation)

    def _end(self, probation: Probation) -> None:
        self.forget(probation)
        self._leaving.append(probation)
        self._let_go()

    def _let_go(self) -> None:
        while self._leaving:
            self._drop(self._leaving.pop(0))

    def _drop(self, probation: Probation) -> None:
        probation.end(lambda name, text: self._chronicle.log(name, "error", text))
        for name in probation.names:
            self._chronicle.touch(name)

    def _now(self) -> float:
        return self.clock.time()

    def _hear(self, event: str, shape: Shape, payload: Payload | Fields) -> None:
        for probation in self._hearing:
            probation.missed.hear(event, shape, payload)


def _code_of(instance: Instance) -> str:
    """What faults are counted for: those of code that went back say nothing of what ran before it."""
    return f"{instance.name} {instance.version} {instance.bundle.digest}"
