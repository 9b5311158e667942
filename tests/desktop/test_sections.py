"""One module from several sides; a side that nobody sees asks for nothing."""

from __future__ import annotations

import asyncio

from msgspec.structs import replace
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QPlainTextEdit, QPushButton, QTreeView

from host.desktop.session import Session
from host.desktop.widgets.labels import Plain
from host.desktop.widgets.lists import ListView
from host.vocabulary.states import Health, Outcome, Status
from host.vocabulary.views import ActivityRow, Comparison, Difference, HistoryRow, ProblemView, Severity, VersionView
from tests.desktop.opened import in_window
from tests.desktop.stage import Stage, view
from tests.desktop.waiting import found, until

SELECT_ROW = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
TRUTH = "Running 3.0.1 from 14:01:50; the newest save has a mistake on line 41"


async def look_at(session: Session, stage: Stage, section: str) -> None:
    stage.put(view("chat", version="3.0.1", truth=TRUTH, path="/m/chat"), view("log", tier="core"))
    await until(lambda: session.models.view("log"))
    session.window.actions_by_id[f"section.{section}"].trigger()
    session.window.modules.select("chat")


@in_window
async def test_nothing_chosen_says_what_to_do(session: Session) -> None:
    empty = found(session.window, Plain, "inspector.empty")
    assert empty.isVisible()
    assert empty.text() == "Pick a module on the left to look inside it."


@in_window
async def test_the_truth_line_is_seen_from_every_side_and_follows_the_engine(session: Session, stage: Stage) -> None:
    await look_at(session, stage, "history")
    truth = found(session.window, Plain, "inspector.truth")
    assert truth.isVisible()
    assert truth.text() == TRUTH
    stage.change("chat", truth="Running 3.0.2 from 14:03:00")
    await until(lambda: truth.text() == "Running 3.0.2 from 14:03:00")


@in_window
async def test_a_module_that_goes_leaves_nothing_to_look_at(session: Session, stage: Stage) -> None:
    await look_at(session, stage, "overview")
    stage.drop("chat")
    await until(lambda: session.window.inspector.module is None)
    assert found(session.window, Plain, "inspector.empty").isVisible()


@in_window
async def test_the_overview_says_how_a_module_is_where_it_says_so(session: Session, stage: Stage) -> None:
    await look_at(session, stage, "overview")
    health = found(session.window, Plain, "overview.health")
    assert not health.isVisible()
    stage.change("chat", health=Health.DEGRADED, health_detail="9 <b>wait</b>")
    await until(health.isVisible)
    assert (health.text(), health.property("tone")) == ("degraded: 9 <b>wait</b>", "warn")
    stage.change("chat", health=Health.UNHEALTHY, health_detail="")
    await until(lambda: health.text() == "unhealthy")
    assert health.property("tone") == "bad"
    stage.change("chat", health=Health.HEALTHY)
    await until(lambda: health.text() == "healthy")
    assert health.property("tone") == ""
    stage.change("chat", health=None)
    await until(lambda: not health.isVisible())


@in_window
async def test_what_a_module_needs_is_one_click_away(session: Session, stage: Stage) -> None:
    await look_at(session, stage, "overview")
    stage.change("chat", needs=("log",))
    await until(lambda: session.window.findChild(QPushButton, "overview.needs.log"))
    QTest.mouseClick(found(session.window, QPushButton, "overview.needs.log"), Qt.MouseButton.LeftButton)
    assert session.window.inspector.module is not None
    assert session.window.inspector.module.name == "log"
    assert session.window.modules.selected() == ["log"]


@in_window
async def test_the_state_is_asked_for_by_page_and_only_where_it_is_open(session: Session, stage: Stage) -> None:
    stage.states["chat"] = {"users": {"ana": {"age": 3}}, "big": {at: at for at in range(1, 1001)}, "n": 1}
    await look_at(session, stage, "state")
    tree = found(session.window, QTreeView, "state.tree")
    await until(lambda: tree.model().rowCount() == 3)
    assert {ask[2:] for ask in stage.asked if ask[0] == "state_page"} == {((), 0)}
    tree.expand(tree.model().index(0, 0))
    users = tree.model().index(0, 0)
    await until(lambda: tree.model().rowCount(users) == 1)
    assert tree.model().index(0, 0, users).data() == "ana"
    big = tree.model().index(1, 0)
    tree.expand(big)
    assert tree.model().rowCount(big) == 4
    tree.expand(tree.model().index(3, 0, big))
    await until(lambda: tree.model().rowCount(tree.model().index(3, 0, big)) == 232)
    assert ("state_page", "chat", ("big",), 768) in stage.asked
    assert ("state_page", "chat", ("big",), 0) not in stage.asked


@in_window
async def test_a_changed_value_is_shown_and_marked(session: Session, stage: Stage) -> None:
    stage.states["chat"] = {"n": 1}
    await look_at(session, stage, "state")
    tree = found(session.window, QTreeView, "state.tree")
    await until(tree.model().rowCount)
    stage.states["chat"] = {"n": 2}
    await until(lambda: tree.model().index(0, 1).data() == "2")
    assert tree.model().index(0, 3).data() == "now"


@in_window
async def test_a_module_without_state_says_how_to_keep_some(session: Session, stage: Stage) -> None:
    await look_at(session, stage, "state")
    empty = found(session.window, Plain, "state.tree_empty")
    await until(empty.isVisible)
    assert empty.text() == "This module keeps no state. Return it from getState."


@in_window
async def test_activity_shows_what_is_registered_and_asks_only_while_it_is_seen(session: Session, stage: Stage) -> None:
    stage.activities["chat"] = (ActivityRow(kind="hook", name="onMessage", calls=12_480, mean_ms=0.02),)
    await look_at(session, stage, "activity")
    rows = found(session.window, ListView, "activity.list").model()
    await until(rows.rowCount)
    assert [rows.index(0, column).data() for column in (0, 1, 3)] == ["hook", "onMessage", "12\u202f480"]
    session.window.actions_by_id["section.source"].trigger()
    await asyncio.sleep(0)
    asked = [ask for ask in stage.asked if ask[0] == "activity"]
    await asyncio.sleep(1.2)  # longer than its period: a claim that nothing is asked needs a time
    assert [ask for ask in stage.asked if ask[0] == "activity"] == asked


@in_window
async def test_history_swaps_to_a_version_of_the_past(session: Session, stage: Stage) -> None:
    stage.histories["chat"] = (
        HistoryRow(id=2, at=2.0, kind="swap", from_version="3.0.0", to_version="3.0.1", outcome=Outcome.COMMITTED),
        HistoryRow(id=1, at=1.0, kind="load", from_version="", to_version="3.0.0", outcome=Outcome.COMMITTED),
    )
    await look_at(session, stage, "history")
    stage.change("chat", versions=tuple(VersionView(version=each, path="") for each in ("3.0.1", "3.0.0")))
    rows = found(session.window, ListView, "history.list")
    await until(lambda: rows.model().rowCount() == 2 and session.window.inspector.module == stage.modules["chat"])
    swap = found(session.window, QPushButton, "history.swap")
    rows.selectRow(0)
    assert not swap.isEnabled()
    rows.selectRow(1)
    QTest.mouseClick(swap, Qt.MouseButton.LeftButton)
    await until(lambda: stage.modules["chat"].version == "3.0.0")


async def look_at_the_past(session: Session, stage: Stage) -> ListView:
    stage.histories["chat"] = tuple(
        HistoryRow(
            id=number, at=1.0, kind="reload", from_version="3.0.0", to_version="3.0.0",
            outcome=Outcome.COMMITTED, reachable=number < 3,
        )
        for number in (3, 2, 1)
    )  # fmt: skip
    await look_at(session, stage, "history")
    rows = found(session.window, ListView, "history.list")
    await until(lambda: rows.model().rowCount() == 3)
    return rows


@in_window
async def test_history_leads_back_to_any_act_that_can_come_back(session: Session, stage: Stage) -> None:
    rows = await look_at_the_past(session, stage)
    stage.change("chat", rollback_to="3.0.0")
    back = found(session.window, QPushButton, "history.return")
    rows.selectRow(0)
    assert not back.isEnabled(), "that is what runs now"
    rows.selectRow(2)
    assert back.isEnabled()
    QTest.mouseClick(back, Qt.MouseButton.LeftButton)
    await until(lambda: ("rollback", "chat", 1) in stage.asked)


@in_window
async def test_history_compares_two_acts_or_one_with_now(session: Session, stage: Stage) -> None:
    rows = await look_at_the_past(session, stage)
    compare = found(session.window, QPushButton, "history.compare")
    assert not compare.isEnabled()
    assert session.window.findChild(ListView, "history.differences") is None
    same = Comparison(module="chat", earlier=1, later=2, from_version="3.0.0", to_version="3.0.0")
    change = Difference(path="state.users[2].name", before='"<b>ana"', after="")
    stage.comparisons[1, 2] = replace(same, files=("init.lua",), diff="--- init.lua\n-old\n+new", differences=(change,))
    stage.comparisons[1, None] = replace(same, later=None, beyond=1200)
    rows.selectRow(2)
    rows.selectionModel().select(rows.model().index(1, 0), SELECT_ROW)
    QTest.mouseClick(compare, Qt.MouseButton.LeftButton)
    await until(lambda: session.window.findChild(ListView, "history.differences"))
    differences = found(session.window, ListView, "history.differences")
    await until(differences.isVisible)
    assert [differences.model().index(0, column).data() for column in range(3)] == [change.path, change.before, ""]
    diff = found(session.window, QPlainTextEdit, "history.diff")
    assert (diff.isVisible(), diff.toPlainText()) == (True, "--- init.lua\n-old\n+new")
    words = found(session.window, Plain, "history.compared")
    assert words.text() == "3.0.0 (1) \u2192 3.0.0 (2); init.lua"
    rows.selectRow(2)
    QTest.mouseClick(compare, Qt.MouseButton.LeftButton)
    await until(lambda: words.text() == "3.0.0 (1) \u2192 3.0.0 (now); and 1\u202f200 more differences")
    assert diff.isHidden()
    session.window.modules.select("log")
    await until(lambda: not differences.isVisible())


@in_window
async def test_open_line_shows_the_source_with_the_line_marked(session: Session, stage: Stage) -> None:
    stage.sources["chat"] = {"init.lua": "return {}\n", "lib/util.lua": "local x = 1\nlocal y =\n"}
    await look_at(session, stage, "overview")
    stage.suffer(
        ProblemView(
            id="p", severity=Severity.ERROR, message="wrong", module="chat", file="/m/chat/lib/util.lua", line=2
        )
    )
    await until(session.models.problems.rowCount)
    session.window.actions_by_id["dock.problems"].trigger()
    QTest.mouseClick(found(session.window, QPushButton, "problems.open"), Qt.MouseButton.LeftButton)
    text = found(session.window, QPlainTextEdit, "source.text")
    await until(text.toPlainText)
    assert text.textCursor().blockNumber() == 1
    assert found(session.window, QComboBox, "source.files").currentText() == "lib/util.lua"
    assert len(text.extraSelections()) == 1


@in_window
async def test_a_problem_is_mended_by_its_button(session: Session, stage: Stage) -> None:
    stage.put(view("chat", status=Status.FAILED))
    stage.suffer(ProblemView(id="p", severity=Severity.ERROR, message="no", module="chat", action="load"))
    await until(session.models.problems.rowCount)
    session.window.actions_by_id["dock.problems"].trigger()
    QTest.mouseClick(found(session.window, QPushButton, "problems.act"), Qt.MouseButton.LeftButton)
    await until(lambda: stage.modules["chat"].status is Status.ACTIVE)


@in_window
async def test_a_quarantined_module_is_resumed_by_the_button_of_its_problem(session: Session, stage: Stage) -> None:
    stage.put(view("chat", status=Status.QUARANTINED))
    stage.suffer(ProblemView(id="p", severity=Severity.ERROR, message="no", module="chat", action="resume"))
    await until(session.models.problems.rowCount)
    session.window.actions_by_id["dock.problems"].trigger()
    QTest.mouseClick(found(session.window, QPushButton, "problems.act"), Qt.MouseButton.LeftButton)
    await until(lambda: ("resume", "chat") in stage.asked)


@in_window
async def test_the_log_is_filtered_by_level_module_and_text(session: Session, stage: Stage) -> None:
    stage.put(view("chat"), view("log", tier="core"))
    stage.say(("info", "chat", "hello"), ("error", "chat", "broken"), ("error", "log", "full"))
    await until(lambda: session.models.log.total == 3)
    shown = session.models.log
    level = found(session.window, QComboBox, "log.level")
    level.setCurrentIndex(level.findText("Errors"))
    assert [line.text for line in shown.shown] == ["broken", "full"]
    module = found(session.window, QComboBox, "log.module")
    module.setCurrentIndex(module.findText("chat"))
    assert [line.text for line in shown.shown] == ["broken"]
    stage.say(("error", "chat", "again"), ("info", "chat", "fine"))
    await until(lambda: shown.total == 5)
    assert [line.text for line in shown.shown] == ["broken", "again"]


@in_window
async def test_the_filter_says_how_many_of_how_many(session: Session, stage: Stage) -> None:
    stage.put(*(view(name) for name in ("chat", "clock", "hud")))
    await until(lambda: session.models.view("hud"))
    count = found(session.window, Plain, "modules.count")
    assert count.text() == "3 modules"
    session.window.modules.set_filter("is:active c")
    assert count.text() == "2 of 3"
    session.window.modules.set_filter("is:purple")
    assert count.text() == "3 of 3 \u2013 not understood: is:purple"


@in_window
async def test_choosing_a_module_that_the_filter_hides_lifts_the_filter(session: Session, stage: Stage) -> None:
    stage.put(view("chat"), view("clock"))
    await until(lambda: session.models.view("clock") is not None)
    session.window.modules.set_filter("chat")
    session.window.modules.select("clock")
    assert session.window.modules.selected() == ["clock"]
    assert session.window.modules.filter_text == ""


@in_window
async def test_f8_keeps_the_state_as_it_is_until_it_is_let_go(session: Session, stage: Stage) -> None:
    stage.states["chat"] = {"count": 1}
    await look_at(session, stage, "state")
    tree = found(session.window, QTreeView, "state.tree").model()
    await until(lambda: tree.rowCount() == 1)
    freeze = session.window.actions_by_id["view.freeze"]
    freeze.trigger()
    message = found(session.window, Plain, "state.message")
    assert message.text().startswith("Frozen at ")
    stage.states["chat"] = {"count": 1, "more": 2}
    session.window.modules.select("chat")
    stage.asked.clear()
    stage.change("chat", calls=7)
    await until(lambda: session.models.modules.views["chat"].calls == 7)
    assert [ask for ask in stage.asked if ask[0] == "state_page"] == []
    freeze.trigger()
    await until(lambda: tree.rowCount() == 2)
    assert not message.isVisible()
    freeze.trigger()
    stage.states["log"] = {"line": "x"}
    session.window.modules.select("log")
    await until(lambda: tree.index(0, 0).data() == "line")
    assert not freeze.isChecked()
