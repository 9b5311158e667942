"""A scope: the jobs of one instance of a module, and what they share. It goes with the instance, and they with it."""

from __future__ import annotations

import asyncio
import threading
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from contextlib import AbstractContextManager
from functools import partial
from typing import Final, TypeVar

from host.jobs.channels import Channel
from host.jobs.cluster import Cluster, RemoteJob, connected
from host.jobs.job import LABEL, Job, State
from host.jobs.locks import Lock, Once, Semaphore
from host.jobs.operations import OPERATIONS
from host.jobs.pool import Pool
from host.jobs.remote import Errand
from host.jobs.requests import JobRequests, answer_of
from host.jobs.threads import Threads
from host.jobs.waits import DONE, NOTHING, Answer, Wait
from host.lifecycle.native import Client
from host.lifecycle.quota import Bucket
from host.runtime.crossing import Crossing
from host.runtime.job import JobRuntime
from host.trust.caller import Caller
from host.vocabulary.errors import HostError, ModuleFault
from host.vocabulary.payload import Payload

T = TypeVar("T")

MODULE: Final = 0
"""Who holds what the module itself holds; jobs are numbered from 1."""
MOST_JOBS: Final = 1000
"""Jobs of one module that have begun and not ended; each that waits keeps its runtime."""
MOST_OBJECTS: Final = 100_000
"""Channels, locks and the like of one module."""
MOST_KEPT: Final = 10_000
"""Jobs that have ended, of which the outcome can still be asked for."""
MOST_KEPT_BYTES: Final = 64 << 20
MOST_MEMORY: Final = 16
"""How many times what the module itself may use its jobs may, together."""
LOOK: Final = 0.25
"""Seconds between two looks at that."""
SPARE: Final = 4
"""Runtimes that are kept for the next jobs."""
NEARLY_DONE: Final = frozenset({"await", "timeout"})
PATIENCE: Final = 0.0002
"""Seconds that the event loop waits for a job itself, as a thread spins for a lock before it sleeps."""
ENDS: Final = "cancelled: the module ends"


class Scope:
    """Everything is changed under one lock: by the event loop for the module, by threads for its jobs.

    Attributes:
        owner: the core module whose face asks.
        pools: by name.
        lock: held while anything is changed.
    """

    def __init__(self, client: Client, owner: str, reach: Callable[[Caller, str, int], Awaitable[str]]) -> None:
        """Make one for a module that asks; in the event loop.

        Args:
            client: that module.
            owner: the core module.
            reach: judges whether a module may reach a host and a port; gives the address to connect to.
        """
        self.owner: Final = owner
        self._reach = reach
        self.pools: Final[dict[str, Pool]] = {}
        self._client = client
        manifest = client.caller.manifest
        self._name = manifest.name
        self._key, self._limits = manifest.key, manifest.limits
        self._loop = asyncio.get_running_loop()
        self.lock: Final[AbstractContextManager[object]] = threading.RLock()
        self._objects: dict[int, object] = {}
        self._holders: dict[int, set[int]] = {}
        self._held: dict[int, list[int]] = {}
        self._kept_for_good: set[int] = set()
        self._jobs: dict[int, Job] = {}
        self._kept: OrderedDict[int, Job] = OrderedDict()
        self._kept_bytes = 0
        self._spare: list[tuple[JobRuntime, JobRequests]] = []
        self._last = self._alone = 0
        self._quiet: list[asyncio.Future[None]] = []
        self._lines = Bucket(self._limits.log, self._loop.time())
        self._threads = Threads(f"job of {self._name}", self._later)
        self._clusters: list[Cluster] = []
        self._looking = False
        self._closed = False

    # -- what is asked ------------------------------------------------------------------------------------------------

    def ask(self, name: str, arguments: tuple[Payload, ...], holder: int) -> Crossing | Wait:
        """Do what the face asks in a job, or in the module.

        Raises:
            HostError: it cannot be done.
        """
        operation = OPERATIONS.get(name)
        if operation is None:
            raise HostError(f"{self.owner} has no {name}")
        with self.lock:
            if self._closed:
                raise HostError(ENDS)
            return operation(self, holder, *arguments)

    def answer(self, name: str, arguments: tuple[Payload, ...]) -> Crossing | asyncio.Future[Crossing]:
        """Do what the face asks in the module: the answer, or what will be that."""
        answer = self.ask(name, arguments, MODULE)
        if isinstance(answer, Crossing):
            return answer
        if answer.answer is None and name in NEARLY_DONE:
            self._be_patient(answer)
        return answer.answer if isinstance(answer.answer, Crossing) else self._future(answer)

    def _be_patient(self, wait: Wait) -> None:
        """Wait for a moment here: what ends by then costs no turn of the event loop, and half the time."""
        gate = threading.Lock()
        gate.acquire()
        with self.lock:
            wait.then(gate.release)
        gate.acquire(timeout=PATIENCE)

    def _future(self, wait: Wait) -> asyncio.Future[Crossing]:
        future: asyncio.Future[Crossing] = self._loop.create_future()
        future.add_done_callback(partial(self._given_up, wait))
        with self.lock:
            wait.then(lambda: self._post(_settle, future, wait))
        return future

    def _given_up(self, wait: Wait, future: asyncio.Future[Crossing]) -> None:
        if future.cancelled():
            with self.lock:
                wait.give_up()

    # -- objects ------------------------------------------------------------------------------------------------------

    def add(self, thing: object, holder: int) -> Crossing:
        """Keep something that jobs share, for whoever made it: its number."""
        if len(self._objects) >= MOST_OBJECTS:
            raise HostError(f"more than {MOST_OBJECTS:,} channels, locks and the like; make them once, and keep them")
        self._last += 1
        self._objects[self._last] = thing
        self._hold(self._last, holder)
        return Crossing(None, self._last)

    def hold(self, job: Job, numbers: tuple[int, ...]) -> None:
        """Keep things for a job until it has ended."""
        if job.state is not State.ENDED:
            for number in numbers:
                self._hold(number, job.number)

    def _hold(self, number: int, holder: int) -> None:
        self._holders.setdefault(number, set()).add(holder)
        if holder != MODULE:
            self._held.setdefault(holder, []).append(number)

    def keep(self, numbers: tuple[int, ...]) -> None:
        """Keep things for good."""
        for number in numbers:
            self._hold(number, MODULE)
            self._kept_for_good.add(number)

    def let_go(self, numbers: Iterable[int], holder: int) -> None:
        """Forget things that a holder has let go of, where no other has them."""
        for number in numbers:
            holders = self._holders.get(number)
            if holders is None or number in self._kept_for_good:
                continue
            holders.discard(holder)
            if not holders:
                del self._holders[number]
                self._objects.pop(number, None)

    def get(self, kind: type[T], number: Payload) -> T:
        """Give something by its number.

        Raises:
            HostError: it is not there.
        """
        thing = self._objects.get(number) if isinstance(number, int) else None
        if not isinstance(thing, kind):
            raise HostError(f"this {kind.__name__.lower()} is gone: {self.owner} was swapped meanwhile; make a new one")
        return thing

    # -- jobs ---------------------------------------------------------------------------------------------------------

    def new_job(self, image: bytes, arguments: bytes) -> Job:
        """Make a job; it is not started."""
        self._last += 1
        job = Job(self, self._last, self.owner, image, arguments)
        self._jobs[job.number] = job
        return job

    def new_remote_job(self, cluster: Cluster, image: bytes, arguments: bytes) -> Job:
        """Make a job that a cluster will run."""
        self._last += 1
        job = self._jobs[self._last] = RemoteJob(self, self._last, image, arguments, cluster)
        return job

    def connect(self, address: str, keep: Callable[[Cluster], Crossing]) -> Wait:
        """Reach a scheduler; ends with what ``keep`` gives, or nothing and why not."""
        manifest = self._client.caller.manifest
        face = self._client.face(self.owner) or b""
        errand = Errand(
            self._key, self._limits, self.owner, face, dict(self._client.files), frozenset(manifest.dependencies)
        )

        async def connecting() -> Crossing:
            try:
                cluster = await connected(address, partial(self._reach, self._client.caller), errand, self.say)
            except (HostError, OSError) as refusal:
                return Crossing.of(None, str(refusal))
            with self.lock:
                if self._closed:
                    cluster.close()
                    return NOTHING
                self._clusters.append(cluster)
                return keep(cluster)

        return self._awaiting(connecting)

    def leave(self, cluster: Cluster) -> None:
        """Leave a scheduler, whose pool is closed."""
        self._clusters.remove(cluster)
        self._post(cluster.close)

    def start(self, image: bytes, arguments: bytes, held: tuple[int, ...]) -> Job | str:
        """Start a job of its own; a sentence where there are too many."""
        if self._alone >= MOST_JOBS:
            return f"more than {MOST_JOBS:,} jobs at a time; wait for some, or use a pool"
        self._alone += 1
        job = self.new_job(image, arguments)
        job.then(self._alone_ended)
        self.hold(job, held)
        job.start()
        return job

    def _alone_ended(self, _job: Job) -> None:
        self._alone -= 1

    def job(self, number: Payload) -> Job | None:
        """A job by its number, as long as its outcome is known."""
        if not isinstance(number, int):
            return None
        return self._jobs.get(number) or self._kept.get(number)

    def job_ended(self, job: Job) -> None:
        """Free what it held where it did not end well, and keep its outcome for a while."""
        self._jobs.pop(job.number, None)
        if not job.well:
            for thing in self._objects.values():
                if isinstance(thing, (Lock, Semaphore, Once)):
                    thing.abandon(job.number)
        self.let_go(self._held.pop(job.number, ()), job.number)
        self._kept[job.number] = job
        self._kept_bytes += len(job.outcome)
        while len(self._kept) > MOST_KEPT or self._kept_bytes > MOST_KEPT_BYTES:
            _, oldest = self._kept.popitem(last=False)
            self._kept_bytes -= len(oldest.outcome)
        if self._quiet and not self._jobs:
            self._post(self._tell_quiet)

    def tell_fault(self, fault: ModuleFault | str) -> None:
        """Count it against the module that a job failed of which nobody asks how it ended."""
        if not self._closed:
            named = ModuleFault(self._name, LABEL, fault) if isinstance(fault, str) else fault
            self._post(self._client.faulted, named)

    def close_after(self, channel: Channel, jobs: list[Job]) -> None:
        """Close a channel when some jobs have ended."""
        left = {job.number for job in jobs}

        def ended(job: Job) -> None:
            left.discard(job.number)
            if not left:
                channel.close()

        for job in jobs:
            if job.state is State.ENDED:
                ended(job)
            else:
                job.then(ended)

    async def settled(self) -> None:
        """Wait until no job is there."""
        while self._jobs:
            quiet: asyncio.Future[None] = self._loop.create_future()
            self._quiet.append(quiet)
            await quiet

    def _tell_quiet(self) -> None:
        quiet, self._quiet = self._quiet, []
        for each in quiet:
            if not each.done():
                each.set_result(None)

    # -- where jobs run -----------------------------------------------------------------------------------------------

    def run(self, work: Callable[[], None]) -> None:
        self._threads.run(work)

    def borrow(self) -> tuple[JobRuntime, JobRequests]:
        """Give a runtime to a job; made on its thread where none is spare."""
        with self.lock:
            if not self._looking:
                self._looking = True
                self._later(LOOK, self._look)
            if self._spare:
                return self._spare.pop()
        requests = JobRequests(self)
        return JobRuntime(self._key, self._limits, requests), requests

    def give_back(self, runtime: JobRuntime, requests: JobRequests, *, sound: bool) -> None:
        """Take a runtime back; one in which a job was stopped, or met a limit, is not used again."""
        if sound and len(self._spare) < SPARE and not self._closed:
            self._spare.append((runtime, requests))
        else:
            runtime.close()

    def _look(self) -> None:
        """Stop those that use most, where all together use too much; look again as long as there are jobs."""
        with self.lock:
            most = MOST_MEMORY * self._limits.memory
            jobs = sorted(self._jobs.values(), key=lambda job: job.memory)
            used = sum(job.memory for job in jobs)
            while used > most:
                largest = jobs.pop()
                used -= largest.memory
                largest.stop(
                    f"the jobs of {self._name} used more than {most >> 20} MiB together, and this one the most"
                )
            self._looking = bool(jobs) and not self._closed
        if self._looking:
            self._later(LOOK, self._look)

    # -- what jobs ask ------------------------------------------------------------------------------------------------

    def sleep(self, seconds: float) -> Wait:
        """What ends after some seconds."""
        return self.ending_after(seconds, Wait(), DONE)

    def soon(self, call: Callable[[], None]) -> None:
        """Call something in the event loop's next turn."""
        self._post(self._locked_call, call)

    def _locked_call(self, call: Callable[[], None]) -> None:
        with self.lock:
            call()

    def ending_after(self, seconds: float, wait: Wait, answer: Answer) -> Wait:
        """Have a wait end after some seconds, where nothing ended it before."""
        withdraw, cancel = wait.withdraw, self._later(seconds, lambda: self._end(wait, answer))

        def give_up() -> None:
            cancel()
            withdraw()

        wait.withdraw = give_up
        return wait

    def stop_after(self, seconds: float, job: Job, why: str) -> None:
        """Stop a job after some seconds, where it has not ended by then."""
        cancel = self._later(seconds, lambda: self._stop(job, why))
        job.then(lambda _: cancel())

    def ask_export(self, owner: str, name: str, crossing: Crossing) -> Wait:
        """Have the event loop call an export of another module in the name of this one."""

        async def asking() -> Crossing:
            return await answer_of(self._client.ask_export(owner, name, crossing))

        return self._awaiting(asking)

    def _awaiting(self, doing: Callable[[], Coroutine[None, None, Crossing]]) -> Wait:
        """What ends with what the event loop does, from its next turn on."""
        wait = Wait()
        tasks: list[asyncio.Task[None]] = []

        async def to_end() -> None:
            try:
                answer: Answer = await doing()
            except HostError as refusal:
                answer = refusal.with_traceback(None)
            self._end(wait, answer)

        def begin() -> None:
            if wait.answer is None:
                tasks.append(self._loop.create_task(to_end()))

        wait.withdraw = lambda: self._post(lambda: [task.cancel() for task in tasks])
        self._post(begin)
        return wait

    def say(self, level: str, text: str) -> None:
        """Write a line in the name of the module."""
        with self.lock:
            allowed = self._lines.take(self._loop.time())
        if allowed:
            self._post(self._client.log, level, text)

    def tell_bug(self, request: str, error: Exception) -> None:
        self._post(self._client.bug, request, error)

    def asset(self, path: str) -> bytes:
        return self._client.asset(path)

    def source(self, path: str) -> bytes | None:
        return self._client.source(path)

    def dependency(self, name: str) -> str | None:
        return self._client.dependency(name)

    def face(self, owner: str) -> bytes | None:
        return self._client.face(owner)

    def has_export(self, owner: str, name: str) -> bool:
        return self._client.has_export(owner, name)

    # -- its end ------------------------------------------------------------------------------------------------------

    def close(self) -> None:
        """Stop every job, and wait until its threads are gone; in the event loop."""
        with self.lock:
            self._closed = True
            for job in list(self._jobs.values()):
                job.stop(ENDS)
            for cluster in self._clusters:
                cluster.close()
            self._clusters.clear()
        in_time = self._threads.close()
        with self.lock:
            for runtime, _ in self._spare:
                runtime.close()
            self._spare.clear()
            self._objects.clear()
            self._kept.clear()
            self._tell_quiet()
        if not in_time:
            self._client.log("error", "a job does not end: it computes in one step of Lua; its thread goes on beside")

    # -- the event loop -----------------------------------------------------------------------------------------------

    def _post(self, call: Callable[..., object], *arguments: object) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(call, *arguments)

    def _later(self, seconds: float, call: Callable[[], None]) -> Callable[[], None]:
        """Have the event loop call something later; gives what takes that back, from any thread."""
        armed: list[asyncio.TimerHandle | None] = []

        def arm() -> None:
            if not armed:
                armed.append(self._loop.call_later(seconds, call))

        def disarm() -> None:
            if armed and armed[0] is not None:
                armed[0].cancel()
            armed[:] = [None]

        self._post(arm)
        return lambda: self._post(disarm)

    def _end(self, wait: Wait, answer: Answer) -> None:
        with self.lock:
            wait.end(answer)

    def _stop(self, job: Job, why: str) -> None:
        with self.lock:
            job.stop(why)


def _settle(future: asyncio.Future[Crossing], wait: Wait) -> None:
    if future.done():
        return
    if isinstance(wait.answer, HostError):
        future.set_exception(wait.answer)
    elif wait.answer is not None:
        future.set_result(wait.answer)
