"""What is asked of jobs and pools."""

from __future__ import annotations

from functools import partial
from typing import Final

from host.jobs.cluster import Cluster
from host.jobs.job import State
from host.jobs.operations.shared import Operation, Shared, nothing, plain
from host.jobs.pool import Pool
from host.jobs.waits import DONE, Wait
from host.runtime.crossing import Crossing

TIMED_OUT: Final = "timeout exceeded"
MOST_POOLS: Final = 100


def _spawn(scope: Shared, _holder: int, image: bytes, arguments: bytes, *held: int) -> Crossing:
    """Nobody asks how it ends: a failure is a fault of the module."""
    job = scope.start(image, arguments, held)
    if isinstance(job, str):
        return nothing(job)
    job.then(lambda ended: None if ended.well else scope.tell_fault(ended.fault or ended.why))
    return plain(job.number)


def _async(scope: Shared, _holder: int, image: bytes, arguments: bytes, *held: int) -> Crossing:
    job = scope.start(image, arguments, held)
    return nothing(job) if isinstance(job, str) else plain(job.number)


def _await(scope: Shared, _holder: int, number: int) -> Crossing | Wait:
    job = scope.job(number)
    if job is None:
        return nothing("there is no such job, or its outcome was let go after a while")
    return plain(job.outcome) if job.state is State.ENDED else job.wait()


def _timeout(
    scope: Shared, _holder: int, milliseconds: float, image: bytes, arguments: bytes, *held: int
) -> Crossing | Wait:
    job = scope.start(image, arguments, held)
    if isinstance(job, str):
        return nothing(job)
    cancel = scope.turns.later_locked(milliseconds / 1000, partial(job.stop, TIMED_OUT))
    job.then(lambda _: cancel())
    wait = job.wait()
    withdraw = wait.withdraw

    def give_up() -> None:
        withdraw()
        job.stop("cancelled: nobody waits for it any more")

    wait.withdraw = give_up
    return wait


def _failed(scope: Shared, _holder: int, why: bytes) -> Crossing:
    """One value of many could not be worked on: a fault of the module."""
    scope.tell_fault(_text(why))
    return DONE


def _pool_create(
    scope: Shared, _holder: int, name: bytes, workers: int, queue: int, address: bytes | None = None
) -> Crossing | Wait:
    """With an address: on a cluster, which is waited for."""
    known = _text(name)
    refusal = _no_room(scope, known)
    if refusal is not None:
        return refusal
    if address is None:
        scope.pools[known] = Pool(known, workers, queue, scope.new_job, _nothing_to_close, scope.things.held)
        return DONE

    def keep(cluster: Cluster) -> Crossing:
        late = _no_room(scope, known)
        if late is not None:
            cluster.close()
            return late
        make = partial(scope.new_remote_job, cluster)
        leave, held = partial(scope.leave, cluster), scope.things.held
        scope.pools[known] = Pool(known, workers, queue, make, leave, held, lambda: cluster.refusal)
        return DONE

    return scope.connect(_text(address), keep)


def _no_room(scope: Shared, name: str) -> Crossing | None:
    if name in scope.pools:
        return nothing(f"there is a pool {name} already; close it first")
    if len(scope.pools) >= MOST_POOLS:
        return nothing(f"there are {MOST_POOLS} pools already; close one")
    return None


def _nothing_to_close() -> None:
    """Keep the threads, which are the module's."""


def _pool_submit(scope: Shared, _holder: int, name: bytes, image: bytes, arguments: bytes, *held: int) -> Crossing:
    pool = scope.pools.get(_text(name))
    if pool is None:
        return _no_pool(name)
    if pool.refusal:
        return nothing(pool.refusal)
    job = pool.submit(image, arguments)
    if job.state is not State.ENDED:
        scope.things.hold(job.number, held)
    return plain(job.number)


def _pool_wait(scope: Shared, _holder: int, name: bytes) -> Crossing | Wait:
    pool = scope.pools.get(_text(name))
    return _no_pool(name) if pool is None else pool.wait()


def _pool_close(scope: Shared, _holder: int, name: bytes) -> Crossing:
    pool = scope.pools.pop(_text(name), None)
    if pool is None:
        return Crossing.of(False, f"there is no pool {_text(name)}")
    pool.close()
    return DONE


def _pool_stats(scope: Shared, _holder: int, name: bytes) -> Crossing:
    pool = scope.pools.get(_text(name))
    return _no_pool(name) if pool is None else Crossing.of(pool.stats())


def _no_pool(name: bytes) -> Crossing:
    return nothing(f"there is no pool {_text(name)}; make it with pool_create")


def _text(name: bytes) -> str:
    return name.decode("utf-8", "replace")


OPERATIONS: Final[dict[str, Operation]] = {
    "sleep": lambda scope, _, milliseconds: scope.turns.sleep(milliseconds / 1000),
    "spawn": _spawn,
    "async": _async,
    "await": _await,
    "timeout": _timeout,
    "failed": _failed,
    "pool_create": _pool_create,
    "pool_submit": _pool_submit,
    "pool_wait": _pool_wait,
    "pool_close": _pool_close,
    "pool_stats": _pool_stats,
}
