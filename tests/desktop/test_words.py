"""What the window says where the engine is silent or away, and where there is nothing to show."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QComboBox, QLineEdit

from host.desktop import mirror
from host.desktop.link import Loss
from host.desktop.models.columns import LIMITS
from host.desktop.models.roles import Role
from host.desktop.models.table import Table
from host.desktop.session import Session
from host.desktop.widgets import status_line
from host.desktop.widgets.labels import Plain
from host.desktop.widgets.lists import ListView
from host.desktop.widgets.state_label import StateLabel
from host.desktop.wording import sentence
from host.vocabulary.events import EventKind
from host.vocabulary.states import Health
from host.vocabulary.views import LimitView
from tests.desktop.opened import in_window, opened
from tests.desktop.stage import Stage, view
from tests.desktop.waiting import found, until


def watch(session: Session) -> str:
    return found(session.window, StateLabel, "status.watch").accessibleName()


@pytest.mark.usefixtures("qapp")
async def test_an_engine_that_does_not_answer_is_said_to_be_silent_until_it_does(
    monkeypatch: pytest.MonkeyPatch, stage: Stage
) -> None:
    monkeypatch.setattr(mirror, "SILENT_S", 0.05)
    async with stage.server, opened(stage) as session:
        await until(lambda: "in step" in watch(session))
        stage.answering.clear()
        stage.put(view("chat"))
        await until(lambda: "The engine has not answered for" in watch(session))
        stage.answering.set()
        await until(lambda: "in step" in watch(session))
        assert session.models.view("chat") is not None


@pytest.fixture
def stage(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    return Stage(tmp_path_factory.mktemp("silent"))


@in_window
async def test_what_is_refused_while_the_engine_is_away_sends_nobody_to_a_shell(session: Session) -> None:
    session.link.lose(Loss(0.0, "The engine went."))
    session.commands.load("chat")
    words = "Not done: the engine is not running at this moment; do it again once it is back."
    await until(lambda: session.window.inspector.notice.text == words)


@in_window
async def test_a_log_of_which_no_line_is_like_the_filter_does_not_wait_for_the_first(
    session: Session, stage: Stage
) -> None:
    empty = found(session.window, Plain, "log.list_empty")
    assert empty.text() == "Waiting for the first line\u2026"
    stage.say(("info", "chat", "hello"))
    await until(lambda: session.models.log.total == 1)
    found(session.window, QLineEdit, "log.text").setText("nowhere")
    await until(lambda: session.models.log.rowCount() == 0)
    assert empty.text() == "No line is like that; another filter may show some."


@pytest.mark.usefixtures("qapp")
async def test_the_last_act_is_told_for_a_while(monkeypatch: pytest.MonkeyPatch, stage: Stage) -> None:
    monkeypatch.setattr(status_line, "_TOLD_MS", 50)
    async with stage.server, opened(stage) as session:
        act = found(session.window, Plain, "status.act")
        session.window.status.tell("chat is loaded", "good")
        assert act.text() == "chat is loaded"
        await until(lambda: act.text() == "")


def test_a_name_at_the_head_of_a_sentence_stays_as_it_is() -> None:
    assert sentence("kinds was ended in onClick", "kinds") == "kinds was ended in onClick."
    assert sentence("kinds was ended in onClick") == "Kinds was ended in onClick."


@in_window
async def test_events_are_filtered_by_module_and_by_what_matters(session: Session, stage: Stage) -> None:
    stage.put(view("chat"), view("hud"))
    stage.tell(EventKind.MODULE_LOADED, "chat", text="chat is loaded")
    stage.tell(EventKind.MODULE_FAULT, "hud", text="hud failed")
    rows = found(session.window, ListView, "events.list").model()
    count = found(session.window, Plain, "events.count")
    await until(lambda: count.text() == "2 events")
    modules = found(session.window, QComboBox, "events.module")
    await until(lambda: modules.count() == 3)
    modules.setCurrentText("chat")
    assert (rows.rowCount(), count.text()) == (1, "1 of 2 events")
    modules.setCurrentIndex(0)
    found(session.window, QComboBox, "events.level").setCurrentText("Errors")
    assert rows.index(0, 2).data() == "hud"
    modules.setCurrentText("chat")
    assert found(session.window, Plain, "events.list_empty").text().startswith("No event is like that")


@in_window
async def test_a_module_that_runs_and_is_not_well_says_so_in_the_list_and_over_its_sections(
    session: Session, stage: Stage
) -> None:
    stage.put(view("chat", health=Health.DEGRADED, health_detail="3 letters wait"))
    await until(lambda: session.models.view("chat"))
    session.window.modules.select("chat")
    assert session.models.modules.find("chat").data() == "degraded"
    assert found(session.window, StateLabel, "inspector.state").accessibleName() == "degraded"
    session.window.modules.set_filter("is:unhealthy")
    assert session.window.modules.selected() == []


def test_a_limit_is_shown_as_the_part_that_is_used() -> None:
    table: Table[LimitView] = Table(LIMITS, lambda row: row.name)
    table.show([LimitView(name="memory", unit="bytes", most=100.0, used=25.0), LimitView(name="x", unit="s", most=0.0)])
    assert [(table.index(row, 4).data(), table.index(row, 4).data(Role.PART)) for row in (0, 1)] == [
        ("25%", 0.25),
        ("", None),
    ]
