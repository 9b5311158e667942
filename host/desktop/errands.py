"""The tasks of the window, all owned by one group."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from types import TracebackType
from typing import Any, Self

Report = Callable[[BaseException], None]


class Errands:
    """Runs coroutines until the window closes; a mistake in one is reported and ends that one only.

    What is given before the group is open starts when it opens: the window is shown first.
    """

    def __init__(self, report: Report) -> None:
        self._report = report
        self._group: asyncio.TaskGroup | None = None
        self._early: list[tuple[Coroutine[Any, Any, None], str]] = []
        self._running: set[asyncio.Task[None]] = set()
        self._closed = False

    async def __aenter__(self) -> Self:
        self._group = await asyncio.TaskGroup().__aenter__()
        for coroutine, name in self._early:
            self.run(coroutine, name)
        self._early.clear()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End all tasks that still run, and wait until they have."""
        self._closed = True
        for task in list(self._running):
            task.cancel()
        if self._group is not None:
            await self._group.__aexit__(kind, error, trace)

    def run(self, coroutine: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None] | None:
        """Start a task; ``None`` where there is none yet, or none any more."""
        if self._closed:
            coroutine.close()
            return None
        if self._group is None:
            self._early.append((coroutine, name))
            return None
        task = self._group.create_task(self._guarded(coroutine), name=name)
        self._running.add(task)
        task.add_done_callback(partial(self._ended, coroutine))
        return task

    def _ended(self, coroutine: Coroutine[Any, Any, None], task: asyncio.Task[None]) -> None:
        """A task that was cancelled before its first step has not even begun what it was given."""
        self._running.discard(task)
        coroutine.close()

    async def _guarded(self, coroutine: Coroutine[Any, Any, None]) -> None:
        try:
            await coroutine
        except Exception as error:  # noqa: BLE001 - the desktop's last-resort report
            self._report(error)
