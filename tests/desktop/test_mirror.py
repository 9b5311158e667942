"""How closely the window follows, and that it follows nobody it does not look at."""

from __future__ import annotations

import asyncio
import os
import signal

from PySide6.QtWidgets import QPushButton

from host.desktop.mirror import Attention
from host.desktop.session import Session
from host.vocabulary.events import EventKind
from host.vocabulary.states import Status
from host.vocabulary.views import ProblemView, Severity
from tests.desktop.opened import in_window
from tests.desktop.stage import Stage, view
from tests.desktop.waiting import found, until


@in_window
async def test_modules_problems_log_and_events_arrive(session: Session, stage: Stage) -> None:
    stage.put(view("chat"))
    stage.suffer(ProblemView(id="p", severity=Severity.ERROR, message="wrong"))
    stage.say(("info", "chat", "<b>hello</b>"))
    stage.tell(EventKind.MODULE_LOADED, "chat", text="chat is loaded")
    await until(session.models.events.rowCount)
    assert session.models.view("chat")
    assert session.models.problems.index(0, 0).data() == "wrong"
    assert session.models.log.index(0, 3).data() == "<b>hello</b>"
    assert session.window.docks["problems"].windowTitle() == "Problems  1"


@in_window
async def test_a_problem_goes_by_itself(session: Session, stage: Stage) -> None:
    stage.suffer(ProblemView(id="p", severity=Severity.ERROR, message="wrong"))
    await until(session.models.problems.rowCount)
    stage.suffer()
    await until(lambda: session.models.problems.rowCount() == 0)
    assert session.window.docks["problems"].windowTitle() == "Problems"


@in_window
async def test_a_hidden_window_asks_for_nothing_and_catches_up_when_it_is_seen(session: Session, stage: Stage) -> None:
    session.mirror.attend(Attention.HIDDEN)
    stage.put(view("chat"))  # answers the question that may be open already
    await asyncio.sleep(0.1)
    asked = len(stage.asked)
    stage.put(view("clock"))
    await asyncio.sleep(0.2)  # a claim that nothing happens needs a time in which it does not
    assert len(stage.asked) == asked
    assert session.models.view("clock") is None
    session.mirror.attend(Attention.FOCUSED)
    await until(lambda: session.models.view("clock") is not None)


@in_window
async def test_a_flood_of_changes_is_asked_for_thirty_times_a_second_at_most(session: Session, stage: Stage) -> None:
    stage.put(view("chat"))
    await until(lambda: session.models.view("chat") is not None)
    session.mirror.attend(Attention.FOCUSED)
    started, asked = asyncio.get_running_loop().time(), len(stage.asked)
    while asyncio.get_running_loop().time() - started < 0.5:
        stage.say(("info", "chat", "line"))
        await asyncio.sleep(0.001)
    assert len(stage.asked) - asked <= 17
    await until(lambda: session.models.log.total == len([1 for line in stage.lines if line.text == "line"]))


@in_window
async def test_a_new_engine_is_followed_from_its_own_start(session: Session, stage: Stage) -> None:
    stage.put(view("old"))
    stage.say(("info", "old", "before"))
    await until(lambda: session.models.view("old"))
    await stage.server.close()
    await until(lambda: not session.link.connected)
    assert "ended" in session.window.banner.text
    second = Stage(stage.data, pid=stage.pid + 1)
    second.put(view("new"))
    second.say(("info", "new", "after"))
    async with second.server:
        await until(lambda: session.models.view("new"))
        assert session.models.view("old") is None
        assert [line.text for line in session.models.log.shown] == ["before", "after"]
        assert "It is back" in session.window.banner.text


@in_window
async def test_acts_are_refused_while_the_engine_is_away(session: Session, stage: Stage) -> None:
    stage.put(view("chat"))
    await until(lambda: session.models.view("chat") is not None)
    session.window.modules.select("chat")
    await stage.server.close()
    await until(lambda: not session.link.connected)
    assert not session.window.actions_by_id["module.unload"].isEnabled()
    session.commands.unload("chat")
    await until(lambda: "not running" in session.window.inspector.notice.text)


@in_window
async def test_after_two_bad_starts_all_but_the_suspect_or_nothing_or_all_can_be_had(
    session: Session, stage: Stage
) -> None:
    wanted: list[bool] = []
    session.reporting.restartWanted.connect(wanted.append)
    stage.put(view("faulty", status=Status.FOUND))
    acts = {"All but it": "engine.banner_act", "Nothing": "engine.banner_act1", "All": "engine.banner_act2"}
    for words, name in acts.items():
        stage.left_out = ("faulty",)
        stage.change("faulty", summary=words)
        await until(lambda: "faulty is left out" in session.window.banner.text)
        button = found(session.window, QPushButton, name)
        assert button.text() == words
        button.click()
        assert not session.window.banner.isVisible()
        stage.left_out = ()
        stage.change("faulty", summary="")
        await until(lambda: session.mirror.engine and session.mirror.engine.left_out == ())
    assert wanted == [True]
    await until(lambda: [ask[:2] for ask in stage.asked if ask[0] == "load"] == [("load", "faulty")])


@in_window
async def test_modules_that_are_left_out_are_named(session: Session, stage: Stage) -> None:
    stage.left_out = ("faulty",)
    stage.put(view("chat"))
    await until(lambda: "faulty is left out" in session.window.banner.text)


@in_window
async def test_a_signal_closes_the_window_as_its_button_does(session: Session) -> None:
    closed = asyncio.Event()
    session.window.closing.connect(closed.set)
    os.kill(os.getpid(), signal.SIGTERM)
    async with asyncio.timeout(5):
        await closed.wait()
