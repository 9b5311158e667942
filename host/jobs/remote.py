"""A job in a worker of Dask's, on whatever machine that is: run to its end in a Lua runtime like any other.

What is here runs there. The worker needs this program installed, and nothing of the module: what a job needs of it
comes along.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from host.jobs.job import BADLY, LABEL, WELL
from host.jobs.requests import JobRequests
from host.jobs.waits import DONE, Wait
from host.runtime.crossing import Crossing, Step, Ticket
from host.runtime.faults import printable
from host.runtime.job import JobRuntime
from host.vocabulary.errors import HostError
from host.vocabulary.identity import ModuleKey
from host.vocabulary.manifest import Limits
from host.vocabulary.payload import Payload

MOST_LINES: Final = 1000
"""That one job writes; the rest is left out."""

_ALONE: Final = "is not there in a job on another machine: give it what it needs, and have it return what came of it"

_running: dict[str, Running] = {}
"""Jobs of this worker, by their keys in Dask; its process has no other place that ``stop`` could look at."""


@dataclass(frozen=True, slots=True)
class Errand:
    """What a worker needs of a module, the same for all its jobs.

    Attributes:
        owner: the core module whose face froze them.
        face: the text of that.
        files: of the module, by path.
        needs: names of the modules that it needs.
    """

    key: ModuleKey
    limits: Limits
    owner: str
    face: bytes
    files: Mapping[str, bytes]
    needs: frozenset[str]


@dataclass(frozen=True, slots=True)
class Ended:
    """How a job ended.

    Attributes:
        outcome: as ``Job.outcome``.
        lines: that it wrote, with their levels.
    """

    outcome: bytes
    lines: tuple[tuple[str, str], ...]


class _Elsewhere:
    """A scope with nothing in it; implements ``requests.Asked`` and ``Known``."""

    def __init__(self, errand: Errand) -> None:
        self.owner: Final = errand.owner
        self.lines: list[tuple[str, str]] = []
        self.sleeps = 0.0
        self._errand = errand

    def ask(self, name: str, arguments: tuple[Payload, ...], holder: int) -> Wait:
        del holder
        if name == "sleep" and arguments and isinstance(arguments[0], (int, float)):
            return self.sleep(arguments[0] / 1000)
        raise HostError(f"{self.owner}'s {name} {_ALONE}")

    def sleep(self, seconds: float) -> Wait:
        self.sleeps = seconds
        return Wait()

    def ask_export(self, owner: str, name: str, crossing: Crossing) -> Wait:
        del crossing
        raise HostError(f"{owner}.{name} {_ALONE}")

    def say(self, level: str, text: str) -> None:
        if len(self.lines) < MOST_LINES:
            self.lines.append((level, printable(text)))

    def tell_bug(self, request: str, error: Exception) -> None:
        self.say("error", f"the host made a mistake in {request}: {type(error).__name__}: {error}")

    def asset(self, path: str) -> bytes:
        raise HostError(f"asset {path!r} {_ALONE}")

    def source(self, path: str) -> bytes | None:
        return self._errand.files.get(path)

    def dependency(self, name: str) -> str | None:
        return "declared" if name in self._errand.needs else None

    def face(self, owner: str) -> bytes | None:
        return self._errand.face if owner == self.owner else None

    def has_export(self, owner: str, name: str) -> bool:
        del owner, name
        return True


class Running:
    """One job, which a thread of the worker runs and another may stop."""

    def __init__(self, errand: Errand) -> None:
        self._elsewhere = _Elsewhere(errand)
        self._requests = JobRequests(self._elsewhere, self._elsewhere)
        self._runtime = JobRuntime(errand.key, errand.limits, self._requests)
        self._stopped = threading.Event()

    def stop(self) -> None:
        self._stopped.set()
        self._runtime.stop()

    def to_end(self, image: bytes, arguments: bytes) -> Ended:
        """Run it on this thread; it sleeps here too."""
        try:
            step = self._runtime.begin(1, self._elsewhere.owner, image, arguments)
            while not isinstance(step, Crossing):
                step = self._on(step)
            outcome = WELL + (step.payload if isinstance(step.payload, bytes) else b"")
        except HostError as fault:
            outcome = BADLY + getattr(fault, "reason", str(fault)).encode("utf-8", "replace")
        finally:
            self._runtime.close()
        return Ended(outcome, tuple(self._elsewhere.lines))

    def _on(self, step: Ticket | None) -> Step:
        if step is not None:
            self._requests.parked()
            self._stopped.wait(self._elsewhere.sleeps)
        return self._runtime.go_on(1, LABEL, (True, *DONE))


def run(key: str, errand: Errand, image: bytes, arguments: bytes) -> Ended:
    """Run one job: a task of Dask's."""
    running = _running[key] = Running(errand)
    try:
        return running.to_end(image, arguments)
    finally:
        del _running[key]


def stop(keys: tuple[str, ...]) -> None:
    """Stop jobs that this worker runs."""
    for key in keys:
        with contextlib.suppress(KeyError):
            _running[key].stop()
