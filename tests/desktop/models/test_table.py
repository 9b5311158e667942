from __future__ import annotations

from dataclasses import dataclass

import pytest
from PySide6.QtCore import Qt

from host.desktop.models.table import Column, Table
from tests.desktop.models.conftest import Check
from tests.desktop.models.spying import Told


@dataclass(frozen=True)
class Ship:
    name: str
    planks: int


@pytest.fixture
def table(check_model: Check) -> Table[Ship]:
    made: Table[Ship] = Table(
        (Column("Name", lambda row: row.name), Column("Planks", lambda row: str(row.planks), number=True)),
        lambda row: row.name,
    )
    check_model(made)
    made.show([Ship("argo", 50), Ship("theseus", 30), Ship("victory", 99)])
    return made


def texts(table: Table[Ship]) -> list[str]:
    return [f"{table.index(row, 0).data()} {table.index(row, 1).data()}" for row in range(table.rowCount())]


def test_a_changed_row_is_told_as_that_row(table: Table[Ship]) -> None:
    told = Told(table)
    table.show([Ship("argo", 50), Ship("theseus", 31), Ship("victory", 99)])
    assert told.said == ["changed 1-1"]
    assert texts(table)[1] == "theseus 31"


def test_rows_come_go_and_move_without_a_reset(table: Table[Ship]) -> None:
    told = Told(table)
    table.show([Ship("victory", 99), Ship("beagle", 10), Ship("argo", 50)])
    assert texts(table) == ["victory 99", "beagle 10", "argo 50"]
    assert told.said == ["out 1-1", "move 1-1 0", "in 1-1"]


def test_of_two_rows_with_one_key_the_first_stays(table: Table[Ship]) -> None:
    table.show([Ship("argo", 1), Ship("argo", 2)])
    assert texts(table) == ["argo 1"]


def test_figures_stand_to_the_right(table: Table[Ship]) -> None:
    alignment = table.index(0, 1).data(Qt.ItemDataRole.TextAlignmentRole)
    assert alignment & Qt.AlignmentFlag.AlignRight
