"""An instance's timers: staged until it runs, stopped while it is paused, gone with it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Protocol

MOST: Final = 1000
"""Timers that one instance may have at once."""
SHORTEST: Final = 0.001
"""Seconds; a repeating timer of less would starve all else."""

Fire = Callable[[Any], Any]


class Handle(Protocol):
    """What was set for a time."""

    def cancel(self) -> None: ...


class Clock(Protocol):
    """What of an event loop timers need."""

    def time(self) -> float: ...
    def call_at(self, when: float, callback: Callable[[int], None], number: int, /) -> Handle: ...


@dataclass(slots=True)
class _Timer:
    """``left``: seconds until it fires, while no handle says so."""

    fire: Fire
    left: float
    interval: float | None
    due: float = 0.0
    handle: Handle | None = None

    @property
    def beat(self) -> float:
        """How often a second it fires; 0.0 where it does not repeat."""
        return 1 / self.interval if self.interval else 0.0


class Timers:
    """Timers by number; they run between ``start`` and ``pause``."""

    def __init__(
        self,
        on_fire: Callable[[int, Fire], None],
        on_end: Callable[[int], None],
        clock: Clock | None = None,
        *,
        most: int = MOST,
        rest: Callable[[], float] = float,
    ) -> None:
        """Prepare.

        Args:
            on_fire: called in the event loop when one is due.
            on_end: told when one that does not repeat has fired.
            clock: the running event loop where it is absent.
            most: how many there may be at once.
            rest: gives the seconds for which one that is due has to wait all the same.
        """
        self._most = most
        self._rest = rest
        self._timers: dict[int, _Timer] = {}
        self._running = False
        self._beats = 0.0
        self._on_fire = on_fire
        self._on_end = on_end
        self._given_clock = clock

    def add(self, number: int, seconds: float, fire: Fire, *, repeating: bool) -> bool:
        """Add one; False where there are too many."""
        if len(self._timers) >= self._most:
            return False
        timer = _Timer(fire, seconds, max(seconds, SHORTEST) if repeating else None)
        self._timers[number] = timer
        self._beats += timer.beat
        if self._running:
            self._arm(number, timer)
        return True

    def cancel(self, number: int) -> None:
        timer = self._timers.pop(number, None)
        if timer is None:
            return
        self._beats -= timer.beat
        if timer.handle:
            timer.handle.cancel()

    def fire(self, number: int) -> None:
        """Let one be due at once, out of its beat; one that does not repeat has then fired."""
        timer = self._timers.get(number)
        if timer is None:
            return
        if timer.interval is None:
            self.cancel(number)
            self._on_end(number)
        self._on_fire(number, timer.fire)

    def start(self) -> None:
        """Let all run, each with the time that it had left."""
        self._running = True
        for number, timer in self._timers.items():
            if timer.handle is None:
                self._arm(number, timer)

    def pause(self) -> None:
        """Stop all; they keep the time that they have left."""
        self._running = False
        for timer in self._timers.values():
            if timer.handle:
                timer.left = max(0.0, timer.due - self._clock.time())
                timer.handle.cancel()
                timer.handle = None

    @property
    def beats(self) -> float:
        """How often a second those that repeat fire together."""
        return self._beats

    def __len__(self) -> int:
        return len(self._timers)

    @property
    def _clock(self) -> Clock:
        return self._given_clock or asyncio.get_running_loop()

    def _arm(self, number: int, timer: _Timer) -> None:
        clock = self._clock
        timer.due = clock.time() + timer.left
        timer.handle = clock.call_at(timer.due, self._fired, number)

    def _fired(self, number: int) -> None:
        timer = self._timers.get(number)
        if timer is None:
            return
        rest = self._rest()
        if rest > 0:
            timer.handle = self._clock.call_at(self._clock.time() + rest, self._fired, number)
            return
        timer.handle = None
        if timer.interval is None:
            del self._timers[number]
            self._on_end(number)
        else:
            # The beat is kept; beats that were missed are left out.
            late = self._clock.time() - timer.due
            timer.left = timer.interval - late % timer.interval
            self._arm(number, timer)
        self._on_fire(number, timer.fire)
