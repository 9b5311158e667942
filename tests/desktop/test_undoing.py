"""Ctrl+Z takes the last act back, whatever it was, and Ctrl+Shift+Z does it again."""

from __future__ import annotations

from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QPushButton

from host.desktop.allowing import Allowance
from host.desktop.link import Loss
from host.desktop.session import Session
from host.vocabulary.errors import HostError, NothingToRollBack
from host.vocabulary.states import Outcome, Status
from host.vocabulary.views import AccessRow, HistoryRow, Plan, PlanStep, VersionView
from tests.desktop.opened import in_window
from tests.desktop.stage import Stage, view
from tests.desktop.waiting import found, until


def row(number: int, kind: str, version: str, outcome: Outcome = Outcome.COMMITTED) -> HistoryRow:
    return HistoryRow(id=number, at=0.0, kind=kind, from_version="", to_version=version, outcome=outcome)


async def running(session: Session, stage: Stage, *names: str) -> None:
    stage.put(*(view(name) for name in names))
    await until(lambda: all(session.models.view(name) for name in names))


async def step(session: Session, way: str) -> None:
    """Undo or redo, as soon as that can be done."""
    action = session.window.actions_by_id[f"edit.{way}"]
    await until(action.isEnabled)
    action.trigger()


def acts(stage: Stage) -> list[tuple[object, ...]]:
    kinds = {"load", "unload", "swap", "reload", "rollback", "configure"}
    return [ask for ask in stage.asked if ask[0] in kinds]


@in_window
async def test_nothing_was_done_and_nothing_can_be_taken_back(session: Session) -> None:
    assert [session.window.actions_by_id[f"edit.{way}"].isEnabled() for way in ("undo", "redo")] == [False, False]


@in_window
async def test_a_swap_is_taken_back_to_the_act_after_which_its_code_ran(session: Session, stage: Stage) -> None:
    await running(session, stage, "chat")
    stage.histories["chat"] = (
        row(9, "swap", "3.0.0", Outcome.ROLLED_BACK),
        row(7, "swap", "1.0.0"),
        row(3, "load", "0.9.0"),
    )
    session.commands.swap("chat", "2.1.0")
    await until(lambda: stage.modules["chat"].version == "2.1.0")
    stage.histories["chat"] = (row(12, "swap", "2.1.0"), *stage.histories["chat"])
    await step(session, "undo")
    await until(lambda: acts(stage)[1:] == [("rollback", "chat", 7)])
    stage.change("chat", rollback_to="2.1.0")
    await step(session, "redo")
    await until(lambda: acts(stage)[2:] == [("rollback", "chat", 12)])


@in_window
async def test_the_menu_says_what_would_be_taken_back(session: Session, stage: Stage) -> None:
    await running(session, stage, "chat")
    undo = session.window.actions_by_id["edit.undo"]
    session.commands.unload("chat")
    await until(lambda: undo.text() == "Undo: unload chat")
    await step(session, "undo")
    await until(lambda: undo.text() == "Undo")
    assert session.window.actions_by_id["edit.redo"].text() == "Redo: unload chat"


@in_window
async def test_what_was_unloaded_comes_back_in_its_version_and_goes_again(session: Session, stage: Stage) -> None:
    await running(session, stage, "chat")
    session.commands.unload("chat")
    await step(session, "undo")
    await until(lambda: stage.modules["chat"].status is Status.ACTIVE)
    assert acts(stage) == [("unload", "chat", False), ("load", "chat", "==1.0.0", False)]
    await step(session, "redo")
    await until(lambda: stage.modules["chat"].status is Status.UNLOADED)


@in_window
async def test_a_load_is_taken_back_with_what_it_loaded_and_with_nothing_that_ran(
    session: Session, stage: Stage
) -> None:
    stage.put(view("log"), view("state", status=Status.FOUND), view("chat", status=Status.FOUND))
    await until(lambda: session.models.view("chat"))
    steps = [PlanStep(name=name, version="1.0.0", tier="plugins", path="/") for name in ("log", "state", "chat")]
    stage.plan = Plan(order=tuple(steps))
    session.commands.load("chat")
    await until(lambda: stage.modules["chat"].status is Status.ACTIVE)
    stage.change("state", status=Status.ACTIVE)
    await step(session, "undo")
    await until(lambda: acts(stage)[1:] == [("unload", "chat", False), ("unload", "state", False)])


@in_window
async def test_settings_are_taken_back_and_set_again(session: Session, stage: Stage) -> None:
    await running(session, stage, "chat")
    stage.settings_of["chat"] = {"limit": 1}
    await session.commands.configure("chat", {"limit": 2})
    await step(session, "undo")
    await until(lambda: stage.settings_of["chat"] == {"limit": 1})
    await step(session, "redo")
    await until(lambda: stage.settings_of["chat"] == {"limit": 2})


@in_window
async def test_a_new_act_ends_what_could_be_done_again(session: Session, stage: Stage) -> None:
    await running(session, stage, "chat", "hud")
    session.commands.unload("chat")
    await step(session, "undo")
    redo = session.window.actions_by_id["edit.redo"]
    await until(redo.isEnabled)
    session.commands.unload("hud")
    await until(lambda: not redo.isEnabled())


@in_window
async def test_what_can_no_longer_be_taken_back_is_told_and_does_not_block_what_was_before(
    session: Session, stage: Stage
) -> None:
    await running(session, stage, "chat", "hud")
    undo = session.window.actions_by_id["edit.undo"]
    session.commands.unload("hud")
    await until(lambda: "unload hud" in undo.text())
    session.commands.swap("chat", "2.1.0")
    await until(lambda: "swap chat" in undo.text())
    stage.refusal = NothingToRollBack("chat")
    await step(session, "undo")
    await until(lambda: session.window.inspector.notice.text.startswith("Not done"))
    stage.refusal = None
    assert undo.text() == "Undo: unload hud"
    await step(session, "undo")
    await until(lambda: stage.modules["hud"].status is Status.ACTIVE)


@in_window
async def test_the_notice_of_what_was_taken_back_offers_to_do_it_again(session: Session, stage: Stage) -> None:
    await running(session, stage, "chat")
    session.commands.unload("chat")
    await step(session, "undo")
    notice = session.window.inspector.notice
    await until(lambda: notice.text == "chat is loaded")
    button = found(notice, QPushButton, "inspector.notice_act")
    assert button.text() == "Redo"
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    await until(lambda: stage.modules["chat"].status is Status.UNLOADED)


@in_window
async def test_ctrl_z_in_a_field_takes_back_what_was_typed(session: Session, stage: Stage) -> None:
    await running(session, stage, "chat")
    session.commands.unload("chat")
    await until(session.window.actions_by_id["edit.undo"].isEnabled)
    field = found(session.window, QLineEdit, "modules.filter")
    field.setFocus()
    QTest.keyClicks(field, "chat")
    QTest.keyClick(field, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert field.text() != "chat"
    assert stage.modules["chat"].status is Status.UNLOADED


@in_window
async def test_several_that_changed_together_go_back_together(session: Session, stage: Stage) -> None:
    await running(session, stage, "chat", "hud")
    session.commands.swap("chat", "2.1.0", {"hud": "1.5"})
    await until(lambda: stage.modules["chat"].version == "2.1.0")
    stage.put(replace(stage.modules["hud"], version="1.5"))
    await step(session, "undo")
    await until(lambda: ("swap", "chat", "1.0.0", {"hud": "1.0.0"}) in stage.asked)


@in_window
async def test_what_found_no_engine_can_be_taken_back_once_there_is_one(session: Session, stage: Stage) -> None:
    await running(session, stage, "chat")
    session.commands.unload("chat")
    undo = session.window.actions_by_id["edit.undo"]
    await until(undo.isEnabled)
    source = session.link.source
    session.link.lose(Loss(0.0, "The engine went."))
    undo.trigger()
    await until(lambda: session.window.inspector.notice.text.startswith("Not done"))
    session.link.restore(source)
    await step(session, "undo")
    await until(lambda: stage.modules["chat"].status is Status.ACTIVE)


@in_window
async def test_what_was_allowed_and_denied_is_taken_back_and_done_again(session: Session, stage: Stage) -> None:
    asks = [("net", "api.example.com:443", "user"), ("net", "b.example.com:443", ""), ("exec", "git", "")]
    rows = [AccessRow(permission=name, pattern=pattern, asked=True, granted_by=by) for name, pattern, by in asks]
    stage.put(view("chat", access=tuple(rows)))
    await until(lambda: session.models.view("chat"))

    def may() -> list[str]:
        return [row.pattern for row in stage.modules["chat"].access if row.granted_by]

    session.commands.allow("chat")
    await until(lambda: len(may()) == 3)
    await step(session, "undo")
    await until(lambda: may() == ["api.example.com:443"])
    await step(session, "redo")
    await until(lambda: len(may()) == 3)
    session.commands.deny("chat", {"net": ["b.example.com:443"]})
    await until(lambda: may() == ["api.example.com:443", "git"])
    await until(lambda: "take permissions from chat" in session.window.actions_by_id["edit.undo"].text())
    await step(session, "undo")
    await until(lambda: len(may()) == 3)


@in_window
async def test_a_lock_is_set_for_all_that_are_chosen_shown_and_taken_back(session: Session, stage: Stage) -> None:
    versions = (VersionView(version="1.0.0", path="/v"),)
    stage.put(view("chat", versions=versions), view("hud", versions=versions, locked="1.0.0"))
    await until(lambda: session.models.view("hud"))
    session.window.modules.select("chat")
    lock = session.window.actions_by_id["module.lock"]
    assert (lock.isEnabled(), lock.isChecked()) == (True, False)
    lock.trigger()
    await until(lambda: stage.modules["chat"].locked == "1.0.0")
    await until(lock.isChecked)
    session.window.modules.set_filter("is:locked")
    assert session.window.modules.filter_text == "is:locked"
    await step(session, "undo")
    await until(lambda: stage.modules["chat"].locked == "")


ASKS = AccessRow(permission="net", pattern="a.example:443")
ALLOWED = (Allowance("chat", "2.1.0", {"net": ["a.example:443"]}),)


def may(stage: Stage) -> list[str]:
    return [row.pattern for row in stage.modules["chat"].access if row.granted_by]


@in_window
async def test_a_swap_that_is_taken_back_takes_along_what_was_allowed_for_it(session: Session, stage: Stage) -> None:
    stage.put(view("chat", access=(ASKS,)))
    await until(lambda: session.models.view("chat"))
    stage.histories["chat"] = (row(7, "load", "1.0.0"),)
    session.commands.swap("chat", "2.1.0", allow=ALLOWED)
    await until(lambda: may(stage) == ["a.example:443"])
    stage.histories["chat"] = (row(12, "swap", "2.1.0"), *stage.histories["chat"])
    await step(session, "undo")
    await until(lambda: may(stage) == [])
    assert stage.modules["chat"].version == "1.0.0"
    notice = session.window.inspector.notice
    await until(lambda: notice.text.endswith("; chat 2.1.0 may no longer use net a.example:443"))
    stage.change("chat", rollback_to="2.1.0")
    await step(session, "redo")
    await until(lambda: notice.text.endswith("; chat 2.1.0 may use net a.example:443 again"))
    assert may(stage) == ["a.example:443"]
    assert stage.modules["chat"].version == "2.1.0"
    kinds = [ask[0] for ask in stage.asked if ask[0] in {"grant", "revoke", "swap", "rollback"}]
    assert kinds == ["grant", "swap", "rollback", "revoke", "grant", "rollback"]


@in_window
async def test_of_a_swap_that_is_refused_nothing_stays_allowed(session: Session, stage: Stage) -> None:
    stage.put(view("chat", access=(ASKS,)))
    await until(lambda: session.models.view("chat"))
    stage.refusals["swap"] = HostError("hud needs chat <2")
    session.commands.swap("chat", "2.1.0", allow=ALLOWED)
    await until(lambda: session.window.inspector.notice.text == "Not done: hud needs chat <2.")
    assert may(stage) == []


@in_window
async def test_what_cannot_be_withdrawn_is_said_and_the_swap_is_back_all_the_same(
    session: Session, stage: Stage
) -> None:
    stage.put(view("chat", access=(ASKS,)))
    await until(lambda: session.models.view("chat"))
    stage.histories["chat"] = (row(7, "load", "1.0.0"),)
    session.commands.swap("chat", "2.1.0", allow=ALLOWED)
    await until(lambda: stage.modules["chat"].version == "2.1.0")
    stage.histories["chat"] = (row(12, "swap", "2.1.0"), *stage.histories["chat"])
    stage.refusals["revoke"] = HostError("no version of chat asks for net")
    await step(session, "undo")
    words = "chat 2.1.0 may still use net a.example:443: no version of chat asks for net"
    await until(lambda: session.window.inspector.notice.text.endswith(words))
    assert stage.modules["chat"].version == "1.0.0"
