"""The tour waits for what the user really does; a first run offers it, and a profile to begin with."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from msgspec.structs import replace
from PySide6.QtWidgets import QPushButton

from host.desktop.profiles import names, read
from host.desktop.session import Session
from host.desktop.widgets.labels import Plain
from host.desktop.widgets.tour_bar import TourBar
from host.vocabulary.events import EventKind
from host.vocabulary.states import Status
from host.vocabulary.views import VersionView
from tests.desktop.opened import in_window, opened
from tests.desktop.stage import Stage, view
from tests.desktop.waiting import found, until

CHAT = "advanced_chat"


def put_chat(stage: Stage, status: Status = Status.FOUND) -> None:
    stage.put(view(CHAT, status=status, path="/m/advanced_chat", versions=(VersionView(version="1.0.0", path="/m"),)))


def said(session: Session) -> str:
    return found(session.window, Plain, "tour.text").text()


def press(session: Session, name: str) -> None:
    found(session.window, QPushButton, f"tour.{name}").click()


def save(stage: Stage, kind: EventKind) -> None:
    """Play a file that was saved, and what became of it."""
    stage.watching = replace(stage.watching, last_change=time.time())
    stage.tell(kind, CHAT, version="1.0.0")


async def begun(session: Session, stage: Stage) -> None:
    put_chat(stage)
    await until(lambda: session.window.findChild(TourBar))
    press(session, "help")


@in_window
async def test_each_step_waits_for_its_own_act(session: Session, stage: Stage) -> None:
    await begun(session, stage)
    assert said(session).startswith("1 of 5: Load advanced_chat")
    press(session, "help")
    session.window.actions_by_id["module.load"].trigger()
    await until(lambda: said(session).startswith("2 of 5: Change it: open /m/advanced_chat/init.lua"))
    press(session, "help")
    assert session.window.inspector.section == "section.source"
    stage.tell(EventKind.SWAP_COMMITTED, CHAT, version="1.0.0", text="not by a save")
    await until(lambda: session.models.events.rowCount() == 1)
    save(stage, EventKind.RELOAD_REFUSED)
    stage.say(("info", CHAT, "seen"))
    await until(lambda: session.models.log.rowCount() == 1)
    assert said(session).startswith("2 of 5")
    save(stage, EventKind.SWAP_COMMITTED)
    await until(lambda: said(session).startswith("3 of 5"))
    session.window.actions_by_id["section.history"].trigger()
    assert said(session).startswith("4 of 5: Now break it")
    save(stage, EventKind.RELOAD_REFUSED)
    await until(lambda: said(session).startswith("5 of 5: Nothing fell over"))
    stage.change(CHAT, rollback_to="1.0.0")
    await until(session.window.actions_by_id["module.rollback"].isEnabled)
    session.window.actions_by_id["module.rollback"].trigger()
    await until(lambda: ("rollback", CHAT) in stage.asked)
    stage.tell(EventKind.SWAP_COMMITTED, CHAT, version="1.0.0")
    await until(lambda: said(session).startswith("That was all"))
    press(session, "leave")
    assert not found(session.window, TourBar, "tour.bar").isVisible()


@pytest.mark.usefixtures("qapp")
async def test_it_is_offered_once_with_a_sample_profile_and_help_begins_it_again(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    async with stage.server:
        async with opened(stage) as session:
            put_chat(stage)
            await until(lambda: session.window.findChild(TourBar))
            await until(lambda: names(stage.data) == ("Sample",))
            assert read(stage.data, "Sample").modules == {CHAT: "1.0.0", "clock": "*", "log": "*"}
            assert said(session).startswith("New here?")
            press(session, "leave")
        async with opened(stage) as session:
            await until(lambda: session.models.view(CHAT))
            assert session.window.findChild(TourBar) is None
            session.window.actions_by_id["help.tour"].trigger()
            assert said(session).startswith("1 of 5")


@in_window
async def test_it_can_be_left_amid_a_step_and_begun_again(session: Session, stage: Stage) -> None:
    await begun(session, stage)
    put_chat(stage, Status.ACTIVE)
    await until(lambda: said(session).startswith("2 of 5"))
    press(session, "leave")
    save(stage, EventKind.SWAP_COMMITTED)
    stage.say(("info", CHAT, "seen"))
    await until(lambda: session.models.log.rowCount() == 1)
    assert not found(session.window, TourBar, "tour.bar").isVisible()
    session.window.actions_by_id["help.tour"].trigger()
    assert said(session).startswith("2 of 5")


@in_window
async def test_what_the_user_keeps_is_not_written_over(session: Session, stage: Stage) -> None:
    (stage.data / "profiles").mkdir()
    (stage.data / "profiles" / "Mine.toml").write_text("[modules]\n")
    put_chat(stage)
    await until(lambda: session.window.findChild(TourBar))
    await until(lambda: session.models.view(CHAT))
    assert names(stage.data) == ("Mine",)
