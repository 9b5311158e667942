"""The acts on all modules, and what takes one or all since one back."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton

from host.desktop.session import Session
from host.desktop.widgets.lists import ListView
from host.vocabulary.events import EventKind
from host.vocabulary.states import Outcome, Status
from host.vocabulary.views import HistoryRow
from tests.desktop.opened import in_window
from tests.desktop.stage import Stage, view
from tests.desktop.waiting import found, until


def row(number: int, kind: str, version: str, before: str = "", outcome: Outcome = Outcome.COMMITTED) -> HistoryRow:
    return HistoryRow(id=number, at=number, kind=kind, from_version=before, to_version=version, outcome=outcome)


async def opened(session: Session, stage: Stage) -> ListView:
    """The dock, filled: chat 1, hud 1, chat 2, a swap of chat that failed, hud away."""
    stage.histories["chat"] = (
        row(4, "swap", "3", "2", Outcome.ROLLED_BACK),
        row(3, "swap", "2", "1"),
        row(1, "load", "1"),
    )
    stage.histories["hud"] = (row(5, "unload", "1"), row(2, "load", "1"))
    stage.put(view("chat", version="2"), view("hud", version="1", status=Status.UNLOADED))
    await until(lambda: session.models.view("hud"))
    session.window.actions_by_id["dock.timeline"].trigger()
    await until(lambda: session.window.findChild(ListView, "timeline.list"))
    acts = found(session.window, ListView, "timeline.list")
    stage.tell(EventKind.MODULE_UNLOADED, "hud")
    await until(lambda: acts.model().rowCount() == 5)
    return acts


def choose(acts: ListView, number: int) -> None:
    """Select the row of the act with this id; they stand newest first."""
    acts.selectRow(5 - number)


def button(session: Session, name: str) -> QPushButton:
    return found(session.window, QPushButton, f"timeline.{name}")


def press(session: Session, name: str) -> None:
    QTest.mouseClick(button(session, name), Qt.MouseButton.LeftButton)


@in_window
async def test_a_timeline_that_nobody_looks_at_asks_for_nothing(session: Session, stage: Stage) -> None:
    stage.put(view("chat"))
    await until(lambda: session.models.view("chat"))
    await until(lambda: ("timeline",) in stage.asked)
    session.window.docks["timeline"].hide()
    await until(lambda: not found(session.window, ListView, "timeline.list").isVisible())
    stage.asked.clear()
    stage.tell(EventKind.MODULE_LOADED, "chat")
    await until(lambda: session.models.events.rowCount() == 1)
    assert ("timeline",) not in stage.asked


@in_window
async def test_the_acts_on_all_modules_stand_newest_first(session: Session, stage: Stage) -> None:
    acts = (await opened(session, stage)).model()
    assert [f"{acts.index(at, 1).data()} {acts.index(at, 2).data()}" for at in range(5)] == [
        "unload hud",
        "swap chat",
        "swap chat",
        "load hud",
        "load chat",
    ]


@in_window
async def test_what_happens_is_there_at_once(session: Session, stage: Stage) -> None:
    acts = await opened(session, stage)
    stage.histories["hud"] = (row(6, "load", "1"), *stage.histories["hud"])
    stage.tell(EventKind.MODULE_LOADED, "hud")
    await until(lambda: acts.model().rowCount() == 6)


@in_window
async def test_a_swap_is_taken_back_to_what_ran_before_it(session: Session, stage: Stage) -> None:
    choose(await opened(session, stage), 3)
    stage.change("chat", rollback_to="1")
    press(session, "revert")
    await until(lambda: ("rollback", "chat", 1) in stage.asked)


@in_window
async def test_a_load_is_taken_back_by_an_unload_and_an_unload_by_a_load(session: Session, stage: Stage) -> None:
    acts = await opened(session, stage)
    choose(acts, 1)
    press(session, "revert")
    await until(lambda: ("unload", "chat", False) in stage.asked)
    choose(acts, 5)
    press(session, "revert")
    await until(lambda: ("load", "hud", "==1", False) in stage.asked)


@in_window
async def test_what_was_refused_did_nothing_that_could_be_taken_back(session: Session, stage: Stage) -> None:
    choose(await opened(session, stage), 4)
    assert not button(session, "revert").isEnabled()
    assert button(session, "return").isEnabled()


@in_window
async def test_back_to_an_act_undoes_all_since_and_can_be_undone(session: Session, stage: Stage) -> None:
    choose(await opened(session, stage), 2)
    stage.change("chat", rollback_to="1")
    press(session, "return")
    await until(lambda: stage.modules["hud"].status is Status.ACTIVE and stage.modules["chat"].version == "1")
    assert [ask for ask in stage.asked if ask[0] in {"load", "rollback"}] == [
        ("load", "hud", "==1", False),
        ("rollback", "chat", 1),
    ]
    await until(session.window.actions_by_id["edit.undo"].isEnabled)


@in_window
async def test_there_is_no_way_back_to_now(session: Session, stage: Stage) -> None:
    choose(await opened(session, stage), 5)
    assert not button(session, "return").isEnabled()


@in_window
async def test_what_already_runs_as_it_did_then_is_left_alone(session: Session, stage: Stage) -> None:
    acts = await opened(session, stage)
    stage.histories["chat"] = tuple(
        HistoryRow(id=each.id, at=each.at, kind=each.kind, from_version=each.from_version, to_version=each.to_version,
                   outcome=each.outcome, current=each.id == 1)
        for each in stage.histories["chat"]
    )  # fmt: skip
    choose(acts, 2)
    press(session, "return")
    await until(lambda: ("load", "hud", "==1", False) in stage.asked)
    await until(lambda: session.window.inspector.notice.text == "hud is loaded")
    assert [ask for ask in stage.asked if ask[0] == "rollback"] == []


@in_window
async def test_beside_the_panels_there_is_room_for_what_was_done_and_the_strip_says_the_rest(
    session: Session, stage: Stage
) -> None:
    acts = await opened(session, stage)
    assert [acts.isColumnHidden(column) for column in range(6)] == [False, False, False, True, True, True]
    choose(acts, 3)
    assert "swap chat, 1 \u2192 2" in found(session.window, QLabel, "timeline.words").text()
    session.window.docks["timeline"].setFloating(True)
    session.window.docks["timeline"].resize(1200, 400)
    await until(lambda: not acts.isColumnHidden(5))
