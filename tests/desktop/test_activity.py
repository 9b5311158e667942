"""What a module has registered is fired, muted and cancelled where it is seen."""

from __future__ import annotations

from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QPushButton

from host.desktop.models.activity import Active, rated
from host.desktop.session import Session
from host.desktop.widgets.lists import ListView
from host.vocabulary.clock import clock
from host.vocabulary.errors import ModuleFault
from host.vocabulary.views import ActivityRow
from tests.desktop.opened import in_window
from tests.desktop.stage import Stage, view
from tests.desktop.waiting import found, until

HOOK = ActivityRow(kind="hook", name="onMessage", id="7.1", calls=10)
TIMER = ActivityRow(kind="timer", name="every 50 ms", id="7.2", calls=20)
TWIN = ActivityRow(kind="timer", name="every 50 ms", id="7.3")
TASK = ActivityRow(kind="task", name="export wait", id="7.4")
EXPORT = ActivityRow(kind="export", name="count", id="7.5")


async def opened(session: Session, stage: Stage) -> ListView:
    stage.activities["chat"] = (HOOK, TIMER, TWIN, TASK, EXPORT)
    stage.put(view("chat"))
    await until(lambda: session.models.view("chat"))
    session.window.modules.select("chat")
    session.window.actions_by_id["section.activity"].trigger()
    rows = found(session.window, ListView, "activity.list")
    await until(lambda: rows.model().rowCount() == 5)
    return rows


def button(session: Session, name: str) -> QPushButton:
    return found(session.window, QPushButton, f"activity.{name}")


def offered(session: Session) -> list[str]:
    return [name for name in ("fire", "mute", "cancel") if button(session, name).isEnabled()]


def test_a_rate_is_of_the_time_between_two_looks() -> None:
    (first,) = rated([HOOK], {}, 0.0)
    assert first.rate is None
    (second,) = rated([ActivityRow(kind="hook", name="onMessage", id="7.1", calls=30)], {first.key: 10}, 2.0)
    assert second.rate == 10.0


def test_two_timers_of_one_name_are_two() -> None:
    assert Active(TIMER).key != Active(TWIN).key


@in_window
async def test_only_what_can_be_done_with_the_chosen_one_is_offered(session: Session, stage: Stage) -> None:
    rows = await opened(session, stage)
    assert offered(session) == []
    for row, acts in enumerate(
        (["fire", "mute"], ["fire", "mute", "cancel"], ["fire", "mute", "cancel"], ["cancel"], [])
    ):
        rows.selectRow(row)
        assert offered(session) == acts


@in_window
async def test_who_called_last_is_shown_and_what_works_beside_the_module(session: Session, stage: Stage) -> None:
    rows = await opened(session, stage)
    pool = ActivityRow(kind="pool", name="squares", detail="2 of 4 run, 3 wait", calls=7, faults=1)
    stage.activities["chat"] = (replace(HOOK, last_caller="hud", last_called=1000.0), pool)
    await until(lambda: rows.model().rowCount() == 2)
    assert rows.model().index(0, 5).data() == f"hud at {clock(1000.0)}"
    assert [rows.model().index(1, column).data() for column in (0, 1, 2, 3, 8)] == [
        "pool", "squares", "2 of 4 run, 3 wait", "7", "1",
    ]  # fmt: skip
    rows.selectRow(1)
    assert offered(session) == []


@in_window
async def test_a_hook_is_fired_with_the_argument_that_is_typed(session: Session, stage: Stage) -> None:
    rows = await opened(session, stage)
    rows.selectRow(0)
    argument = found(session.window, QLineEdit, "activity.argument")
    QTest.keyClicks(argument, '{"text": "hi"}')
    QTest.keyClick(argument, Qt.Key.Key_Return)
    await until(lambda: ("fire", "chat", "7.1", {"text": "hi"}) in stage.asked)
    await until(lambda: session.window.inspector.notice.text == "chat: onMessage was fired")


@in_window
async def test_an_argument_that_is_no_json_fires_nothing(session: Session, stage: Stage) -> None:
    rows = await opened(session, stage)
    rows.selectRow(0)
    QTest.keyClicks(found(session.window, QLineEdit, "activity.argument"), "hi")
    button(session, "fire").click()
    assert "hi is no JSON" in session.window.inspector.notice.text
    assert [ask for ask in stage.asked if ask[0] == "fire"] == []


@in_window
async def test_a_fault_of_what_was_fired_is_told(session: Session, stage: Stage) -> None:
    rows = await opened(session, stage)
    rows.selectRow(1)
    stage.refusal = ModuleFault("chat", "timer", "attempt to index nil")
    button(session, "fire").click()
    await until(lambda: "attempt to index nil" in session.window.inspector.notice.text)


@in_window
async def test_a_mute_is_shown_and_taken_back(session: Session, stage: Stage) -> None:
    rows = await opened(session, stage)
    rows.selectRow(0)
    button(session, "mute").click()
    await until(lambda: rows.model().index(0, 4).data() == "muted")
    assert button(session, "mute").text() == "Unmute"
    assert offered(session) == ["mute"]
    undo = session.window.actions_by_id["edit.undo"]
    assert undo.text() == "Undo: mute onMessage"
    undo.trigger()
    await until(lambda: ("mute", "chat", "7.1", False) in stage.asked)
    await until(lambda: button(session, "mute").text() == "Mute")


@in_window
async def test_a_task_is_cancelled(session: Session, stage: Stage) -> None:
    rows = await opened(session, stage)
    rows.selectRow(3)
    button(session, "cancel").click()
    await until(lambda: rows.model().rowCount() == 4)
    assert ("cancel", "chat", "7.4") in stage.asked
