"""Rows under titles: a table as a tree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPersistentModelIndex

from host.desktop.models.grouped import Grouped
from host.desktop.models.table import Column, Table
from tests.desktop.models.conftest import Check
from tests.desktop.models.spying import Told


@dataclass(frozen=True)
class Ship:
    name: str
    port: str
    planks: int = 1


Fleet = tuple[Table[Ship], Grouped[Ship]]
FLEETS = st.lists(
    st.builds(Ship, st.sampled_from("abcdef"), st.sampled_from(["", "x", "y"]), st.integers(1, 2)),
    unique_by=lambda ship: ship.name,
)


@pytest.fixture
def fleet(check_model: Check) -> Fleet:
    table: Table[Ship] = Table(
        (Column("Name", lambda row: row.name), Column("Planks", lambda row: str(row.planks))), lambda row: row.name
    )
    grouped = Grouped(table, lambda ship: ship.port, lambda port, ships: f"{port} {len(ships)}")
    check_model(grouped)
    return table, grouped


def shown(grouped: Grouped[Ship]) -> list[tuple[str, list[str]]]:
    found = []
    for at in range(grouped.rowCount()):
        group = grouped.index(at, 0)
        rows = [f"{grouped.index(row, 0, group).data()}{grouped.index(row, 1, group).data()}" for row in
                range(grouped.rowCount(group))]  # fmt: skip
        found.append((group.data(), rows))
    return found


def wanted(ships: Sequence[Ship]) -> list[tuple[str, list[str]]]:
    ports = list(dict.fromkeys(ship.port for ship in ships))
    of = {port: [ship for ship in ships if ship.port == port] for port in ports}
    return [(f"{port} {len(of[port])}", [f"{ship.name}{ship.planks}" for ship in of[port]]) for port in ports]


def test_a_change_is_told_as_the_rows_it_concerns(fleet: Fleet) -> None:
    table, grouped = fleet
    table.show([Ship("argo", "x"), Ship("victory", "y"), Ship("theseus", "x")])
    assert shown(grouped) == [("x 2", ["argo1", "theseus1"]), ("y 1", ["victory1"])]
    told = Told(grouped)
    table.show([Ship("argo", "x"), Ship("victory", "y"), Ship("theseus", "x", 2)])
    assert told.said == ["changed 0/1-1", "changed 0-0"]
    told.said.clear()
    table.show([Ship("argo", "x"), Ship("victory", "y")])
    assert told.said == ["out 0/1-1", "changed 0-0"]


def test_a_row_is_known_by_its_index_and_a_title_by_all_of_its_rows(fleet: Fleet) -> None:
    table, grouped = fleet
    table.show([Ship("argo", "x"), Ship("theseus", "x")])
    assert grouped.rows(grouped.index(0, 0)) == table.rows
    assert grouped.rows(grouped.index(1, 1, grouped.index(0, 0))) == [table.rows[1]]
    assert grouped.rows(QPersistentModelIndex()) == ()


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(FLEETS, max_size=6))
def test_whatever_comes_and_goes_it_is_what_the_table_is(fleet: Fleet, fleets: list[list[Ship]]) -> None:
    table, grouped = fleet
    for ships in fleets:
        table.show(ships)
        assert shown(grouped) == wanted(ships)
