"""An instance's tasks: coroutines of its own, and calls by others that wait; they run while it does, and end with it.

A task waits for a ticket: an awaitable of Python's, or an end of sleep. While the instance is held still, what arrives
is kept, and sleepers keep the time that they have left.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import Context, copy_context
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from host.lifecycle.timers import Clock, Fire, Timers
from host.runtime.crossing import Crossing, Step, Ticket, Wake
from host.trust.caller import Asking, Caller
from host.vocabulary.errors import HostError, ModuleFault

MOST: Final = 10_000
"""Tasks that one instance may have at once."""

ENDS: Final = "cancelled: the module ends"
"""What the wait of a task raises whose module goes."""

OF_NOBODY: Final = "a task"
"""Label of one that its module began itself: nobody waits for what it returns."""

Undo = Callable[[], object]

_AT_ONCE: Final[Wake] = (True, None, None)
_NOTHING: Final = Crossing(None, None)


@dataclass(slots=True)
class _Task:
    """A coroutine, as far as Python knows it.

    Attributes:
        label: what it is called if it fails.
        asking: in whose name it does what it does, and who waits for it.
        answer: for whoever waits for what it returns.
        arriving: what it waits for.
        wake: what it goes on with, once it may; neither is set where it sleeps.
        undo: takes back what it waits for, where that came and the task does not go on with it.
        context: in which it goes on: the span that it began in is around all of it.
    """

    label: str
    asking: Asking
    answer: asyncio.Future[Crossing] | None = None
    arriving: asyncio.Future[Crossing] | None = None
    wake: Wake | None = None
    undo: Undo | None = None
    context: Context = field(default_factory=copy_context)


class Tasks:
    """Tasks by number; they run between ``start`` and ``pause``."""

    def __init__(
        self,
        go_on: Callable[[int, Wake, str, Asking], Step],
        on_end: Callable[[int], None],
        clock: Clock | None = None,
        rest: Callable[[], float] = float,
    ) -> None:
        """Prepare.

        Args:
            go_on: goes on with one, by its number and label, in a name; raises ModuleFault, which it has told.
            on_end: told when one has ended.
            clock: for sleepers; the running event loop where it is absent.
            rest: gives the seconds for which one that nobody waits for has to wait all the same.
        """
        self._go_on = go_on
        self._rest = rest
        self._on_end = on_end
        self._tasks: dict[int, _Task] = {}
        self._joined: dict[int, list[asyncio.Future[Crossing]]] = {}
        self._parked: dict[int, Awaitable[Crossing] | float] = {}
        self._last = 0
        self._running = self._serving = False
        self._sleeps = Timers(self._slept, _nothing, clock, most=MOST)
        self._changed = asyncio.Event()

    def __len__(self) -> int:
        return len(self._tasks)

    # -- tickets --

    def park(self, what: Awaitable[Crossing] | float) -> Ticket:
        """Give a ticket for what somebody may wait for: an answer, or seconds."""
        self._last += 1
        self._parked[self._last] = what
        return Ticket(self._last)

    def park_end(self, number: int) -> Ticket:
        """Give a ticket for the end of a task."""
        end: asyncio.Future[Crossing] = asyncio.get_running_loop().create_future()
        if number in self._tasks:
            self._joined.setdefault(number, []).append(end)
        else:
            end.set_result(_NOTHING)
        return self.park(end)

    def forget(self, ticket: int) -> None:
        """Let go of what nobody waits for."""
        parked = self._parked.pop(ticket, None)
        if isinstance(parked, asyncio.Future):
            parked.cancel()
        elif parked is not None and not isinstance(parked, float):
            _close(parked)

    # -- tasks --

    def add(self, number: int, behalf: Caller | None) -> bool:
        """Add one that begins with the next turn; False where there are too many."""
        if len(self._tasks) >= MOST:
            return False
        self._tasks[number] = _Task(OF_NOBODY, Asking(behalf, ()))
        self._woken(number, _AT_ONCE)
        return True

    def take(
        self, number: int, step: Step, label: str, asking: Asking, context: Context
    ) -> Crossing | asyncio.Future[Crossing]:
        """Take a call that was begun, and goes on in a context: its answer, or what will be one."""
        if isinstance(step, Crossing):
            return step
        answer: asyncio.Future[Crossing] = asyncio.get_running_loop().create_future()
        answer.add_done_callback(partial(self._given_up, number))
        self._tasks[number] = _Task(label, asking, answer, context=context)
        self._left(number, step)
        return answer

    def cancel(self, number: int, why: str) -> None:
        """Have a task's wait raise, give it this one turn, and let it go."""
        task = self._tasks.get(number)
        if task is None:
            return
        self._stop_waiting(number, task)
        if task.answer is not None and not task.answer.done():
            task.answer.set_exception(HostError(why))
        self._run(number, task, (None, why.encode(), None))
        self._end(number)

    def cancel_soon(self, number: int, why: str) -> None:
        """Cancel a task in the next turn."""
        asyncio.get_running_loop().call_soon(self.cancel, number, why)

    def start(self, *, serving_only: bool = False) -> None:
        """Let all run, or those alone that somebody waits for."""
        self._serving, self._running = True, not serving_only
        self._sleeps.start()
        for number, task in list(self._tasks.items()):
            if task.wake is not None:
                self._woken(number, task.wake)

    def pause(self) -> None:
        """Have all stand still."""
        self._running = self._serving = False
        self._sleeps.pause()

    def step_back(self, why: str) -> None:
        """Refuse those that wait for an answer of this instance: another one answers now."""
        for number in [number for number, task in self._tasks.items() if task.answer is not None]:
            self.cancel(number, why)

    def cancel_all(self, why: str) -> None:
        """Cancel every task, newest first."""
        while self._tasks:
            self.cancel(next(reversed(self._tasks)), why)
        for ticket in list(self._parked):
            self.forget(ticket)

    @property
    def under_way(self) -> bool:
        """Whether one waits for an answer, or is about to go on; a sleeper waits for nobody."""
        return any(task.arriving is not None or task.wake is not None for task in self._tasks.values())

    async def settled(self, seconds: float) -> bool:
        """Wait until nothing is under way; False where that took longer."""
        try:
            async with asyncio.timeout(seconds):
                while self.under_way:
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            return False
        return True

    # -- turns --

    def _woken(self, number: int, wake: Wake) -> None:
        """Go on with a task in a turn of its own, as soon as it may run."""
        task = self._tasks[number]
        task.wake = wake
        if self._may_run(task):
            asyncio.get_running_loop().call_soon(self._turn, number, task)

    def _may_run(self, task: _Task) -> bool:
        return self._running if task.answer is None else self._serving

    def _turn(self, number: int, task: _Task) -> None:
        if self._tasks.get(number) is not task or task.wake is None or not self._may_run(task):
            return
        rest = self._rest() if task.answer is None else 0.0
        if rest > 0:
            asyncio.get_running_loop().call_later(rest, self._turn, number, task)
            return
        wake, task.wake, task.undo = task.wake, None, None
        self._run(number, task, wake)
        self._tell()

    def _run(self, number: int, task: _Task, wake: Wake) -> None:
        try:
            step = task.context.copy().run(self._go_on, number, wake, task.label, task.asking)
        except ModuleFault as fault:
            self._end(number, fault)
            return
        except Exception as mistake:  # noqa: BLE001 - the host's own: whoever waits for the task would wait for ever
            context = {"message": f"a fault in going on with {task.label}", "exception": mistake}
            asyncio.get_running_loop().call_exception_handler(context)
            self._end(number, HostError(f"the host made a mistake in {task.label}; its log says more"))
            return
        if isinstance(step, Crossing):
            self._end(number, step)
        elif self._tasks.get(number) is task:
            self._left(number, step)

    def _left(self, number: int, step: Ticket | None) -> None:
        """Have a task wait for what it asked for."""
        task = self._tasks[number]
        parked = None if step is None else self._parked.pop(step)
        if parked is None:
            self._woken(number, _AT_ONCE)
        elif isinstance(parked, float):
            self._sleeps.add(number, parked, _no_way, repeating=False)
        else:
            task.undo = getattr(parked, "undo", None)
            task.arriving = asyncio.ensure_future(parked)
            task.arriving.add_done_callback(partial(self._arrived, number, task.undo))

    def _arrived(self, number: int, undo: Undo | None, future: asyncio.Future[Crossing]) -> None:
        task = self._tasks.get(number)
        if task is None or task.arriving is not future:
            if not future.cancelled() and future.exception() is None and undo is not None:
                undo()  # nobody asks any more
            return
        task.arriving = None
        task.wake = wake_of(future)
        self._turn(number, task)

    def _slept(self, number: int, _: Fire) -> None:
        self._woken(number, _AT_ONCE)

    def _given_up(self, number: int, answer: asyncio.Future[Crossing]) -> None:
        """Cancel a call whose caller went away."""
        if answer.cancelled() and number in self._tasks:
            self.cancel(number, "cancelled: nobody waits for the answer any more")

    def _stop_waiting(self, number: int, task: _Task) -> None:
        arriving, wake, undo = task.arriving, task.wake, task.undo
        task.arriving = task.wake = task.undo = None
        self._sleeps.cancel(number)
        if wake is not None and wake[0] and undo is not None:
            undo()
        if arriving is not None:
            arriving.cancel()

    def _end(self, number: int, ended: Crossing | HostError = _NOTHING) -> None:
        task = self._tasks.pop(number, None)
        if task is None:
            return
        self._stop_waiting(number, task)
        if task.answer is not None and not task.answer.done():
            if isinstance(ended, Crossing):
                task.answer.set_result(ended)
            else:
                task.answer.set_exception(ended)
        for end in self._joined.pop(number, ()):
            if not end.done():
                end.set_result(_NOTHING)
        self._on_end(number)
        self._tell()

    def _tell(self) -> None:
        self._changed.set()


def wake_of(future: asyncio.Future[Crossing]) -> Wake:
    """What a task goes on with for what it waited for."""
    if future.cancelled():
        return (False, b"what it waited for was cancelled", None)
    error = future.exception()
    if error is None:
        return (True, *future.result())
    text = str(error) if isinstance(error, HostError) else f"{type(error).__name__}: {error}"
    back = error.back if isinstance(error, ModuleFault) else 0
    return (False, text.encode("utf-8", "replace"), back or None)


def _close(awaitable: Awaitable[Crossing]) -> None:
    close = getattr(awaitable, "close", None)
    if close is not None:
        close()


def _nothing(_number: int) -> None:
    """Be told of the end of a sleep, which is no debt of its own."""


def _no_way(_payload: object) -> None:
    """Be woken, which needs no function of Lua's."""
