"""Jobs on other machines: a scheduler of Dask's hands them to its workers.

Source: M. Rocklin, "Dask: Parallel Computation with Blocked algorithms and Task Scheduling" (2015).
"""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Awaitable, Callable
from typing import Any, Final
from urllib.parse import urlsplit

from host.jobs import remote
from host.jobs.job import BADLY, Job, Place, State
from host.vocabulary.errors import HostError

CONNECTING: Final = 5.0
"""Seconds."""
_MISSING: Final = "backend dask needs the package distributed: install theseus-host[dask]"


class RemoteJob(Job):
    """A job that a cluster runs."""

    __slots__ = ("_arguments", "_cluster", "_image", "_key")

    def __init__(self, place: Place, number: int, image: bytes, arguments: bytes, cluster: Cluster) -> None:
        super().__init__(place, number, cluster.owner, image, arguments)
        self._cluster = cluster
        self._image, self._arguments = image, arguments
        self._key = ""

    def start(self) -> None:
        """Hand it to the cluster."""
        self.state = State.RUNNING
        self._key = self._cluster.run(self, self._image, self._arguments)
        self._image = self._arguments = b""

    def stop(self, why: str) -> None:
        """End it here at once, and have its worker stop it."""
        if self.state is State.ENDED:
            return
        if self._key:
            self._cluster.stop(self._key)
        self.end(BADLY + why.encode())

    def end(self, outcome: bytes) -> None:
        """Take in what came of it; nothing where it has ended."""
        if self.state is not State.ENDED:
            self._end(outcome, sound=True)


class Cluster:
    """A client of one scheduler, in the event loop; it is reached by who may reach its address."""

    def __init__(self, client: Any, errand: remote.Errand, say: Callable[[str, str], None]) -> None:  # noqa: ANN401 - untyped
        """Use a connection.

        Args:
            client: a ``distributed.Client``.
            errand: what a worker needs of the module.
            say: writes a line in the name of the module.
        """
        self.owner: Final = errand.owner
        self._client = client
        self._say = say
        self._loop = asyncio.get_running_loop()
        self._errand = errand
        self._futures: dict[str, Any] = {}
        self._watching: set[asyncio.Task[None]] = set()
        self._last = 0

    @property
    def refusal(self) -> str:
        """Why no job can be handed over now; empty where it can."""
        if self._client.status == "running":
            return ""
        return "the scheduler of the pool does not answer; close the pool, and make it anew once that is there"

    def run(self, job: RemoteJob, image: bytes, arguments: bytes) -> str:
        """Have a worker run a job, and tell it what came of it; gives its key. From any thread."""
        self._last += 1
        key = f"theseus-{self._errand.key.name}-{id(self):x}-{self._last}"
        self._loop.call_soon_threadsafe(self._begin, key, job, image, arguments)
        return key

    def stop(self, key: str) -> None:
        """Stop a job; from any thread."""
        self._loop.call_soon_threadsafe(self._watch, self._stop((key,)))

    def close(self) -> None:
        """Stop what runs, and let go of the scheduler."""
        self._watch(self._close())

    def _begin(self, key: str, job: RemoteJob, image: bytes, arguments: bytes) -> None:
        if job.state is State.RUNNING:
            self._watch(self._run(key, job, image, arguments))

    async def _run(self, key: str, job: RemoteJob, image: bytes, arguments: bytes) -> None:
        try:
            future = self._client.submit(remote.run, key, self._errand, image, arguments, key=key, pure=False)
            self._futures[key] = future
            ended: remote.Ended = await future
            outcome = ended.outcome
            for level, text in ended.lines:
                self._say(level, text)
        except asyncio.CancelledError:
            outcome = BADLY + b"cancelled"
        except Exception as failure:  # noqa: BLE001 - whatever a worker, or the way to it, raised is how the job ended
            outcome = BADLY + f"Dask did not run it: {type(failure).__name__}: {failure}".encode()
        finally:
            self._futures.pop(key, None)
        with job.lock:
            job.end(outcome)

    async def _stop(self, keys: tuple[str, ...]) -> None:
        futures = [self._futures[key] for key in keys if key in self._futures]
        await self._client.run(remote.stop, keys, on_error="ignore")
        await self._client.cancel(futures)

    async def _close(self) -> None:
        if self._futures:
            await self._stop(tuple(self._futures))
        await self._client.close()

    def _watch(self, doing: Any) -> None:  # noqa: ANN401 - a coroutine
        task = self._loop.create_task(doing)
        self._watching.add(task)
        task.add_done_callback(self._watching.discard)


Reach = Callable[[str, int], Awaitable[str]]
"""Judges a host and a port; gives the address to connect to."""


async def connected(address: str, reach: Reach, errand: remote.Errand, say: Callable[[str, str], None]) -> Cluster:
    """Reach a scheduler.

    Args:
        address: ``tcp://HOST:PORT``, or ``tls://``.
        reach: whether the module may.
        errand: what a worker needs of the module.
        say: writes a line in its name.

    Raises:
        HostError: why it cannot be had.
        PermissionDenied: the module may not reach it.
    """
    place = urlsplit(address if "//" in address else f"tcp://{address}")
    try:
        host, port = place.hostname or "", place.port or 0
    except ValueError:
        host, port = "", 0
    if place.scheme not in {"tcp", "tls"} or not host or not port:
        raise HostError(f"{address!r} is no address of a scheduler; write tcp://HOST:PORT")
    ip = await reach(host, port)
    try:
        distributed = await asyncio.to_thread(importlib.import_module, "distributed")
    except ImportError:
        raise HostError(_MISSING) from None
    shown = f"[{ip}]" if ":" in ip else ip
    try:
        client = await distributed.Client(f"{place.scheme}://{shown}:{port}", asynchronous=True, timeout=CONNECTING)
    except (OSError, TimeoutError) as error:
        raise HostError(f"no scheduler of Dask's answers at {address}: {error}") from error
    return Cluster(client, errand, say)
