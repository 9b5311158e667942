"""What the window says where the engine is silent or away, and where there is nothing to show."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QLineEdit

from host.desktop import mirror
from host.desktop.link import Loss
from host.desktop.session import Session
from host.desktop.widgets import status_line
from host.desktop.widgets.labels import Plain
from host.desktop.widgets.state_label import StateLabel
from host.desktop.wording import sentence
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
