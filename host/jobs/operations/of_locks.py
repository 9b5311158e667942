"""What is asked of locks and counters."""

from __future__ import annotations

from typing import Final

from host.jobs.locks import Atomic, Condition, Lock, Once, Semaphore, WaitGroup
from host.jobs.operations.shared import Operation, Shared, made, of
from host.jobs.waits import DONE
from host.runtime.crossing import Crossing


def _condition(scope: Shared, holder: int, lock: int) -> Crossing:
    return scope.things.add(Condition(scope.things.get(Lock, lock)), holder)


def _keep(scope: Shared, _holder: int, *numbers: int) -> Crossing:
    """They went where nobody sees who has them: keep them as long as the module."""
    scope.things.keep(numbers)
    return DONE


def _let_go(scope: Shared, holder: int, *numbers: int) -> Crossing:
    scope.things.let_go(numbers, holder)
    return DONE


def _compare_and_swap(number: Atomic, _holder: int, old: int, new: int) -> bool:
    if number.value != old:
        return False
    number.change(lambda _: new)
    return True


OPERATIONS: Final[dict[str, Operation]] = {
    "keep": _keep,
    "let_go": _let_go,
    "mutex": made(Lock),
    "lock": of(Lock, lambda lock, holder: lock.take(holder)),
    "unlock": of(Lock, lambda lock, _: lock.release()),
    "try_lock": of(Lock, lambda lock, holder: lock.try_take(holder)),
    "rlock": of(Lock, lambda lock, holder: lock.take(holder, shared=True)),
    "runlock": of(Lock, lambda lock, _: lock.release(shared=True)),
    "try_rlock": of(Lock, lambda lock, holder: lock.try_take(holder, shared=True)),
    "semaphore": made(Semaphore),
    "acquire": of(Semaphore, lambda semaphore, holder: semaphore.acquire(holder)),
    "try_acquire": of(Semaphore, lambda semaphore, holder: semaphore.try_acquire(holder)),
    "release": of(Semaphore, lambda semaphore, holder: semaphore.release(holder)),
    "available": of(Semaphore, lambda semaphore, _: semaphore.available),
    "atomic_int": made(Atomic),
    "add": of(Atomic, lambda number, _, delta: number.change(lambda value: value + delta)[1]),
    "load": of(Atomic, lambda number, _: number.value),
    "store": of(Atomic, lambda number, _, value: number.change(lambda _: value)[1]),
    "swap": of(Atomic, lambda number, _, value: number.change(lambda _: value)[0]),
    "compare_and_swap": of(Atomic, _compare_and_swap),
    "wait_group": made(WaitGroup),
    "count": of(WaitGroup, lambda group, _, delta: group.add(delta)),
    "wait": of(WaitGroup, lambda group, _: group.wait()),
    "once": made(Once),
    "once_begin": of(Once, lambda once, holder: once.begin(holder)),
    "once_finish": of(Once, lambda once, _: once.finish()),
    "cond": _condition,
    "cond_wait": of(Condition, lambda condition, holder: condition.wait(holder)),
    "cond_wake": of(Condition, lambda condition, _, most: condition.wake(most)),
}
