"""A scope: the jobs of one instance of a module, and what they share. It goes with the instance, and they with it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager, suppress
from functools import partial
from itertools import count
from typing import Final

from host.jobs.cluster import Cluster, RemoteJob, connected
from host.jobs.equipment import Equipment, Equipped
from host.jobs.held import Held
from host.jobs.job import LABEL, Job
from host.jobs.operations import OPERATIONS
from host.jobs.outcomes import Outcomes
from host.jobs.pool import Pool
from host.jobs.remote import Errand
from host.jobs.requests import JobRequests, answer_of
from host.jobs.things import MODULE, Things
from host.jobs.threads import Threads
from host.jobs.turns import Turns
from host.jobs.waits import NOTHING, Wait
from host.lifecycle.native import Client
from host.lifecycle.quota import Bucket
from host.runtime.crossing import Crossing
from host.runtime.job import JobRuntime
from host.trust.caller import Caller
from host.vocabulary.errors import HostError, ModuleFault, RateExceeded
from host.vocabulary.payload import Payload
from host.vocabulary.views import ActivityRow, LimitView

MOST_JOBS: Final = 1000
"""Jobs of one module that have begun and not ended, beside those of pools; each that waits keeps its runtime."""
MOST_MEMORY: Final = 16
"""How many times what the module itself may use its jobs may, together."""
LOOK: Final = 0.25
"""Seconds between two looks at that."""
ENDS_BY_ITSELF: Final = "sleep"
OF_JOBS: Final = frozenset({"await", "pool_wait", "timeout"})
"""What waits for jobs, which go on until their scope is closed."""
NEARLY_DONE: Final = frozenset({"await", "timeout"})
PATIENCE: Final = 0.0002
"""Seconds that the event loop waits for a job itself, as a thread spins for a lock before it sleeps."""
ENDS: Final = "cancelled: the module ends"

Reach = Callable[[Caller, str, int], Awaitable[str]]
"""Judges whether a module may reach a host and a port; gives the address to connect to."""


class Scope:
    """Everything is changed under one lock: by the event loop for the module, by threads for its jobs.

    Attributes:
        owner: the core module whose face asks.
        lock: held while anything is changed.
        pools: by name.
        things: what jobs share.
        turns: of the event loop.
    """

    def __init__(self, client: Client, owner: str, reach: Reach) -> None:
        """Make one for a module that asks; in the event loop."""
        manifest, limits = client.caller.manifest, client.caller.manifest.limits
        self.owner: Final = owner
        self.lock: Final[AbstractContextManager[object]] = threading.RLock()
        self.pools: Final[dict[str, Pool]] = {}
        self.turns: Final = Turns(self.lock)
        self._numbers = count(1)
        self.things: Final = Things(owner, partial(next, self._numbers), Held(limits.memory))
        self._client = client
        self._reach = reach
        self._name, self._limits = manifest.name, limits
        self._equipment = Equipment(manifest.key, manifest.limits, self, client)
        self._threads = Threads(f"job of {self._name}", self.turns.later)
        self._lines = Bucket(self._limits.log, self.turns.now())
        self._jobs: dict[int, Job] = {}
        self._outcomes = Outcomes()
        self._clusters: list[Cluster] = []
        self._asked: dict[asyncio.Future[Crossing], tuple[Wait, bool]] = {}
        self._quiet = asyncio.Event()
        self._alone = 0
        self._most_memory = MOST_MEMORY * limits.memory
        self._stopped = self._at_work = 0
        self._looking = self._settling = self._closed = False

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
        if isinstance(answer.answer, Crossing):
            return answer.answer
        future = self.turns.future(answer)
        if name != ENDS_BY_ITSELF:
            self._asked[future] = answer, name in OF_JOBS
            future.add_done_callback(lambda done: self._asked.pop(done, None))
        return future

    def step_back(self, why: str) -> None:
        """Refuse those tasks of the module that wait for what it shares with jobs: they see another scope by now."""
        self._refuse(why, of_jobs=False)

    def _refuse(self, why: str, *, of_jobs: bool) -> None:
        with self.lock:
            for wait, is_of_job in list(self._asked.values()):
                if wait.answer is None and (of_jobs or not is_of_job):
                    wait.withdraw()
                    wait.end(HostError(why))

    def _be_patient(self, wait: Wait) -> None:
        """Wait for a moment here: what ends by then costs no turn of the event loop, and half the time."""
        gate = threading.Lock()
        gate.acquire()
        with self.lock:
            wait.then(gate.release)
        gate.acquire(timeout=PATIENCE)

    # -- jobs ---------------------------------------------------------------------------------------------------------

    def start(self, image: bytes, arguments: bytes, held: tuple[int, ...]) -> Job | str:
        """Start a job of its own, which holds some things; a sentence where there are too many."""
        if self._alone >= MOST_JOBS:
            return f"more than {MOST_JOBS:,} jobs at a time; wait for some, or use a pool"
        self._alone += 1
        job = self.new_job(image, arguments)
        job.then(self._alone_ended)
        self.things.hold(job.number, held)
        job.start()
        return job

    def _alone_ended(self, _job: Job) -> None:
        self._alone -= 1

    def new_job(self, image: bytes, arguments: bytes) -> Job:
        """Make a job; it is not started."""
        number = next(self._numbers)
        job = self._jobs[number] = Job(self, number, self.owner, image, arguments)
        return job

    def new_remote_job(self, cluster: Cluster, image: bytes, arguments: bytes) -> Job:
        """Make a job that a cluster will run."""
        number = next(self._numbers)
        job = self._jobs[number] = RemoteJob(self, number, image, arguments, cluster)
        return job

    def job(self, number: Payload) -> Job | None:
        """A job by its number, as long as its outcome is known."""
        if not isinstance(number, int):
            return None
        return self._jobs.get(number) or self._outcomes.get(number)

    def job_ended(self, job: Job) -> None:
        """Take note of the end of one."""
        self._jobs.pop(job.number, None)
        self.things.job_ended(job.number, well=job.well)
        self._outcomes.keep(job)
        if self._settling and not self._jobs:
            self._settling = False
            self.turns.post(self._quiet.set)

    def tell_fault(self, fault: ModuleFault | str) -> None:
        """Count it against the module that a job failed of which nobody asks how it ended."""
        if not self._closed:
            named = ModuleFault(self._name, LABEL, fault) if isinstance(fault, str) else fault
            self.turns.post(self._client.faulted, named)

    async def settled(self) -> None:
        """Wait until no job is there."""
        while not self._closed:
            with self.lock:
                if not self._jobs:
                    return
                self._settling = True
                self._quiet.clear()
            await self._quiet.wait()

    def activity(self) -> tuple[ActivityRow, ...]:
        """Its pools, its jobs without one, and the threads that all of these run on."""
        with self.lock:
            rows = [pool.activity() for pool in self.pools.values()]
            if self._alone:
                rows.append(ActivityRow(kind="pool", name="jobs without a pool", detail=f"{self._alone:,} run or wait"))
            return (*rows, self._threads.activity()) if rows else ()

    def limits(self) -> tuple[LimitView, ...]:
        """What its jobs use, and what waits for somebody beside them."""
        with self.lock:
            used, held = sum(job.memory for job in self._jobs.values()), self.things.held
            jobs = LimitView(name="jobs", unit="bytes", most=self._most_memory, used=used, hits=self._stopped)
            return jobs, LimitView(name="channels", unit="bytes", most=held.most, used=held.used, hits=held.hits)

    # -- where jobs run -----------------------------------------------------------------------------------------------

    def run(self, work: Callable[[], None]) -> None:
        self._threads.run(work)

    def borrow(self) -> Equipped:
        """Give a runtime to a job, and look after the memory of all as long as there are jobs."""
        if not self._looking:
            self._looking = True
            self.turns.later(LOOK, self._look)
        return self._equipment.borrow()

    def at_work(self, more: int) -> None:
        """Have the crash marker say that so many more jobs run now."""
        self._at_work += more
        self._client.at_work(self._at_work)

    def give_back(self, runtime: JobRuntime, requests: JobRequests, *, sound: bool) -> None:
        self._equipment.give_back(runtime, requests, sound=sound)

    def _look(self) -> None:
        """Stop those that use most, where all together use too much."""
        most = self._most_memory
        with self.lock:
            jobs = sorted(self._jobs.values(), key=lambda job: job.memory)
            used = sum(job.memory for job in jobs)
            why = f"the jobs of {self._name} used more than {most >> 20} MiB together, and this one the most"
            while used > most:
                self._stopped += 1
                used -= jobs[-1].memory
                jobs.pop().stop(why)
            self._looking = bool(jobs) and not self._closed
        if self._looking:
            self.turns.later(LOOK, self._look)

    # -- other machines -----------------------------------------------------------------------------------------------

    def connect(self, address: str, keep: Callable[[Cluster], Crossing]) -> Wait:
        """Reach a scheduler; ends with what ``keep`` gives, or nothing and why not."""
        client, manifest = self._client, self._client.caller.manifest
        face, needs = client.face(self.owner) or b"", frozenset(manifest.dependencies)
        errand = Errand(manifest.key, self._limits, self.owner, face, dict(client.files), needs)

        async def connecting() -> Crossing:
            try:
                cluster = await connected(address, partial(self._reach, client.caller), errand, self.say)
            except (HostError, OSError) as refusal:
                return Crossing.of(None, str(refusal))
            with self.lock:
                if self._closed:
                    cluster.close()
                    return NOTHING
                self._clusters.append(cluster)
                return keep(cluster)

        return self.turns.awaiting(connecting)

    def leave(self, cluster: Cluster) -> None:
        """Leave a scheduler, whose pool is closed."""
        self._clusters.remove(cluster)
        self.turns.post(cluster.close)

    # -- what jobs ask of the module ----------------------------------------------------------------------------------

    def ask_export(self, owner: str, name: str, crossing: Crossing) -> Wait:
        """Have the event loop call an export of another module in the name of this one."""

        async def asking() -> Crossing:
            return await answer_of(self._client.ask_export(owner, name, crossing))

        return self.turns.awaiting(asking)

    def sleep(self, seconds: float) -> Wait:
        return self.turns.sleep(seconds)

    def say(self, level: str, text: str) -> None:
        """Write a line in the name of the module; too many a second are left out."""
        with self.lock:
            allowed = self._lines.take(self.turns.now())
        if allowed:
            self.turns.post(self._say, level, text)

    def _say(self, level: str, text: str) -> None:
        with suppress(RateExceeded):  # what the module itself wrote counts too; its limits say so, and the log
            self._client.log(level, text)

    def tell_bug(self, request: str, error: Exception) -> None:
        self.turns.post(self._client.bug, request, error)

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
        self._refuse(ENDS, of_jobs=True)
        in_time = self._threads.close()
        with self.lock:
            self._equipment.close()
            self.things.clear()
        self._quiet.set()
        if not in_time:
            self._client.log("error", "a job does not end: it computes in one step of Lua; its thread goes on beside")
