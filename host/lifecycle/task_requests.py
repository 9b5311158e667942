"""What one module's Lua asks about its tasks, answered for its instance."""

from __future__ import annotations

from collections.abc import Awaitable
from functools import partial
from typing import Protocol

from host.lifecycle.exchange import Exchange
from host.lifecycle.ledger import Ledger
from host.lifecycle.quota import Quota
from host.lifecycle.tasks import ENDS, Tasks
from host.runtime.crossing import Crossing, Ticket


class Tasked(Protocol):
    """An instance, as far as its tasks go."""

    @property
    def exchange(self) -> Exchange: ...
    @property
    def ledger(self) -> Ledger: ...
    @property
    def quota(self) -> Quota: ...
    @property
    def tasks(self) -> Tasks: ...


class TaskRequests:
    """The part of ``runtime.crossing.Requests`` that is about waiting."""

    def __init__(self, tasked: Tasked) -> None:
        self._tasked = tasked

    def begin_task(self) -> int | None:
        self._tasked.quota.take("tasks")
        tasks, ledger = self._tasked.tasks, self._tasked.ledger
        number = ledger.next
        if not tasks.add(number, self._tasked.exchange.calling.behalf):
            self._tasked.quota.hit("tasks")
            return None
        return ledger.add("task", "async", partial(tasks.cancel, number, ENDS))

    def cancel_task(self, task: int) -> None:
        self._tasked.tasks.cancel_soon(task, "cancelled")

    def join(self, task: int) -> Ticket:
        return self._tasked.tasks.park_end(task)

    def sleep(self, seconds: float) -> Ticket:
        return self._tasked.tasks.park(seconds)

    def forget(self, ticket: int) -> None:
        self._tasked.tasks.forget(ticket)

    def _ticket(self, answer: Crossing | Awaitable[Crossing]) -> Crossing | Ticket:
        """Give the answer, or a ticket for one that comes later."""
        return answer if isinstance(answer, Crossing) else self._tasked.tasks.park(answer)
