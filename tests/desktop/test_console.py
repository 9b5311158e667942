"""Lua typed into a module: what is run, what comes back, what is offered."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QTreeView

from host.desktop.session import Session
from host.desktop.widgets.prompt import Prompt
from host.vocabulary.errors import ModuleFault
from host.vocabulary.states import Status
from host.vocabulary.views import Evaluation, ValueRow
from tests.desktop.opened import in_window
from tests.desktop.stage import Stage, view
from tests.desktop.waiting import found, until


async def opened(session: Session, stage: Stage) -> Prompt:
    """The console of a module that runs, ready to be typed into."""
    stage.put(view("chat"), view("clock"))
    await until(lambda: session.models.view("clock"))
    session.window.modules.select("chat")
    session.window.actions_by_id["section.console"].trigger()
    return found(session.window, Prompt, "console.prompt")


def typed(prompt: Prompt, text: str) -> None:
    QTest.keyClicks(prompt, text)
    QTest.keyClick(prompt, Qt.Key.Key_Return)


def said(session: Session) -> list[str]:
    model = found(session.window, QTreeView, "console.transcript").model()
    return [model.index(row, 0).data() for row in range(model.rowCount())]


@in_window
async def test_what_is_typed_runs_inside_the_module_and_comes_back(session: Session, stage: Stage) -> None:
    prompt = await opened(session, stage)
    stage.evaluations["count"] = Evaluation(
        results=(ValueRow(key="", kind="number", text="3"),), seconds=0.001, printed=("counted",)
    )
    typed(prompt, "count")
    assert prompt.text() == ""
    await until(lambda: said(session) == ["\u203a count", "counted", "3"])
    assert ("evaluate", "chat", "count") in stage.asked


@in_window
async def test_a_text_that_gives_nothing_says_that_it_is_done(session: Session, stage: Stage) -> None:
    typed(await opened(session, stage), "x = 1")
    await until(lambda: said(session) == ["\u203a x = 1", "done in 2.0 ms"])


@in_window
async def test_a_fault_is_said_in_its_place(session: Session, stage: Stage) -> None:
    prompt = await opened(session, stage)
    stage.refusal = ModuleFault("chat", "the console", "(console):1: attempt to index nil 'x'")
    typed(prompt, "x.y")
    await until(lambda: len(said(session)) == 2)
    assert "attempt to index nil 'x'" in said(session)[1]


@in_window
async def test_a_table_that_came_back_is_open_at_once(session: Session, stage: Stage) -> None:
    prompt = await opened(session, stage)
    inner = ValueRow(key="ana", kind="number", text="1")
    stage.evaluations["users"] = Evaluation(
        results=(ValueRow(key="", kind="table", entries=1, rows=(inner,)),), seconds=0
    )
    typed(prompt, "users")
    tree = found(session.window, QTreeView, "console.transcript")
    await until(lambda: len(said(session)) == 2)
    assert tree.isExpanded(tree.model().index(1, 0, QModelIndex()))


@in_window
async def test_each_module_has_its_own_transcript(session: Session, stage: Stage) -> None:
    prompt = await opened(session, stage)
    typed(prompt, "one")
    await until(lambda: len(said(session)) == 2)
    session.window.modules.select("clock")
    assert said(session) == []
    assert prompt.placeholderText() == "Type Lua. It runs inside clock."
    session.window.modules.select("chat")
    assert said(session)[0] == "\u203a one"


@in_window
async def test_a_module_that_does_not_run_says_what_to_do(session: Session, stage: Stage) -> None:
    prompt = await opened(session, stage)
    stage.change("chat", status=Status.UNLOADED)
    await until(lambda: not prompt.isEnabled())
    assert prompt.placeholderText() == "Load chat to type Lua into it."


@in_window
async def test_the_arrows_go_through_what_was_typed_and_back_to_the_draft(session: Session, stage: Stage) -> None:
    prompt = await opened(session, stage)
    for text in ("one", "two", "one"):
        typed(prompt, text)
    QTest.keyClicks(prompt, "dra")
    seen = []
    for key in (Qt.Key.Key_Up, Qt.Key.Key_Up, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Down):
        QTest.keyClick(prompt, key)
        seen.append(prompt.text())
    assert seen == ["one", "two", "two", "one", "dra"]


@in_window
async def test_names_are_offered_while_a_word_is_typed(session: Session, stage: Stage) -> None:
    prompt = await opened(session, stage)
    stage.completions["cou"] = ("count", "counter")
    QTest.keyClicks(prompt, "cou")
    await until(lambda: prompt.offered == ["count", "counter"])
    QTest.keyClick(prompt.names, Qt.Key.Key_Tab)
    assert (prompt.text(), prompt.offered) == ("count", [])
    stage.completions["count"] = ("counted", "counter")
    QTest.keyClick(prompt, Qt.Key.Key_Backspace)
    QTest.keyClicks(prompt, "t")
    await until(lambda: prompt.offered == ["counted", "counter"])
    prompt.names.setCurrentIndex(prompt.names.model().index(1, 0))
    QTest.keyClick(prompt.names, Qt.Key.Key_Return)
    assert (prompt.text(), prompt.offered) == ("counter", [])


@in_window
async def test_a_name_takes_the_place_of_its_beginning_in_the_middle_of_a_text(session: Session, stage: Stage) -> None:
    prompt = await opened(session, stage)
    prompt.setText("f(users.an) + 1")
    prompt.setCursorPosition(len("f(users.an"))
    prompt.take("ana")
    assert (prompt.text(), prompt.cursorPosition()) == ("f(users.ana) + 1", len("f(users.ana"))


@in_window
async def test_names_for_a_text_that_was_changed_since_are_not_offered(session: Session, stage: Stage) -> None:
    prompt = await opened(session, stage)
    prompt.setText("other")
    prompt.offer("cou", ["count"])
    assert prompt.offered == []


@in_window
async def test_return_runs_what_is_typed_though_names_are_offered(session: Session, stage: Stage) -> None:
    prompt = await opened(session, stage)
    stage.completions["cou"] = ("count",)
    QTest.keyClicks(prompt, "cou")
    await until(lambda: prompt.offered == ["count"])
    QTest.keyClick(prompt.names, Qt.Key.Key_Return)
    await until(lambda: ("evaluate", "chat", "cou") in stage.asked)


@in_window
async def test_lines_can_be_copied(session: Session, stage: Stage) -> None:
    typed(await opened(session, stage), "x = 1")
    await until(lambda: len(said(session)) == 2)
    tree = found(session.window, QTreeView, "console.transcript")
    tree.selectAll()
    next(action for action in tree.actions() if action.objectName() == "console.copy").trigger()
    assert QGuiApplication.clipboard().text() == "\u203a x = 1\ndone in 2.0 ms"


@in_window
async def test_a_text_that_waits_is_stopped_by_the_button(session: Session, stage: Stage) -> None:
    prompt = await opened(session, stage)
    stop = found(session.window, QPushButton, "console.stop")
    assert stop.isHidden()
    typed(prompt, "host.sleep(60000)")
    await until(stop.isVisible)
    session.window.modules.select("clock")
    await until(stop.isHidden)
    session.window.modules.select("chat")
    await until(stop.isVisible)
    stop.click()
    await until(lambda: said(session)[-1] == "stopped")
    assert ("interrupt", "chat") in stage.asked
    await until(stop.isHidden)


@in_window
async def test_nothing_is_there_to_be_stopped_once_a_text_has_ended(session: Session, stage: Stage) -> None:
    prompt = await opened(session, stage)
    typed(prompt, "x = 1")
    await until(lambda: said(session)[-1] == "done in 2.0 ms")
    await until(found(session.window, QPushButton, "console.stop").isHidden)
