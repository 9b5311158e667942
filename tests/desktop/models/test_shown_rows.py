"""The rows of a table that a module shows."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QModelIndex, QObject, Qt
from PySide6.QtTest import QAbstractItemModelTester

from host.desktop.shown.rows import Rows, worded

pytestmark = pytest.mark.usefixtures("qapp")

ROWS = st.lists(st.lists(st.sampled_from(["a", 1, True, 2.5]), max_size=3), max_size=6)


def shown(model: Rows) -> list[list[Any]]:
    return [[model.index(row, at).data() for at in range(model.columnCount())] for row in range(model.rowCount())]


@settings(deadline=None)
@given(st.lists(st.tuples(st.lists(st.text("xy", max_size=2), max_size=2), ROWS), max_size=5))
def test_whatever_comes_after_whatever_is_shown_as_it_is(tables: list[tuple[list[str], list[list[Any]]]]) -> None:
    parent = QObject()
    model = Rows(parent)
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    for columns, rows in tables:
        model.show(columns, rows)
        wide = max([len(columns), *map(len, rows)])
        assert model.columnCount() == wide
        assert shown(model) == [[worded(cell) for cell in row] + [""] * (wide - len(row)) for row in rows]
    del tester


def test_rows_that_move_up_for_new_ones_are_not_told_as_changed() -> None:
    parent = QObject()
    model = Rows(parent)
    model.show([], [["1"], ["2"], ["3"]])
    told: list[tuple[Any, ...]] = []

    def removed(_parent: QModelIndex, first: int, last: int) -> None:
        told.append(("removed", first, last))

    def inserted(_parent: QModelIndex, first: int, last: int) -> None:
        told.append(("inserted", first, last))

    def changed(*_indexes: object) -> None:
        told.append(("changed",))

    model.rowsRemoved.connect(removed)
    model.rowsInserted.connect(inserted)
    model.dataChanged.connect(changed)
    model.show([], [["2"], ["3"], ["4"], ["5"]])
    assert told == [("removed", 0, 0), ("inserted", 2, 3)]


def test_a_tip_is_the_text_and_no_markup() -> None:
    parent = QObject()
    model = Rows(parent)
    model.show([], [["<b>&</b>"]])
    assert model.index(0, 0).data(Qt.ItemDataRole.ToolTipRole) == "<span>&lt;b&gt;&amp;&lt;/b&gt;</span>"


def test_a_truth_in_the_place_of_a_number_is_a_change() -> None:
    parent = QObject()
    model = Rows(parent)
    model.show([], [[1]])
    model.show([], [[True]])
    assert shown(model) == [["yes"]]
