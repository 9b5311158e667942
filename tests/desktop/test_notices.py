"""A bell counts what happened by itself; whom the user does not want to hear of is counted apart, and remembered."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPushButton, QToolButton, QTreeView

from host.desktop.muting import Muting
from host.desktop.notices import KEPT, Notices
from host.desktop.session import Session
from host.desktop.settings import Settings
from host.desktop.widgets.lists import ListView
from host.vocabulary.events import Event, EventKind
from host.vocabulary.views import ProblemView, Severity
from tests.desktop.opened import in_window, opened
from tests.desktop.stage import Stage, view
from tests.desktop.waiting import found, until


def bell(session: Session) -> str:
    return found(session.window, QToolButton, "status.bell").text()


@in_window
async def test_the_bell_counts_until_the_list_was_opened(session: Session, stage: Stage) -> None:
    stage.put(view("chat"), view("hud"))
    stage.tell(EventKind.RELOAD_REFUSED, "chat", text="the save of chat was refused")
    stage.tell(EventKind.RELOAD_REFUSED, "chat", text="the save of chat was refused again")
    stage.tell(EventKind.MODULE_QUARANTINED, "hud", text="hud is quarantined")
    stage.tell(EventKind.MODULE_LOADED, "hud", text="hud was loaded")
    await until(lambda: bell(session) == "2")
    session.window.actions_by_id["view.notices"].trigger()
    assert bell(session) == ""
    model = found(session.window, ListView, "notices.list").model()
    texts = [model.index(row, 2).data() for row in range(model.rowCount())]
    assert texts == ["hud is quarantined", "the save of chat was refused again  (2 times)"]
    found(session.window, QPushButton, "notices.inspect").click()
    assert session.window.modules.selected() == ["hud"]
    assert not session.window.sheets.notices.isVisible()


@pytest.mark.usefixtures("qapp")
async def test_a_muted_module_is_counted_apart_and_stays_muted_over_a_restart(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    async with stage.server:
        async with opened(stage) as session:
            stage.tell(EventKind.RELOAD_REFUSED, "chat", text="refused")
            await until(lambda: bell(session) == "1")
            session.window.actions_by_id["view.notices"].trigger()
            button = found(session.window, QPushButton, "notices.mute")
            assert button.text() == "Mute chat"
            button.click()
            assert button.text() == "Hear of chat again"
        async with opened(stage) as session:
            stage.tell(EventKind.RELOAD_REFUSED, "chat", text="refused")
            stage.tell(EventKind.MODULE_FAILED, "hud", text="failed")
            stage.tell(EventKind.SWAP_ROLLED_BACK, "hud", text="taken back")
            await until(lambda: bell(session) == "2 (1 muted)")
            said = found(session.window, QToolButton, "status.bell").accessibleName()
            assert said == "Notifications: 2 new (1 muted)"


@pytest.mark.usefixtures("qapp")
def test_what_happened_before_the_window_was_there_rings_no_bell_and_few_are_kept(tmp_path: Path) -> None:
    notices = Notices(Muting(Settings(tmp_path)))
    old = Event(event=EventKind.MODULE_FAILED, at=1.0, revision=1, module="old")
    later = [Event(event=EventKind.MODULE_FAILED, at=9e9, revision=at, module=f"m{at}") for at in range(3 * KEPT)]
    notices.take([old, *later])
    assert len(notices.rows) == KEPT
    assert notices.rows[0].module == f"m{3 * KEPT - 1}"
    assert notices.counts == (KEPT, 0)


@pytest.mark.parametrize("kept", ["", "{", "3", "[1, null]", '{"a": 1}'])
@pytest.mark.usefixtures("qapp")
def test_a_torn_memory_of_who_is_muted_mutes_nobody(tmp_path: Path, kept: str) -> None:
    settings = Settings(tmp_path)
    settings.keep_text("mute/modules", kept)
    assert Muting(settings).modules == frozenset()


def problem(name: str, module: str = "", severity: Severity = Severity.ERROR) -> ProblemView:
    return ProblemView(id=name, severity=severity, message=f"{name} is wrong", module=module)


@in_window
async def test_problems_stand_by_weight_and_module_and_a_muted_one_comes_last(session: Session, stage: Stage) -> None:
    stage.suffer(problem("w", "a", Severity.WARNING), problem("b1", "b"), problem("a1", "a"), problem("b2", "b"))

    def ids() -> list[str]:
        return [row.id for row in session.models.problems.rows]

    title = session.window.docks["problems"].windowTitle
    await until(lambda: ids() == ["a1", "b1", "b2", "w"])
    assert title() == "Problems  4"
    session.window.actions_by_id["dock.problems"].trigger()
    mute = found(session.window, QPushButton, "problems.mute")
    mute.click()
    assert ids() == ["b1", "b2", "w", "a1"]
    assert title() == "Problems  3 (1 muted)"
    assert mute.text() == "Count it again"
    mute.click()
    assert (ids()[0], title()) == ("a1", "Problems  4")


@in_window
async def test_problems_stand_under_the_module_they_are_about_and_fold(session: Session, stage: Stage) -> None:
    stage.suffer(problem("a1", "a"), problem("b1", "b"), problem("a2", "a"), problem("own"))
    tree = found(session.window, QTreeView, "problems.list")
    await until(lambda: tree.model().rowCount() == 3)
    model = tree.model()
    titles = [model.index(row, 0).data() for row in range(3)]
    assert titles == ["The host and this window", "a: 2 problems", "b"]
    group = model.index(1, 0)
    assert tree.isExpanded(group)
    tree.collapse(group)
    stage.suffer(problem("a1", "a"), problem("b1", "b"), problem("a2", "a"), problem("a3", "a"), problem("own"))
    await until(lambda: model.index(1, 0).data() == "a: 3 problems")
    assert not tree.isExpanded(model.index(1, 0))
    tree.setCurrentIndex(model.index(1, 0))
    found(session.window, QPushButton, "problems.copy").click()
    assert QGuiApplication.clipboard().text().count("is wrong") == 3
    mute = found(session.window, QPushButton, "problems.mute")
    assert mute.text() == "Mute all"
    mute.click()
    assert session.window.docks["problems"].windowTitle() == "Problems  2 (3 muted)"
