"""A job: a function of a module that runs beside it, in a Lua runtime on whatever thread is free."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from enum import Enum, auto
from typing import Final, Protocol

from host.jobs.requests import JobRequests
from host.jobs.waits import NOTHING, Wait
from host.runtime.crossing import Crossing, Step, Ticket, Wake
from host.runtime.job import JobRuntime
from host.vocabulary.errors import HostError, ModuleFault

WELL: Final = b"+"
"""What an outcome begins with, before what the job returned, packed."""
BADLY: Final = b"-"
"""The same, before a sentence."""

LABEL: Final = "a job"


class State(Enum):
    """Where a job stands."""

    QUEUED = auto()
    READY = auto()
    RUNNING = auto()
    WAITING = auto()
    ENDED = auto()


class Place(Protocol):
    """Where jobs run: a scope."""

    def run(self, work: Callable[[], None]) -> None: ...
    def at_work(self, more: int) -> None: ...
    def borrow(self) -> tuple[JobRuntime, JobRequests]: ...
    def give_back(self, runtime: JobRuntime, requests: JobRequests, *, sound: bool) -> None: ...
    def job_ended(self, job: Job) -> None: ...
    def tell_bug(self, request: str, error: Exception) -> None: ...
    @property
    def lock(self) -> AbstractContextManager[object]: ...


class Job:
    """One job; whoever changes it holds the lock of its place.

    A job that waits holds no thread. One that is stopped runs none of its code any more.

    Attributes:
        number: of the job, in its scope.
        outcome: ``WELL`` or ``BADLY`` and what came of it; empty until it has ended.
        fault: what it ended with, where it raised.
        on_end: told when it has ended.
        lock: of its place.
    """

    __slots__ = (
        *("_awaited", "_begins", "_borrowed", "_place", "_stopped", "_waits", "_wake"),
        *("fault", "lock", "number", "on_end", "outcome", "state"),
    )

    def __init__(self, place: Place, number: int, owner: str, image: bytes, arguments: bytes) -> None:
        """Make one, which is not begun.

        Args:
            place: where it runs.
            number: of the job.
            owner: the core module whose face froze it.
            image: its function, as that froze it.
            arguments: as that packed them.
        """
        self.number = number
        self.outcome = b""
        self.fault: ModuleFault | None = None
        self.on_end: tuple[Callable[[Job], None], ...] = ()
        self.state = State.QUEUED
        self._place = place
        self.lock = place.lock
        self._begins: tuple[str, bytes, bytes] | None = (owner, image, arguments)
        self._borrowed: tuple[JobRuntime, JobRequests] | None = None
        self._waits: Wait | None = None
        self._wake: Wake = (True, None, None)
        self._stopped = ""
        self._awaited: list[Wait] | None = None

    def then(self, told: Callable[[Job], None]) -> None:
        """Have somebody told when it has ended."""
        self.on_end += (told,)

    @property
    def well(self) -> bool:
        return self.outcome.startswith(WELL)

    @property
    def memory(self) -> int:
        """Bytes that its runtime uses, and its function and arguments until they are in it."""
        _, image, arguments = self._begins or ("", b"", b"")
        return len(image) + len(arguments) + (self._borrowed[0].used() if self._borrowed is not None else 0)

    @property
    def why(self) -> str:
        """What went wrong."""
        return self.outcome.removeprefix(BADLY).decode("utf-8", "replace")

    def start(self) -> None:
        """Have it run as soon as there is a thread."""
        self.state = State.READY
        self._place.run(self._turn)

    def wait(self) -> Wait:
        """What ends with its outcome."""
        wait = Wait()
        if self.state is State.ENDED:
            wait.end(Crossing(None, self.outcome))
        else:
            awaited = self._awaited = self._awaited or []
            awaited.append(wait)
            wait.withdraw = lambda: awaited.remove(wait)
        return wait

    def stop(self, why: str) -> None:
        """End it now, wherever it is; nothing where it has ended."""
        if self.state is State.ENDED or self._stopped:
            return
        self._stopped = why
        if self.state is State.RUNNING:
            if self._borrowed is not None:
                self._borrowed[0].stop()  # and its turn sees that it ended
            return
        if self._waits is not None:
            self._waits.give_up()
        self._end(BADLY + why.encode(), sound=False)

    # -- turns, on a thread of its own place --------------------------------------------------------------------------

    def _turn(self) -> None:
        with self.lock:
            if self.state is not State.READY:
                return
            self.state, self._waits = State.RUNNING, None
            self._place.at_work(1)
        step, fault = self._step()
        with self.lock:
            self._place.at_work(-1)
            if self._stopped:
                self._end(BADLY + self._stopped.encode(), sound=False)
            elif fault is not None:
                self.fault = fault if isinstance(fault, ModuleFault) else None
                reason = fault.reason if type(fault) is ModuleFault else str(fault)
                self._end(BADLY + reason.encode("utf-8", "replace"), sound=type(fault) is ModuleFault)
            elif isinstance(step, Crossing):
                returned = step.payload if isinstance(step.payload, bytes) else b""
                self._end(WELL + returned, sound=True)
            else:
                self._leave(step)

    def _step(self) -> tuple[Step, HostError | None]:
        try:
            if self._begins is None:
                assert self._borrowed is not None  # noqa: S101 - it was begun
                return self._borrowed[0].go_on(self.number, LABEL, self._wake), None
            runtime = self._equipped()
            begins, self._begins = self._begins, None
            return runtime.begin(self.number, *begins), None
        except HostError as fault:
            return None, fault.with_traceback(None)  # whose frames hold the runtime
        except Exception as mistake:  # noqa: BLE001 - the host's: the thread goes on, and the job ends
            self._place.tell_bug(LABEL, mistake)
            return None, HostError(f"the host made a mistake ({type(mistake).__name__}); its log says more")

    def _equipped(self) -> JobRuntime:
        borrowed = self._place.borrow()
        borrowed[1].job = self.number
        with self.lock:
            self._borrowed = borrowed
            if self._stopped:
                borrowed[0].stop()
        return borrowed[0]

    def _leave(self, step: Ticket | None) -> None:
        """Give the thread back."""
        wait = self._borrowed[1].parked() if self._borrowed and step is not None else None
        if wait is None:
            self._wake = (True, None, None)
            self.start()
            return
        self.state, self._waits = State.WAITING, wait
        wait.then(self._woken)

    def _woken(self) -> None:
        answer = self._waits.answer if self._waits is not None else None
        self._wake = (
            (False, str(answer).encode("utf-8", "replace"), None)
            if isinstance(answer, HostError)
            else (True, *(answer or NOTHING))
        )
        self.start()

    def _end(self, outcome: bytes, *, sound: bool) -> None:
        self.state, self.outcome, self._waits, self._begins = State.ENDED, outcome, None, None
        if self._borrowed is not None:
            asked = self._borrowed[1].parked()  # of one that was stopped while it asked
            if asked is not None:
                asked.give_up()
            self._place.give_back(*self._borrowed, sound=sound)
            self._borrowed = None
        for wait in self._awaited or ():
            wait.end(Crossing(None, outcome))
        self._awaited = None
        self._place.job_ended(self)
        for told in self.on_end:
            told(self)
