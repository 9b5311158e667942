"""Values of a state are edited, watched and copied where they are seen."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QTreeView

from host.desktop.panels.state import parsed
from host.desktop.session import Session
from host.desktop.widgets.lists import ListView
from host.desktop.wording import spelled
from host.vocabulary.errors import ModuleFault
from tests.desktop.opened import in_window
from tests.desktop.stage import Stage, view
from tests.desktop.waiting import found, until


async def opened(session: Session, stage: Stage) -> QTreeView:
    stage.states["chat"] = {"hp": 10, "alive": True, "users": {"ana": 1}}
    stage.put(view("chat"), view("clock"))
    await until(lambda: session.models.view("clock"))
    session.window.modules.select("chat")
    session.window.actions_by_id["section.state"].trigger()
    tree = found(session.window, QTreeView, "state.tree")
    await until(lambda: tree.model().rowCount() == 3)
    return tree


def choose(tree: QTreeView, row: int, column: int = 0, parent: QModelIndex | None = None) -> None:
    index = tree.model().index(row, column, parent or QModelIndex())
    tree.setCurrentIndex(index)


def act(session: Session, name: str) -> None:
    found(session.window, QAction, name).trigger()


async def typed(session: Session, tree: QTreeView, row: int, text: str) -> None:
    choose(tree, row)
    act(session, "state.edit")
    field = tree.findChild(QLineEdit)
    assert isinstance(field, QLineEdit)
    field.setText(text)
    QTest.keyClick(field, Qt.Key.Key_Return)
    await until(lambda: tree.state() is not QTreeView.State.EditingState)


@in_window
async def test_a_number_is_edited_in_place_and_can_be_taken_back(session: Session, stage: Stage) -> None:
    tree = await opened(session, stage)
    await typed(session, tree, 0, "42")
    await until(lambda: ("edit_state", "chat", ("hp",), 42) in stage.asked)
    await until(lambda: tree.model().index(0, 1).data() == "42")
    assert session.window.inspector.notice.text == "chat: hp is 42"
    undo = session.window.actions_by_id["edit.undo"]
    await until(undo.isEnabled)
    assert undo.text() == "Undo: edit the state of chat"
    undo.trigger()
    await until(lambda: ("edit_state", "chat", ("hp",), 10) in stage.asked)
    await until(lambda: tree.model().index(0, 1).data() == "10")


@in_window
async def test_what_is_no_number_is_refused_and_changes_nothing(session: Session, stage: Stage) -> None:
    tree = await opened(session, stage)
    await typed(session, tree, 0, "many")
    await until(lambda: "is no number" in session.window.inspector.notice.text)
    assert [ask for ask in stage.asked if ask[0] == "edit_state"] == []


@in_window
async def test_a_refusal_of_the_module_is_told(session: Session, stage: Stage) -> None:
    tree = await opened(session, stage)
    stage.refusal = ModuleFault("chat", "setState", "hp is negative")
    await typed(session, tree, 0, "-1")
    await until(lambda: "hp is negative" in session.window.inspector.notice.text)


@in_window
async def test_a_table_is_not_edited_as_one(session: Session, stage: Stage) -> None:
    tree = await opened(session, stage)
    choose(tree, 2)
    act(session, "state.edit")
    await until(lambda: "entry by entry" in session.window.inspector.notice.text)


@in_window
async def test_the_tree_waits_while_somebody_types(session: Session, stage: Stage) -> None:
    tree = await opened(session, stage)
    choose(tree, 0)
    act(session, "state.edit")
    stage.states["chat"]["hp"] = 11
    before = len([ask for ask in stage.asked if ask[0] == "state_page"])
    session.window.actions_by_id["view.freeze"].trigger()
    session.window.actions_by_id["view.freeze"].trigger()
    stage.say(("info", "chat", "later"))
    await until(lambda: session.models.log.total == 1)
    assert len([ask for ask in stage.asked if ask[0] == "state_page"]) == before
    assert tree.model().index(0, 1).data() == "10"


@in_window
async def test_a_watched_entry_stays_in_sight_for_its_module(session: Session, stage: Stage) -> None:
    tree = await opened(session, stage)
    watched = found(session.window, ListView, "state.watched")
    assert watched.isHidden()
    choose(tree, 0)
    act(session, "state.watch")
    act(session, "state.watch")
    assert not watched.isHidden()
    await until(lambda: watched.model().index(0, 1).data() == "-- hp")
    assert watched.model().rowCount() == 1
    session.window.modules.select("clock")
    assert watched.isHidden()
    session.window.modules.select("chat")
    assert watched.model().index(0, 0).data() == "hp"
    watched.selectRow(0)
    act(session, "state.unwatch")
    assert watched.isHidden()


@in_window
async def test_an_entry_is_copied_as_lua(session: Session, stage: Stage) -> None:
    tree = await opened(session, stage)
    choose(tree, 2)
    act(session, "state.copy")
    await until(lambda: QGuiApplication.clipboard().text() == "-- users")


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("number", "42", 42),
        ("number", "-1.5", -1.5),
        ("number", "1e400", None),
        ("number", "nan", None),
        ("number", "", None),
        ("number", "many", None),
        ("boolean", " True ", True),
        ("boolean", "1", None),
        ("string", " as it is ", " as it is "),
        ("table", "{}", None),
    ],
)
def test_a_text_becomes_a_value_of_the_kind_that_was_there(kind: str, text: str, value: Any) -> None:
    assert parsed(kind, text) == value


@pytest.mark.parametrize(
    ("path", "text"),
    [(("users", "ana", 2), "users.ana[2]"), (("a b", True), '["a b"][true]'), ((1,), "[1]"), ((), "")],
)
def test_a_path_reads_as_lua(path: tuple[Any, ...], text: str) -> None:
    assert spelled(path) == text
