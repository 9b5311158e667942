from __future__ import annotations

import pytest

from host.jobs.locks import Atomic, Condition, Lock, Once, Semaphore, WaitGroup
from host.jobs.waits import DONE, REFUSED, Answer, Wait
from host.vocabulary.errors import HostError


def answers(*waits: Wait) -> list[Answer | None]:
    return [wait.answer for wait in waits]


def test_a_lock_goes_to_who_came_first() -> None:
    lock = Lock()
    first, second, third = (lock.take(holder) for holder in (1, 2, 3))
    assert answers(first, second, third) == [DONE, None, None]
    lock.release()
    assert answers(second, third) == [DONE, None]


def test_readers_share_a_lock_and_none_overtakes_a_writer_who_waits() -> None:
    lock = Lock()
    assert lock.try_take(1, shared=True)
    assert lock.try_take(2, shared=True)
    writer, reader = lock.take(3), lock.take(4, shared=True)
    assert answers(writer, reader) == [None, None]
    assert not lock.try_take(5, shared=True)
    lock.release(shared=True)
    assert answers(writer) == [None]
    lock.release(shared=True)
    assert answers(writer, reader) == [DONE, None]
    lock.release()
    assert answers(reader) == [DONE]


@pytest.mark.parametrize("shared", [True, False])
def test_a_lock_that_nobody_has_so_cannot_be_released(shared: bool) -> None:  # noqa: FBT001 - a parameter of a test
    lock = Lock()
    lock.try_take(1, shared=not shared)
    with pytest.raises(HostError, match="nobody has locked"):
        lock.release(shared=shared)


def test_who_gives_up_waiting_holds_up_nobody() -> None:
    lock = Lock()
    assert lock.try_take(1, shared=True)
    writer = lock.take(2)
    reader = lock.take(3, shared=True)
    writer.give_up()
    assert reader.answer is DONE
    lock.release(shared=True)
    lock.release(shared=True)
    assert lock.try_take(4)


def test_what_was_given_to_who_gave_up_goes_to_the_next() -> None:
    lock, semaphore = Lock(), Semaphore(1)
    mine, token = lock.take(1), semaphore.acquire(1)
    next_one, next_token = lock.take(2), semaphore.acquire(2)
    mine.give_up()
    token.give_up()
    assert (next_one.answer, next_token.answer) == (DONE, DONE)


def test_what_somebody_holds_who_is_gone_is_free() -> None:
    lock, semaphore, once = Lock(), Semaphore(2), Once()
    lock.take(1)
    semaphore.acquire(1)
    semaphore.acquire(1)
    once.begin(1)
    waiting = once.begin(2)
    for thing in (lock, semaphore, once):
        thing.abandon(1)
    assert lock.try_take(2)
    assert semaphore.available == 2
    assert waiting.answer is REFUSED


def test_a_semaphore_has_no_more_tokens_than_it_had() -> None:
    semaphore = Semaphore(1)
    with pytest.raises(HostError, match="nobody has acquired"):
        semaphore.release(1)
    assert semaphore.try_acquire(1)
    assert not semaphore.try_acquire(1)
    semaphore.release(2)
    assert semaphore.available == 1


def test_a_signal_wakes_one_and_it_has_the_lock_again() -> None:
    lock = Lock()
    condition = Condition(lock)
    lock.take(1)
    first = condition.wait(1)
    lock.take(2)
    second = condition.wait(2)
    lock.take(3)
    condition.wake(1)
    assert answers(first, second) == [None, None], "the lock is still held by who signalled"
    lock.release()
    assert answers(first, second) == [DONE, None]
    assert lock.held_by(1)


def test_a_condition_whose_lock_is_not_held_cannot_be_waited_for() -> None:
    condition = Condition(Lock())
    with pytest.raises(HostError, match="not locked"):
        condition.wait(1)


def test_a_wait_group_ends_when_all_is_done_and_never_goes_below() -> None:
    group = WaitGroup()
    assert group.wait().answer is DONE
    group.add(2)
    wait = group.wait()
    group.add(-1)
    assert answers(wait) == [None]
    group.add(-1)
    assert answers(wait) == [DONE]
    with pytest.raises(HostError, match="more often than was added"):
        group.add(-1)


def test_an_atomic_integer_stays_one() -> None:
    number = Atomic(2**53)
    with pytest.raises(HostError, match="53 bits"):
        number.change(lambda value: value + 1)
    assert number.value == 2**53
