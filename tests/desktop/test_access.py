"""The side of a module that shows what it may do, and lets the user change that."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from host.desktop.session import Session
from host.desktop.widgets.labels import Elided, Plain
from host.desktop.widgets.lists import ListView
from host.vocabulary.views import AccessRow, AuditRow, LimitView, ProblemView, Severity
from tests.desktop.opened import in_window
from tests.desktop.stage import Stage
from tests.desktop.test_sections import look_at
from tests.desktop.waiting import found, until

ROWS = (
    AccessRow(permission="net", pattern="api.example.com:443", used=3, denied=2, last=1.0),
    AccessRow(permission="fs.read", pattern="data/**", granted_by="user", used=12480),
    AccessRow(permission="env", pattern="HOME", asked=False, denied=1),
)


def texts(view: ListView, column: int) -> list[str]:
    model = view.model()
    return [str(model.index(row, column).data()) for row in range(model.rowCount())]


def click(session: Session, name: str) -> None:
    QTest.mouseClick(found(session.window, QPushButton, name), Qt.MouseButton.LeftButton)


@in_window
async def test_a_module_that_asks_for_nothing_says_so(session: Session, stage: Stage) -> None:
    await look_at(session, stage, "access")
    await until(lambda: session.window.findChild(Plain, "access.list_empty"))
    empty = found(session.window, Plain, "access.list_empty")
    assert empty.isVisible()
    assert empty.text() == "Asks for nothing."
    assert not found(session.window, QPushButton, "access.allow_all").isEnabled()


@in_window
async def test_what_is_asked_granted_used_and_denied_is_shown(session: Session, stage: Stage) -> None:
    await look_at(session, stage, "access")
    stage.change("chat", access=ROWS)
    await until(lambda: session.window.findChild(ListView, "access.list"))
    view = found(session.window, ListView, "access.list")
    await until(lambda: view.model().rowCount() == 3)
    assert texts(view, 1) == ["api.example.com:443", "data/**", "HOME"]
    assert texts(view, 2) == ["not granted", "granted", "not asked for"]
    assert texts(view, 3) == ["3", "12\u202f480", ""]
    assert texts(view, 4) == ["2", "", "1"]
    assert found(session.window, Elided, "access.words").text() == "Not granted: 1"


@in_window
async def test_it_is_allowed_and_denied_with_a_click(session: Session, stage: Stage) -> None:
    await look_at(session, stage, "access")
    stage.change("chat", access=ROWS)
    await until(lambda: session.window.findChild(ListView, "access.list"))
    view = found(session.window, ListView, "access.list")
    await until(lambda: view.model().rowCount() == 3)
    allow, deny = (found(session.window, QPushButton, f"access.{name}") for name in ("allow", "deny"))
    assert (allow.isEnabled(), deny.isEnabled()) == (False, False)
    view.selectRow(0)
    assert (allow.isEnabled(), deny.isEnabled()) == (True, False)
    click(session, "access.allow")
    await until(lambda: texts(view, 2)[0] == "granted")
    assert ("grant", "chat", {"net": ["api.example.com:443"]}, "*") in stage.asked
    await until(deny.isEnabled)
    click(session, "access.deny")
    await until(lambda: texts(view, 2)[0] == "not granted")
    assert ("revoke", "chat", {"net": ["api.example.com:443"]}, "*") in stage.asked
    click(session, "access.allow_all")
    await until(lambda: texts(view, 2)[0] == "granted")
    assert ("grant", "chat", None, "*") in stage.asked


@in_window
async def test_what_a_manifest_does_not_ask_for_cannot_be_allowed(session: Session, stage: Stage) -> None:
    await look_at(session, stage, "access")
    stage.change("chat", access=ROWS)
    await until(lambda: session.window.findChild(ListView, "access.list"))
    view = found(session.window, ListView, "access.list")
    await until(lambda: view.model().rowCount() == 3)
    view.selectRow(2)
    words = found(session.window, Elided, "access.words")
    assert words.text() == "Its manifest does not ask for this, so it cannot be allowed."
    assert not found(session.window, QPushButton, "access.allow").isEnabled()


@in_window
async def test_limits_and_the_audit_are_read_while_somebody_looks(session: Session, stage: Stage) -> None:
    stage.limits_of["chat"] = (
        LimitView(name="memory", unit="bytes", most=32 << 20, used=16 << 20),
        LimitView(name="call", unit="s", most=0.1, used=0.02, hits=2),
        LimitView(name="events", unit="/s", most=20000, used=40),
    )
    stage.audits["chat"] = (
        AuditRow(id=7, at=1.0, module="chat", permission="net", wanted="a:1 <b>", verdict="denied", through="http"),
    )
    await look_at(session, stage, "access")
    await until(lambda: session.window.findChild(ListView, "access.limits"))
    limits = found(session.window, ListView, "access.limits")
    await until(lambda: limits.model().rowCount() == 3)
    assert texts(limits, 1) == ["16 MB", "20.0 ms", "40/s"]
    assert texts(limits, 4) == ["50%", "20%", "0%"]
    audit = found(session.window, ListView, "access.audit")
    assert (texts(audit, 1), texts(audit, 3), texts(audit, 4)) == (["denied"], ["a:1 <b>"], ["http"])


@in_window
async def test_a_denial_among_the_problems_is_mended_there(session: Session, stage: Stage) -> None:
    await look_at(session, stage, "overview")
    stage.change("chat", access=ROWS)
    denied = ProblemView(
        id="denied:chat", severity=Severity.WARNING, message="permission denied", module="chat", action="grant"
    )
    stage.suffer(denied)
    await until(session.models.problems.rowCount)
    session.window.actions_by_id["dock.problems"].trigger()
    act = found(session.window, QPushButton, "problems.act")
    assert act.text() == "Grant what it asks for"
    click(session, "problems.act")
    await until(lambda: ("grant", "chat", None, "*") in stage.asked)
