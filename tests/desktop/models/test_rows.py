from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from host.desktop.models.rows import Insertion, Move, Removal, runs, steps

KEYS = st.lists(st.integers(0, 20), unique=True, max_size=15)


@given(KEYS, KEYS)
def test_the_steps_lead_from_any_list_to_any_other(before: list[int], after: list[int]) -> None:
    rows = list(before)
    for step in steps(before, after):
        match step:
            case Removal(first, last):
                assert 0 <= first <= last < len(rows)
                del rows[first : last + 1]
            case Insertion(first, count):
                assert 0 <= first <= len(rows)
                assert count > 0
                rows[first:first] = after[first : first + count]
            case Move(origin, target):
                assert 0 <= target < origin < len(rows)
                rows.insert(target, rows.pop(origin))
    assert rows == after


@given(KEYS)
def test_the_same_list_needs_no_step(keys: list[int]) -> None:
    assert list(steps(keys, keys)) == []


def test_neighbours_come_and_go_in_one_step() -> None:
    assert list(steps([1, 2, 3, 4], [1, 4, 5, 6])) == [Removal(1, 2), Insertion(2, 2)]


@given(st.sets(st.integers(0, 30)))
def test_runs_cover_the_rows_and_nothing_else_and_never_touch(rows: set[int]) -> None:
    found = list(runs(sorted(rows)))
    assert {row for first, last in found for row in range(first, last + 1)} == rows
    assert all(before[1] + 1 < after[0] for before, after in pairwise(found))
