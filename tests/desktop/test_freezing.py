"""F8: what is shown stays, and what comes meanwhile waits."""

from __future__ import annotations

from PySide6.QtWidgets import QPlainTextEdit

from host.desktop.session import Session
from host.desktop.widgets.labels import Plain
from host.desktop.widgets.lists import ListView
from host.vocabulary.events import EventKind
from host.vocabulary.views import ActivityRow
from tests.desktop.opened import in_window
from tests.desktop.stage import Stage, view
from tests.desktop.waiting import found, until


@in_window
async def test_frozen_lines_of_the_log_wait_and_come_in_order(session: Session, stage: Stage) -> None:
    stage.say(("info", "chat", "one"))
    log = session.models.log
    await until(lambda: log.total == 1)
    freeze = session.window.actions_by_id["view.freeze"]
    freeze.trigger()
    stage.say(("info", "chat", "two"), ("info", "chat", "three"))
    await until(lambda: log.waiting == 2)
    assert log.total == 1
    assert "frozen at" in found(session.window, Plain, "log.count").text()
    freeze.trigger()
    assert [line.text for line in log.shown] == ["one", "two", "three"]
    assert "frozen" not in found(session.window, Plain, "log.count").text()


@in_window
async def test_frozen_events_wait(session: Session, stage: Stage) -> None:
    freeze = session.window.actions_by_id["view.freeze"]
    freeze.trigger()
    stage.tell(EventKind.MODULE_LOADED, "chat")
    await until(lambda: session.models.events.waiting == 1)
    assert not found(session.window, Plain, "events.message").isHidden()
    freeze.trigger()
    assert session.models.events.total == 1
    assert found(session.window, Plain, "events.message").isHidden()


@in_window
async def test_frozen_activity_stays(session: Session, stage: Stage) -> None:
    stage.activities["chat"] = (ActivityRow(kind="hook", name="onMessage", calls=1),)
    stage.put(view("chat"))
    await until(lambda: session.models.view("chat"))
    session.window.modules.select("chat")
    session.window.actions_by_id["section.activity"].trigger()
    rows = found(session.window, ListView, "activity.list").model()
    await until(rows.rowCount)
    freeze = session.window.actions_by_id["view.freeze"]
    freeze.trigger()
    stage.activities["chat"] = ()
    assert found(session.window, Plain, "activity.message").text().startswith("Frozen at")
    assert rows.rowCount() == 1
    freeze.trigger()
    await until(lambda: rows.rowCount() == 0)


@in_window
async def test_a_line_of_the_log_leads_to_the_line_of_code_that_it_names(session: Session, stage: Stage) -> None:
    stage.put(view("chat"), view("log", tier="core"))
    stage.sources["chat"] = {"init.lua": "a\nb\nc\n", "lib/rooms.lua": "one\ntwo\nthree\n"}
    stage.say(("error", "chat", "hook onMessage: chat/lib/rooms.lua:2: attempt to index nil 'x'"))
    rows = found(session.window, ListView, "log.list")
    await until(lambda: rows.model().rowCount() == 1)
    rows.selectRow(0)
    rows.activated.emit(rows.model().index(0, 3))
    assert session.window.inspector.section == "section.source"
    viewer = found(session.window, QPlainTextEdit, "source.text")
    await until(lambda: viewer.textCursor().block().text() == "two")
