from __future__ import annotations

import pytest

from host.desktop.models.ring import Ring
from host.desktop.models.table import Column
from tests.desktop.models.conftest import Check
from tests.desktop.models.spying import Told


def even(line: int) -> bool:
    return line % 2 == 0


@pytest.fixture
def ring(check_model: Check) -> Ring[int]:
    made: Ring[int] = Ring((Column("Line", str),), capacity=10)
    check_model(made)
    made.append(range(6))
    return made


def test_a_batch_is_told_once(ring: Ring[int]) -> None:
    told = Told(ring)
    ring.append([6, 7, 8])
    assert told.said == ["in 6-8"]


def test_the_oldest_lines_go_where_there_are_too_many(ring: Ring[int]) -> None:
    told = Told(ring)
    ring.append(range(6, 13))
    assert list(ring.shown) == list(range(3, 13))
    assert told.said == ["out 0-2", "in 3-9"]


def test_a_batch_larger_than_the_ring_leaves_its_newest_lines(ring: Ring[int]) -> None:
    ring.append(range(100, 125))
    assert list(ring.shown) == list(range(115, 125))


def test_a_filter_holds_for_what_is_there_and_for_what_comes(ring: Ring[int]) -> None:
    ring.keep(even)
    ring.append([6, 7, 8])
    assert list(ring.shown) == [0, 2, 4, 6, 8]
    assert ring.total == 9


def test_lines_that_a_filter_hid_go_without_a_word(ring: Ring[int]) -> None:
    ring.keep(even)
    told = Told(ring)
    ring.append([7, 9, 11, 13, 15])
    assert told.said == ["out 0-0"]
    assert list(ring.shown) == [2, 4]


def test_a_filter_that_is_lifted_shows_all_again(ring: Ring[int]) -> None:
    ring.keep(even)
    ring.keep(lambda _line: True)
    assert list(ring.shown) == list(range(6))


def test_what_comes_while_it_is_held_waits_and_is_told_once(ring: Ring[int]) -> None:
    told = Told(ring)
    ring.hold(on=True)
    ring.append([6])
    ring.append([7, 8])
    assert (told.said, ring.waiting) == ([], 3)
    ring.hold(on=False)
    assert (told.said, ring.waiting, list(ring.shown)) == (["in 6-8"], 0, [*range(9)])


def test_of_what_waits_the_newest_lines_stay(ring: Ring[int]) -> None:
    ring.hold(on=True)
    ring.append(range(6, 106))
    assert ring.waiting == 10
    ring.hold(on=False)
    assert list(ring.shown) == [*range(96, 106)]
