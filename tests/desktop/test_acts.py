"""What a click does to the engine, and where its outcome is seen."""

from __future__ import annotations

from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QPushButton, QTreeView

from host.desktop.panels.swap_sheet import SwapSheet
from host.desktop.session import Session
from host.desktop.widgets.lists import ListView
from host.vocabulary.errors import LoadFailed, SwapFailed
from host.vocabulary.events import EventKind
from host.vocabulary.states import Outcome, Status
from host.vocabulary.views import SwapReport, VersionView
from tests.desktop.opened import in_window
from tests.desktop.stage import Stage, view
from tests.desktop.waiting import found, until

CHAT = view(
    "chat",
    version="1.0.0",
    versions=(VersionView(version="2.1.0", path="/c/2"), VersionView(version="1.0.0", path="/c/1")),
)


async def chosen(session: Session, stage: Stage) -> None:
    """The chat runs and is looked at."""
    stage.put(CHAT)
    await until(lambda: session.models.view("chat") is not None)
    session.window.modules.select("chat")


@in_window
async def test_space_unloads_and_loads_the_chosen_module(session: Session, stage: Stage) -> None:
    await chosen(session, stage)
    tree = found(session.window, QTreeView, "modules.list")
    tree.setFocus()
    QTest.keyClick(tree, Qt.Key.Key_Space)
    await until(lambda: session.models.modules.views["chat"].status is Status.UNLOADED)
    QTest.keyClick(tree, Qt.Key.Key_Space)
    await until(lambda: session.models.modules.views["chat"].status is Status.ACTIVE)


@in_window
async def test_a_swap_tells_its_pause_and_undo_takes_it_back(session: Session, stage: Stage) -> None:
    await chosen(session, stage)
    session.window.actions_by_id["module.swap"].trigger()
    sheet = found(session.window, SwapSheet, "swap.sheet")
    assert sheet.isVisible()
    versions = found(sheet, ListView, "swap.versions")
    assert versions.currentIndex().data() == "2.1.0"
    accept = found(sheet, QPushButton, "swap.accept")
    await until(accept.isEnabled)
    QTest.mouseClick(accept, Qt.MouseButton.LeftButton)
    assert not sheet.isVisible()
    notice = session.window.inspector.notice
    await until(lambda: notice.text)
    assert notice.text == "chat: Swapped in 34.0 ms"
    await until(lambda: session.window.inspector.module == stage.modules["chat"])
    assert stage.modules["chat"].version == "2.1.0"
    QTest.mouseClick(found(notice, QPushButton, "inspector.notice_act"), Qt.MouseButton.LeftButton)
    await until(lambda: notice.text.startswith("chat: Back to 1.0.0"))
    assert stage.modules["chat"].version == "1.0.0"


@in_window
async def test_the_sheet_of_a_module_that_does_not_run_loads_the_chosen_version(session: Session, stage: Stage) -> None:
    stage.put(replace(CHAT, status=Status.FOUND, version="2.1.0"))
    await until(lambda: session.models.view("chat") is not None)
    session.window.modules.select("chat")
    session.window.actions_by_id["module.swap"].trigger()
    found(session.window, ListView, "swap.versions").selectRow(1)
    accept = found(session.window, QPushButton, "swap.accept")
    await until(accept.isEnabled)
    assert accept.text() == "Load"
    QTest.mouseClick(accept, Qt.MouseButton.LeftButton)
    await until(lambda: ("load", "chat", "==1.0.0", False) in stage.asked)


@in_window
async def test_what_another_program_swaps_takes_the_word_of_the_last_swap_and_its_undo_away(
    session: Session, stage: Stage
) -> None:
    await chosen(session, stage)
    session.commands.swap("chat", "2.1.0")
    notice = session.window.inspector.notice
    await until(lambda: notice.text)
    stage.tell(EventKind.SWAP_COMMITTED, "chat", pause_s=0.034)
    await until(lambda: session.models.events.rowCount() == 1)
    assert not notice.isHidden(), "its own event says nothing new"
    stage.tell(EventKind.SWAP_COMMITTED, "chat", pause_s=0.0045)
    await until(notice.isHidden)


@in_window
async def test_a_version_with_a_faulty_manifest_says_why_it_cannot_be_swapped_in(
    session: Session, stage: Stage
) -> None:
    await chosen(session, stage)
    stage.change("chat", versions=(VersionView(version="3", path="/c/3", problems=("module.toml:2: no name",)),))
    await until(lambda: len(session.models.modules.views["chat"].versions) == 1)
    session.window.actions_by_id["module.swap"].trigger()
    assert not found(session.window, QPushButton, "swap.accept").isEnabled()
    assert "module.toml:2: no name" in found(session.window, ListView, "swap.versions").model().index(0, 2).data()


@in_window
async def test_a_refusal_is_said_in_place_and_stays_until_it_is_closed(session: Session, stage: Stage) -> None:
    await chosen(session, stage)
    await stage.unload("chat")
    await until(session.window.actions_by_id["module.load"].isEnabled)
    stage.refusal = LoadFailed("chat", "1.0.0", "init", "attempt to index nil 'cfg'", "init.lua", 12)
    session.window.actions_by_id["module.load"].trigger()
    notice = session.window.inspector.notice
    await until(lambda: notice.text)
    assert notice.text == "Not done: chat 1.0.0 did not load (init): attempt to index nil 'cfg'."
    session.window.actions_by_id["view.dismiss"].trigger()
    assert notice.text == ""


@in_window
async def test_a_module_that_others_need_stays_loaded_and_says_who(session: Session, stage: Stage) -> None:
    await chosen(session, stage)
    stage.change("chat", needed_by=("hud",))
    await until(lambda: session.models.modules.views["chat"].needed_by)
    session.window.actions_by_id["module.unload"].trigger()
    await until(lambda: "hud needs it" in session.window.inspector.notice.text)
    assert stage.modules["chat"].status is Status.ACTIVE


@in_window
async def test_several_chosen_modules_are_loaded_together(session: Session, stage: Stage) -> None:
    stage.put(view("a", status=Status.FOUND), view("b", status=Status.FOUND))
    await until(lambda: session.models.view("b"))
    found(session.window, QTreeView, "modules.list").selectAll()
    session.window.actions_by_id["module.load"].trigger()
    await until(lambda: {view.status for view in stage.modules.values()} == {Status.ACTIVE})


@in_window
async def test_escape_closes_the_sheet_and_then_empties_the_filter(session: Session, stage: Stage) -> None:
    await chosen(session, stage)
    session.window.modules.set_filter("chat")
    session.window.actions_by_id["module.swap"].trigger()
    dismiss = session.window.actions_by_id["view.dismiss"]
    dismiss.trigger()
    assert not session.window.sheets.swap.isVisible()
    assert session.window.modules.filter_text == "chat"
    dismiss.trigger()
    assert session.window.modules.filter_text == ""


@in_window
async def test_enter_in_the_sheet_swaps(session: Session, stage: Stage) -> None:
    await chosen(session, stage)
    session.window.actions_by_id["module.swap"].trigger()
    await until(found(session.window, QPushButton, "swap.accept").isEnabled)
    QTest.keyClick(found(session.window, ListView, "swap.versions"), Qt.Key.Key_Return)
    await until(lambda: stage.modules["chat"].version == "2.1.0")


@in_window
async def test_a_blank_in_the_filter_is_a_blank(session: Session, stage: Stage) -> None:
    await chosen(session, stage)
    session.window.actions_by_id["module.filter"].trigger()
    QTest.keyClicks(found(session.window, QLineEdit, "modules.filter"), "is:active ch")
    assert session.window.modules.filter_text == "is:active ch"
    await until(lambda: session.window.modules.selected() == ["chat"])
    assert [ask for ask in stage.asked if ask[0] == "unload"] == []


@in_window
async def test_f6_goes_from_panel_to_panel_and_around(session: Session, stage: Stage) -> None:
    await chosen(session, stage)
    session.window.activateWindow()
    session.window.actions_by_id["dock.modules"].trigger()
    visited = []
    await until(lambda: session.window.findChild(ListView, "timeline.list"))
    for _ in range(4):
        session.window.actions_by_id["view.next_panel"].trigger()
        visited.append(session.window.focusWidget().objectName())
    assert visited == ["problems.list", "timeline.list", "overview.section", "modules.list"]


@in_window
async def test_a_filter_that_hides_what_is_looked_at_changes_nothing_of_it(session: Session, stage: Stage) -> None:
    stage.put(view("alarm"), view("zebra"))
    await chosen(session, stage)
    session.window.modules.set_filter("alarm")
    assert session.window.inspector.module == stage.modules["chat"]
    assert session.window.modules.selected() == []
    session.window.modules.set_filter("")
    assert session.window.modules.selected() == ["chat"]


@in_window
async def test_a_module_that_goes_hands_the_inspector_to_nobody(session: Session, stage: Stage) -> None:
    stage.put(view("alarm"), view("zebra"))
    await chosen(session, stage)
    stage.drop("chat")
    await until(lambda: session.models.view("chat") is None)
    assert session.window.inspector.module is None


@in_window
async def test_a_swap_that_another_module_refuses_offers_the_swaps_that_make_it_legal(
    session: Session, stage: Stage
) -> None:
    await chosen(session, stage)
    report = SwapReport(
        module="chat",
        from_version="1.0.0",
        to_version="2.1.0",
        outcome=Outcome.ROLLED_BACK,
        steps=(),
        failed_step="check",
        error="swap hud to 1.5 along with it; hud 1.0 needs chat <2",
        further={"hud": "1.5"},
    )
    stage.refusal = SwapFailed(report)
    session.commands.swap("chat", "2.1.0")
    notice = session.window.inspector.notice
    await until(lambda: "hud 1.0 needs chat <2" in notice.text)
    button = found(notice, QPushButton, "inspector.notice_act")
    assert button.text() == "Swap hud 1.5 too"
    stage.refusal = None
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    await until(lambda: ("swap", "chat", "2.1.0", {"hud": "1.5"}) in stage.asked)


@in_window
async def test_a_swap_of_several_names_all_and_undo_takes_all_back(session: Session, stage: Stage) -> None:
    stage.put(view("hud", version="1.0"))
    await chosen(session, stage)
    session.commands.swap("chat", "2.1.0", {"hud": "1.5"})
    notice = session.window.inspector.notice
    await until(lambda: notice.text == "chat: Swapped in 34.0 ms, together with hud")
    QTest.mouseClick(found(notice, QPushButton, "inspector.notice_act"), Qt.MouseButton.LeftButton)
    await until(lambda: ("swap", "chat", "1.0.0", {"hud": "1.0"}) in stage.asked)
