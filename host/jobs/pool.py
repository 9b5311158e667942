"""A pool: so many of a module's jobs at a time, and a queue for the others."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Final

from host.jobs.held import Held
from host.jobs.job import Job
from host.jobs.waits import DONE, Wait, ended
from host.vocabulary.views import ActivityRow, PlainData


class Pool:
    """Starts jobs as places become free; whoever changes it holds the lock of its scope."""

    def __init__(
        self,
        name: str,
        workers: int,
        queue: int,
        make: Callable[[bytes, bytes], Job],
        on_close: Callable[[], None],
        held: Held,
        away: Callable[[], str] = str,
    ) -> None:
        """Make an empty one.

        Args:
            name: of the pool.
            workers: jobs that run or wait at a time.
            queue: jobs that may stand in line for that.
            make: makes a job of a function as it was frozen, and its packed arguments.
            on_close: told when it was closed and all is done.
            held: counts the arguments of those that stand in line.
            away: says why no job can be handed over now; empty where it can.
        """
        self.name: Final = name
        self._make = make
        self._on_close = on_close
        self._held = held
        self._away = away
        self._sizes: dict[Job, int] = {}
        self._workers = workers
        self._most_queued = queue
        self._queue: deque[Job] = deque()
        self._active: set[Job] = set()
        self._completed = self._failed = 0
        self._waiting: list[Wait] = []

    @property
    def refusal(self) -> str:
        """Why it takes no job now; empty where it does."""
        if len(self._active) >= self._workers and len(self._queue) >= self._most_queued:
            return f"the queue of pool {self.name} is full: {len(self._queue):,} jobs wait in it"
        return self._away()

    def submit(self, image: bytes, arguments: bytes) -> Job:
        """Take a job, where there is no refusal.

        Raises:
            HostError: those that stand in line hold too much.
        """
        queued = len(image) + len(arguments) if len(self._active) >= self._workers else 0
        self._held.expect(queued)
        self._held.used += queued
        job = self._make(image, arguments)
        self._sizes[job] = queued
        job.then(self._ended)
        if len(self._active) < self._workers:
            self._start(job)
        else:
            self._queue.append(job)
        return job

    def close(self) -> None:
        """Take no more; what was submitted is still done."""
        self.wait().then(self._on_close)

    def wait(self) -> Wait:
        """What ends when there is nothing to do."""
        if not self._active and not self._queue:
            return ended(DONE)
        wait = Wait()
        self._waiting.append(wait)
        wait.withdraw = lambda: self._waiting.remove(wait)
        return wait

    def stats(self) -> dict[str, PlainData]:
        return {
            "name": self.name,
            "workers": self._workers,
            "active": len(self._active),
            "completed": self._completed,
            "failed": self._failed,
            "queued": len(self._queue),
        }

    def activity(self) -> ActivityRow:
        """The same, as a row; calls are jobs that ended, faults those that failed."""
        return ActivityRow(
            kind="pool",
            name=self.name,
            detail=f"{len(self._active):,} of {self._workers:,} run, {len(self._queue):,} wait",
            calls=self._completed + self._failed,
            faults=self._failed,
        )

    def _start(self, job: Job) -> None:
        self._held.used -= self._sizes.pop(job, 0)
        self._active.add(job)
        job.start()

    def _ended(self, job: Job) -> None:
        if job in self._active:
            self._active.remove(job)
        else:  # it was stopped before it began
            self._queue.remove(job)
            self._held.used -= self._sizes.pop(job, 0)
        if job.well:
            self._completed += 1
        else:
            self._failed += 1
        if self._queue and len(self._active) < self._workers:
            self._start(self._queue.popleft())
        elif not self._queue and not self._active:
            waiting, self._waiting = self._waiting, []
            for wait in waiting:
                wait.end(DONE)
