from __future__ import annotations

from functools import partial
from itertools import count
from typing import cast

import pytest

from host.jobs.channels import Channel
from host.jobs.held import Held
from host.jobs.job import Job
from host.jobs.locks import Lock
from host.jobs.outcomes import Outcomes
from host.jobs.things import MODULE, Things
from host.vocabulary.errors import HostError


@pytest.fixture
def things() -> Things:
    return Things("owner", partial(next, count(1)), Held(1 << 20))


def added(things: Things, thing: object, holder: int = MODULE) -> int:
    number = things.add(thing, holder).payload
    assert isinstance(number, int)
    return number


def gone(things: Things, number: int) -> bool:
    try:
        things.get(object, number)
    except HostError:
        return True
    return False


def test_a_thing_is_there_as_long_as_one_has_it(things: Things) -> None:
    number = added(things, Channel(0))
    things.hold(7, (number,))
    things.let_go((number,), MODULE)
    assert not gone(things, number)
    things.job_ended(7, well=True)
    assert gone(things, number)


def test_what_went_anywhere_is_there_for_good(things: Things) -> None:
    number = added(things, Channel(0), 7)
    things.keep((number,))
    things.job_ended(7, well=True)
    things.let_go((number,), MODULE)
    assert not gone(things, number)


def test_what_a_job_that_failed_had_locked_is_free(things: Things) -> None:
    own, handed, anywhere, other = Lock(), Lock(), Lock(), Lock()
    added(things, own, 7)
    things.hold(7, (added(things, handed),))
    things.keep((added(things, anywhere),))
    for lock in (own, handed, anywhere):
        lock.take(7)
    other.take(8)
    added(things, other)
    things.job_ended(7, well=False)
    assert [lock.try_take(9) for lock in (own, handed, anywhere, other)] == [True, True, True, False]


def test_a_thing_of_another_kind_is_not_given(things: Things) -> None:
    number = added(things, Lock())
    with pytest.raises(HostError, match="this channel is gone: owner was swapped meanwhile; make a new one"):
        things.get(Channel, number)
    assert gone(things, number + 1)


class Ended:
    """A job, as far as its outcome goes."""

    def __init__(self, number: int, outcome: bytes) -> None:
        self.number, self.outcome = number, outcome


def test_the_oldest_outcomes_go_where_there_are_too_many_or_too_large_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("host.jobs.outcomes.MOST", 3)
    monkeypatch.setattr("host.jobs.outcomes.MOST_BYTES", 100)
    outcomes = Outcomes()
    for number in range(1, 5):
        outcomes.keep(cast("Job", Ended(number, b"x")))
    assert [outcomes.get(number) is not None for number in range(1, 5)] == [False, True, True, True]
    outcomes.keep(cast("Job", Ended(5, b"x" * 99)))
    assert [outcomes.get(number) is not None for number in range(1, 6)] == [False, False, False, True, True]
