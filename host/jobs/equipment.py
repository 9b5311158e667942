"""Runtimes for the jobs of one module: made when there is none spare, and used again."""

from __future__ import annotations

from typing import Final

from host.jobs.requests import Asked, JobRequests, Known
from host.runtime.job import JobRuntime
from host.vocabulary.identity import ModuleKey
from host.vocabulary.manifest import Limits

SPARE: Final = 4
"""Runtimes that are kept for the next jobs."""

Equipped = tuple[JobRuntime, JobRequests]


class Equipment:
    """Runtimes that no job uses; on any thread."""

    def __init__(self, key: ModuleKey, limits: Limits, asked: Asked, known: Known) -> None:
        """Begin with none.

        Args:
            key: of the module.
            limits: of the module, which each runtime has.
            asked: answers what jobs ask.
            known: what they find of the module.
        """
        self._key, self._limits = key, limits
        self._asked, self._known = asked, known
        self._spare: list[Equipped] = []
        self._closed = False

    def borrow(self) -> Equipped:
        """Give one to a job; it is made on the job's thread."""
        try:
            return self._spare.pop()
        except IndexError:
            requests = JobRequests(self._asked, self._known)
            return JobRuntime(self._key, self._limits, requests), requests

    def give_back(self, runtime: JobRuntime, requests: JobRequests, *, sound: bool) -> None:
        """Take one back; one in which a job was stopped, or met a limit, is not used again."""
        if sound and len(self._spare) < SPARE and not self._closed:
            self._spare.append((runtime, requests))
        else:
            runtime.close()

    def close(self) -> None:
        self._closed = True
        while self._spare:
            self._spare.pop()[0].close()
