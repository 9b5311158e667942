from __future__ import annotations

import pytest

from benchmarks.rows import AtMost, Row, Spread, Unit, table


def test_a_ratio_is_the_median_of_the_rounds_and_not_of_the_medians() -> None:
    row = Row(name="r", ours=Spread((2.0, 8.0, 6.0)), peer=Spread((1.0, 8.0, 2.0)), peer_name="peer")
    assert row.ratio is not None
    assert row.ratio.median == 2.0


@pytest.mark.parametrize(("limit", "met"), [(2.0, True), (1.9, False)])
def test_a_target_of_a_ratio_is_met_by_the_ratio(limit: float, met: bool) -> None:  # noqa: FBT001 - a parameter
    row = Row(name="r", ours=Spread((9.0,)), peer=Spread((4.5,)), target=AtMost(limit, of_ratio=True))
    assert row.met is met


def test_a_target_without_a_peer_is_met_by_what_was_measured() -> None:
    assert Row(name="r", ours=Spread((0.001, 0.5, 0.002)), target=AtMost(0.002)).met is True


def test_what_was_not_measured_is_neither_met_nor_not_and_says_why() -> None:
    row = Row(name="r", ours=None, target=AtMost(0.5), note="no display")
    assert row.met is None
    assert "not measured" in table([row])
    assert "no display" in table([row])


def test_a_table_tells_a_target_that_is_not_met() -> None:
    lines = table([Row(name="slow", ours=Spread((3e-3,)), target=AtMost(2e-3))]).splitlines()
    assert lines[1].split() == ["slow", "3", "ms", "<=", "2", "ms", "NOT", "MET"]


def test_columns_stand_below_their_headings() -> None:
    heading, *lines = table(
        [
            Row(name="a", ours=Spread((1e-6, 3e-6)), peer=Spread((1e-6, 1e-6)), peer_name="peer"),
            Row(name="a longer name", ours=Spread((2.0,))),
        ]
    ).splitlines()
    column = heading.index("ours")
    assert [line[column:].split("  ")[0] for line in lines] == ["2 µs (1 µs - 3 µs)", "2 s"]


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.0000321, Unit.SECONDS, "32.1 µs"),
        (0.0321, Unit.SECONDS, "32.1 ms"),
        (1.5, Unit.SECONDS, "1.5 s"),
        (1_310_720, Unit.BYTES, "1.31 MB"),
        (-20_000, Unit.BYTES, "-0.02 MB"),
    ],
)
def test_values_are_spelled_in_the_unit_people_use(value: float, unit: Unit, text: str) -> None:
    assert unit.spelled(value) == text
