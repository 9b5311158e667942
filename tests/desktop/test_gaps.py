"""A window or an engine that did nothing else for a while says so, and at what it was; else nothing is to be seen."""

from __future__ import annotations

import time

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPlainTextEdit, QPushButton, QToolButton

from host.desktop.mirror import Attention
from host.desktop.models.gaps import Gap
from host.desktop.session import Session
from host.desktop.widgets.lists import ListView
from host.vocabulary.heartbeat import LATE_S
from host.vocabulary.views import GapView
from tests.desktop.opened import in_window
from tests.desktop.stage import Stage, view
from tests.desktop.waiting import found, until

OF_CHAT = GapView(at=1000.0, seconds=0.24, own_s=0.2, module="chat", version="2.1.0", inside="in a hook handler")


def stall() -> None:
    """What a slot must not be."""
    deadline = time.monotonic() + 5 * LATE_S
    while time.monotonic() < deadline:
        pass


def button(session: Session) -> QToolButton:
    return found(session.window, QToolButton, "status.gaps")


async def late(session: Session) -> None:
    """Wait until the window has been held up."""
    session.pulse.attend(Attention.FOCUSED)
    seen = session.pulse.unseen[0]
    QTimer.singleShot(0, stall)
    await until(lambda: session.pulse.unseen[0] > seen)


@in_window
async def test_a_slot_that_holds_the_window_up_is_named(session: Session) -> None:
    await late(session)
    assert any(frame.endswith(" in stall") for gap in session.pulse.gaps for frame in gap.stack)
    assert not button(session).isHidden()


@in_window
async def test_what_was_looked_at_is_no_longer_counted(session: Session) -> None:
    await late(session)
    button(session).click()
    await until(button(session).isHidden)
    report = found(session.window, QPlainTextEdit, "gaps.report")
    assert "Window: nothing else was done for" in report.toPlainText()
    found(session.window, QPushButton, "gaps.copy").click()
    assert QGuiApplication.clipboard().text() == report.toPlainText()


@in_window
async def test_a_gap_of_the_engine_names_the_module_and_leads_to_it(session: Session, stage: Stage) -> None:
    stage.put(view("chat"))
    await until(lambda: session.models.view("chat"))
    stage.late = (OF_CHAT,)
    stage.put(view("hud"))
    await until(lambda: session.pulse.unseen[1] == 1)
    session.window.actions_by_id["view.gaps"].trigger()
    rows = found(session.window, ListView, "gaps.list")

    def at() -> list[int]:
        model = rows.model()
        return [row for row in range(model.rowCount()) if model.index(row, 1).data() == "Engine"]

    await until(at)
    assert rows.model().index(at()[0], 4).data() == "chat 2.1.0 in a hook handler"
    rows.selectRow(at()[0])
    found(session.window, QPushButton, "gaps.inspect").click()
    assert session.window.modules.selected() == ["chat"]


@in_window
async def test_an_engine_that_begins_anew_counts_anew(session: Session, stage: Stage) -> None:
    stage.late = (OF_CHAT, OF_CHAT)
    stage.put(view("chat"))
    await until(lambda: session.pulse.unseen[1] == 2)
    session.pulse.see_all()
    stage.late = (OF_CHAT,)
    stage.put(view("hud"))
    await until(lambda: session.models.view("hud"))
    assert session.pulse.unseen[1] == 0
    stage.late = (OF_CHAT, OF_CHAT)
    stage.put(view("log"))
    await until(lambda: session.pulse.unseen[1] == 1)


@in_window
async def test_a_window_that_nobody_sees_has_no_gaps(session: Session) -> None:
    session.pulse.attend(Attention.HIDDEN)
    session.pulse.see_all()
    stall()
    session.pulse.attend(Attention.FOCUSED)
    assert session.pulse.unseen[0] == 0


@pytest.mark.parametrize(
    ("stack", "where"),
    [
        (("/py/site-packages/host/desktop/app.py:9 in _lived", "/py/qasync/__init__.py:4 in run_forever"), "Qt: "),
        (("/a/host/desktop/log.py:9 in show", "/usr/lib/json/decoder.py:1 in decode"), "host/desktop/log.py:9 in show"),
        ((r"C:\lib\host\cli\a.py:2 in b", r"C:\py\json\decoder.py:1 in decode"), r"host\cli\a.py:2 in b"),
        (("/elsewhere/x.py:1 in y",), "/elsewhere/x.py:1 in y"),
        ((), "not known"),
    ],
)
def test_the_innermost_of_the_hosts_own_code_is_named(stack: tuple[str, ...], where: str) -> None:
    assert Gap("Window", GapView(at=0.0, seconds=0.2, stack=stack)).where.startswith(where)


def test_a_gap_in_which_nothing_was_computed_says_so() -> None:
    assert "busy with others" in Gap("Engine", GapView(at=0.0, seconds=0.2, own_s=0.01)).report
    assert "busy with others" not in Gap("Engine", GapView(at=0.0, seconds=0.2, own_s=0.19)).report
