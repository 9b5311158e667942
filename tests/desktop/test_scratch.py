"""A text typed over a module's file: kept, rehearsed, run and saved, each when the user says so."""

from __future__ import annotations

import asyncio
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QPushButton

from host.desktop.editors import command
from host.desktop.session import Session
from host.desktop.widgets.labels import Elided, Plain
from host.desktop.widgets.lua_text import LuaText
from host.vocabulary.errors import SwapFailed
from host.vocabulary.states import Outcome, Status
from host.vocabulary.views import FileChange, Rehearsal, SwapReport
from tests.desktop.opened import in_window
from tests.desktop.stage import Stage, view
from tests.desktop.waiting import found, until

INIT = "return {}\n"
ROOMS = "one\ntwo\nthree\n"
TYPED = "-- typed\nreturn {}\n"


async def opened(session: Session, stage: Stage) -> LuaText:
    stage.sources["chat"] = {"init.lua": INIT, "lib/rooms.lua": ROOMS}
    stage.put(view("chat", path="/m/chat"), view("clock"), view("idle", status=Status.FOUND))
    await until(lambda: session.models.view("idle"))
    session.window.modules.select("chat")
    session.window.actions_by_id["section.source"].trigger()
    text = found(session.window, LuaText, "source.text")
    await until(lambda: text.toPlainText() == INIT)
    return text


async def typed(session: Session, stage: Stage) -> LuaText:
    text = await opened(session, stage)
    push(session, "source.edit")
    QTest.keyClicks(text, "-- typed")
    QTest.keyClick(text, Qt.Key.Key_Return)
    assert text.toPlainText() == TYPED
    return text


def button(session: Session, name: str) -> QPushButton:
    return found(session.window, QPushButton, name)


def push(session: Session, name: str) -> None:
    assert button(session, name).isEnabled()
    button(session, name).click()


def told(session: Session) -> str:
    return found(session.window, Plain, "scratch.words").text()


@in_window
async def test_a_text_is_read_only_until_it_is_to_be_edited(session: Session, stage: Stage) -> None:
    text = await opened(session, stage)
    QTest.keyClicks(text, "x")
    assert text.toPlainText() == INIT
    assert found(session.window, Plain, "scratch.words").isHidden() or not button(session, "scratch.swap").isVisible()
    push(session, "source.edit")
    assert not button(session, "scratch.swap").isEnabled()
    assert told(session) == "Type over the file; nothing is saved."


@in_window
async def test_what_is_typed_is_said_not_to_run(session: Session, stage: Stage) -> None:
    await typed(session, stage)
    assert found(session.window, Elided, "source.words").text() == "typed over version 1.0.0; it does not run"
    assert told(session) == "Typed, and not running: init.lua"
    assert found(session.window, QComboBox, "source.files").currentText() == "init.lua \u2022"


@in_window
async def test_ctrl_z_takes_typing_back_and_not_an_act_of_the_engine(session: Session, stage: Stage) -> None:
    text = await typed(session, stage)
    while text.document().isUndoAvailable():
        QTest.keyClick(text, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert text.toPlainText() == INIT
    assert not button(session, "scratch.swap").isEnabled()
    assert not session.window.actions_by_id["edit.undo"].isEnabled()


@in_window
async def test_what_is_typed_stays_while_other_files_and_modules_are_looked_at(session: Session, stage: Stage) -> None:
    text = await typed(session, stage)
    files = found(session.window, QComboBox, "source.files")
    files.setCurrentIndex(1)
    files.activated.emit(1)
    await until(lambda: text.toPlainText() == ROOMS)
    session.window.modules.select("clock")
    await until(lambda: text.toPlainText() == "return {}\n")
    session.window.modules.select("chat")
    await until(lambda: text.toPlainText() == TYPED)
    assert told(session) == "Typed, and not running: init.lua"


@in_window
async def test_a_rehearsal_says_what_running_it_would_do(session: Session, stage: Stage) -> None:
    await typed(session, stage)
    change = FileChange(path="init.lua", change="changed", lines_added=1, lines_removed=0)
    stage.rehearsals["chat", "typed", False] = Rehearsal(
        module="chat", from_version="1.0.0", to_version="1.0.0", seconds=0.012, files=(change,)
    )
    push(session, "scratch.rehearse")
    await until(lambda: session.window.findChild(Plain, "scratch.verdict"))
    await until(lambda: found(session.window, Plain, "scratch.verdict").isVisible())
    assert found(session.window, Plain, "scratch.verdict").text() == "Rehearsed in 12.0 ms: it would be done."
    assert found(session.window, Plain, "scratch.files").text() == "init.lua (+1 \u22120)"
    assert ("rehearse_source", "chat", {"init.lua": TYPED}) in stage.asked


@in_window
async def test_a_mistake_that_the_rehearsal_finds_is_marked_in_its_line(session: Session, stage: Stage) -> None:
    text = await typed(session, stage)
    error = "chat/lib/rooms.lua:2: unexpected symbol near 'two'"
    stage.rehearsals["chat", "typed", False] = Rehearsal(
        module="chat", from_version="1.0.0", to_version="1.0.0", failed_step="prepare", error=error
    )
    push(session, "scratch.rehearse")
    await until(lambda: text.textCursor().block().text() == "two")
    assert text.extraSelections()[0].cursor.blockNumber() == 1


@in_window
async def test_it_runs_when_it_is_said_and_can_be_taken_back(session: Session, stage: Stage) -> None:
    await typed(session, stage)
    push(session, "scratch.swap")
    await until(lambda: button(session, "scratch.save").isVisible())
    assert ("swap_source", "chat", {"init.lua": TYPED}) in stage.asked
    await until(lambda: told(session) == "Runs, and is not on disk: init.lua")
    words = found(session.window, Elided, "source.words")
    await until(lambda: words.text() == "version 1.0.0, as it was typed and runs; not on disk")
    assert session.window.inspector.notice.text.startswith("chat: Runs as it was typed, swapped in 34.0 ms")
    assert session.window.actions_by_id["edit.undo"].text() == "Undo: run chat as it was typed"


@in_window
async def test_a_refused_text_stays_typed_with_the_reason_beside_it(session: Session, stage: Stage) -> None:
    text = await typed(session, stage)
    report = SwapReport(
        module="chat", from_version="1.0.0", to_version="1.0.0", outcome=Outcome.ROLLED_BACK, steps=(),
        failed_step="prepare", error="chat/init.lua:2: nil",
    )  # fmt: skip
    stage.refusal = SwapFailed(report)
    push(session, "scratch.swap")
    await until(lambda: session.window.findChild(Plain, "scratch.verdict"))
    verdict = found(session.window, Plain, "scratch.verdict")
    await until(lambda: "chat/init.lua:2" in verdict.text())
    await until(text.extraSelections)
    assert text.extraSelections()[0].cursor.blockNumber() == 1
    assert text.toPlainText() == TYPED
    assert button(session, "scratch.swap").isEnabled()


@in_window
async def test_it_is_saved_only_when_it_is_said(session: Session, stage: Stage) -> None:
    await typed(session, stage)
    push(session, "scratch.swap")
    await until(lambda: button(session, "scratch.save").isVisible() and button(session, "scratch.save").isEnabled())
    assert [ask for ask in stage.asked if ask[0] == "save_source"] == []
    push(session, "scratch.save")
    await until(lambda: not button(session, "scratch.save").isVisible())
    assert session.window.inspector.notice.text == "chat: Saved init.lua"


@in_window
async def test_what_is_dropped_is_gone(session: Session, stage: Stage) -> None:
    text = await typed(session, stage)
    push(session, "scratch.drop")
    assert text.toPlainText() == INIT
    assert not button(session, "scratch.swap").isEnabled()
    await asyncio.sleep(0)
    assert [ask for ask in stage.asked if ask[0] in {"swap_source", "rehearse_source"}] == []


@in_window
async def test_what_does_not_run_cannot_be_typed_over(session: Session, stage: Stage) -> None:
    await opened(session, stage)
    session.window.modules.select("idle")
    assert not button(session, "source.edit").isEnabled()


def test_editors_with_a_window_are_told_the_line() -> None:
    file = Path("/m/a b/init.lua")
    assert command("code --wait", file, 41) == ["code", "--wait", "-g", "/m/a b/init.lua:41"]
    assert command("/usr/bin/gvim", file, 1) == ["/usr/bin/gvim", "+1", "/m/a b/init.lua"]
    assert command("vi", file, 1) is None
    assert command('"', file, 1) is None
