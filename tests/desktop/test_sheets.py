"""What all sheets do: the keyboard stays in them, and goes back to where it was."""

from __future__ import annotations

from msgspec.structs import replace
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QWidget

from host.desktop.panels.swap_sheet import SwapSheet
from host.desktop.session import Session
from host.desktop.widgets.command_palette import CommandPalette
from host.desktop.widgets.lists import ListView
from host.vocabulary.errors import HostError
from host.vocabulary.views import VersionView
from tests.desktop.opened import in_window
from tests.desktop.stage import Stage, view
from tests.desktop.waiting import found, until

CHAT = view("chat", versions=(VersionView(version="2.0.0", path="/c/2"), VersionView(version="1.0.0", path="/c/1")))


async def swapping(session: Session, stage: Stage) -> SwapSheet:
    """The sheet, open, with its rehearsal done."""
    stage.put(CHAT)
    await until(lambda: session.models.view("chat"))
    session.window.activateWindow()
    session.window.modules.select("chat")
    session.window.actions_by_id["module.swap"].trigger()
    sheet = found(session.window, SwapSheet, "swap.sheet")
    await until(lambda: not sheet.isHidden() and rehearsals(stage))
    return sheet


def rehearsals(stage: Stage) -> int:
    return sum(each[0] == "rehearse" for each in stage.asked)


@in_window
async def test_tab_goes_round_in_a_sheet_and_never_behind_it(session: Session, stage: Stage) -> None:
    sheet = await swapping(session, stage)
    focused: list[QWidget | None] = []
    for key in [Qt.Key.Key_Tab] * 12 + [Qt.Key.Key_Backtab] * 12:
        where = QApplication.focusWidget()
        assert where is not None
        QTest.keyClick(where, key)
        focused.append(QApplication.focusWidget())
    assert all(each is not None and sheet.isAncestorOf(each) for each in focused)
    assert len({each.objectName() for each in focused if each is not None}) > 1


@in_window
async def test_after_the_palette_the_keyboard_is_where_it_was(session: Session, stage: Stage) -> None:
    sheet = await swapping(session, stage)
    before = QApplication.focusWidget()
    assert before is found(sheet, ListView, "swap.versions")
    session.window.actions_by_id["view.palette"].trigger()
    palette = found(session.window, CommandPalette, "palette.sheet")
    field = found(palette, QLineEdit, "palette.field")
    QTest.keyClicks(field, "larger text")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert palette.isHidden()
    assert QApplication.focusWidget() is before


@in_window
async def test_a_refusal_is_read_above_an_open_sheet(session: Session, stage: Stage) -> None:
    sheet = await swapping(session, stage)
    stage.refusal = HostError("chat refused it")
    session.commands.reload("chat")
    text = found(session.window, QLabel, "inspector.notice_text")
    await until(lambda: "chat refused it" in text.text() and text.isVisible())

    def bottom(widget: QWidget, at: QPoint) -> int:
        return widget.mapTo(session.window, at).y()

    await until(lambda: bottom(text, text.rect().bottomLeft()) < bottom(sheet, sheet.rect().topLeft()))


@in_window
async def test_a_save_while_the_sheet_is_open_is_rehearsed_anew(session: Session, stage: Stage) -> None:
    await swapping(session, stage)
    count = rehearsals(stage)
    stage.watching = replace(stage.watching, last_change=stage.watching.last_change + 1)
    stage.put(view("other"))
    await until(lambda: rehearsals(stage) > count)
