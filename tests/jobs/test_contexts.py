from __future__ import annotations

import pytest

from host.jobs.contexts import CANCELLED, DEEPEST, EXCEEDED, Context
from host.vocabulary.errors import HostError


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_context_is_cancelled_with_the_one_above_and_not_the_other_way_round() -> None:
    above = Context()
    below = Context(above)
    below.cancel()
    assert (below.error, above.error) == (CANCELLED, None)
    other = Context(above)
    above.cancel()
    assert other.error == CANCELLED


def test_a_deadline_is_the_earlier_of_its_own_and_the_one_above() -> None:
    clock = Clock()
    above = Context(None, 10, clock)
    below, longer = Context(above, 5, clock), Context(above, 50, clock)
    assert (below.deadline, longer.deadline) == (105, 110)
    assert longer.seconds_left == 10
    clock.now = 106
    assert (below.error, longer.error) == (EXCEEDED, None)
    below.cancel()
    assert below.error == EXCEEDED, "why it ended first counts"
    clock.now = 110
    assert longer.error == EXCEEDED


def test_many_that_came_of_one_another_are_cancelled_together_and_too_many_are_refused() -> None:
    first = last = Context()
    for _ in range(DEEPEST):
        last = Context(last)
    before = last.error
    first.cancel()
    assert (before, last.error) == (None, CANCELLED)
    with pytest.raises(HostError, match="comes of more than 1,000 others"):
        Context(last)
