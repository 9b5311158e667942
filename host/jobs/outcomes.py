"""Jobs that have ended, of which the outcome can still be asked for."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from host.jobs.job import Job

MOST: Final = 10_000
MOST_BYTES: Final = 64 << 20


class Outcomes:
    """The last that ended, by number."""

    def __init__(self) -> None:
        self._jobs: OrderedDict[int, Job] = OrderedDict()
        self._bytes = 0

    def keep(self, job: Job) -> None:
        """Keep one; the oldest go where there are too many, or too large ones."""
        self._jobs[job.number] = job
        self._bytes += len(job.outcome)
        while len(self._jobs) > MOST or self._bytes > MOST_BYTES:
            _, oldest = self._jobs.popitem(last=False)
            self._bytes -= len(oldest.outcome)

    def get(self, number: int) -> Job | None:
        return self._jobs.get(number)
