"""An act on several chosen modules is one act: done to each, told with their number, taken back at once."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtWidgets import QCheckBox, QPushButton, QTreeView

from host.desktop.session import Session
from host.desktop.several import back_to_all, done_to_each
from host.vocabulary.errors import HostError
from host.vocabulary.states import Status
from host.vocabulary.views import VersionView, WatchView
from tests.desktop.opened import in_window
from tests.desktop.stage import Stage, view
from tests.desktop.waiting import found, until

BOTH = (VersionView(version="2.0.0", path="/2"), VersionView(version="1.0.0", path="/1"))


async def chosen(session: Session, stage: Stage, status: Status = Status.ACTIVE, **fields: Any) -> None:
    stage.put(*(view(name, status=status, order=at, **fields) for at, name in enumerate(("base", "chat", "hud"), 1)))
    await until(lambda: session.models.view("hud"))
    found(session.window, QTreeView, "modules.list").selectAll()


def acts(stage: Stage, *kinds: str) -> list[tuple[Any, ...]]:
    return [ask for ask in stage.asked if ask[0] in kinds]


async def told(session: Session, words: str) -> None:
    await until(lambda: session.window.inspector.notice.text == words)


async def step(session: Session, way: str) -> None:
    action = session.window.actions_by_id[f"edit.{way}"]
    await until(action.isEnabled)
    action.trigger()


@in_window
async def test_several_are_loaded_and_one_undo_unloads_them_all(session: Session, stage: Stage) -> None:
    await chosen(session, stage, Status.FOUND)
    session.window.actions_by_id["module.load"].trigger()
    await told(session, "3 modules are loaded")
    assert session.window.actions_by_id["edit.undo"].text() == "Undo: load 3 modules"
    await step(session, "undo")
    await until(lambda: {each.status for each in stage.modules.values()} == {Status.UNLOADED})
    await step(session, "redo")
    await until(lambda: {each.status for each in stage.modules.values()} == {Status.ACTIVE})


@in_window
async def test_those_that_need_others_are_unloaded_before_these(session: Session, stage: Stage) -> None:
    await chosen(session, stage)
    session.window.actions_by_id["module.unload"].trigger()
    await told(session, "3 modules are unloaded")
    assert [ask[1] for ask in acts(stage, "unload")] == ["hud", "chat", "base"]


@in_window
async def test_what_refuses_one_keeps_it_from_no_other_and_is_said(session: Session, stage: Stage) -> None:
    await chosen(session, stage)
    stage.change("base", needed_by=("far",))
    await until(lambda: session.models.modules.views["base"].needed_by)
    session.window.actions_by_id["module.unload"].trigger()
    await until(lambda: session.window.inspector.notice.text.startswith("2 of 3 modules are unloaded; "))
    assert "far needs it" in session.window.inspector.notice.text
    await step(session, "undo")
    await until(lambda: {each.status for each in stage.modules.values()} == {Status.ACTIVE})


@in_window
async def test_what_refuses_all_is_a_refusal(session: Session, stage: Stage) -> None:
    await chosen(session, stage)
    stage.refusal = HostError("the disk is full")
    session.window.actions_by_id["module.reload"].trigger()
    await told(session, "Not done: the disk is full.")
    assert not session.window.actions_by_id["edit.undo"].isEnabled()


@in_window
async def test_several_are_watched_no_longer_and_again(session: Session, stage: Stage) -> None:
    await chosen(session, stage, watched=True)
    stage.watching = WatchView(watching=True)
    watch = session.window.actions_by_id["module.watch"]
    await until(watch.isEnabled)
    assert watch.isChecked()
    watch.trigger()
    await told(session, "3 modules are watched no longer")
    await until(lambda: not any(each.watched for each in session.models.modules.views.values()))
    assert not watch.isChecked()
    stage.change("chat", watched=True)
    await until(lambda: session.models.modules.views["chat"].watched)
    watch.trigger()
    await told(session, "2 modules are watched")
    await until(watch.isChecked)
    await step(session, "undo")
    await until(lambda: [each.watched for each in stage.modules.values()] == [False, True, False])


@in_window
async def test_one_is_watched_by_its_name(session: Session, stage: Stage) -> None:
    stage.put(view("chat", watched=True))
    await until(lambda: session.models.view("chat"))
    session.window.modules.select("chat")
    watch = session.window.actions_by_id["module.watch"]
    await until(watch.isEnabled)
    watch.trigger()
    await told(session, "Saves of chat are not taken in")
    await step(session, "undo")
    await told(session, "saves of chat are taken in")


@in_window
async def test_where_nothing_is_watched_no_module_can_be(session: Session, stage: Stage) -> None:
    stage.watching = WatchView(watching=False)
    await chosen(session, stage)
    await until(lambda: session.mirror.engine is not None and not session.mirror.engine.watch.watching)
    assert not session.window.actions_by_id["module.watch"].isEnabled()


@in_window
async def test_several_are_swapped_together_to_their_newest_versions(session: Session, stage: Stage) -> None:
    await chosen(session, stage, versions=BOTH)
    stage.change("hud", version="2.0.0")
    await until(lambda: session.models.modules.views["hud"].version == "2.0.0")
    session.window.actions_by_id["module.swap"].trigger()
    also = found(session.window, QCheckBox, "swap.also")
    assert also.isChecked()
    accept = found(session.window, QPushButton, "swap.accept")
    await until(accept.isEnabled)
    accept.click()
    await until(lambda: acts(stage, "swap"))
    _, name, version, others = acts(stage, "swap")[0]
    assert (version, {name, *others}, set(others.values())) == ("2.0.0", {"base", "chat"}, {"2.0.0"})


@in_window
async def test_several_are_rolled_back(session: Session, stage: Stage) -> None:
    await chosen(session, stage, rollback_to="0.9.0")
    session.window.actions_by_id["module.rollback"].trigger()
    await told(session, "3 modules are rolled back")


async def test_what_refuses_each_is_told_with_its_name() -> None:
    async def act(name: str) -> None:
        if name != "good":
            raise HostError(f"{name} is locked." if name == "named" else "the disk is full")

    done, refused = await done_to_each(["named", "good", "other"], act)
    assert len(done) == 1
    assert refused == ["named is locked", "other: the disk is full"]
    with pytest.raises(HostError, match="named is locked"):
        await done_to_each(["named", "other"], act)


def test_of_nothing_there_is_nothing_to_take_back() -> None:
    assert back_to_all("load 2 modules", []) is None


@in_window
async def test_a_quarantine_is_taken_back_and_done_again(session: Session, stage: Stage) -> None:
    await chosen(session, stage)
    session.window.modules.select("chat")
    session.window.actions_by_id["module.quarantine"].trigger()
    await told(session, "chat is quarantined: its hooks and timers are off")
    await step(session, "undo")
    await told(session, "chat is resumed")
    await step(session, "redo")
    await told(session, "chat is quarantined")
    await until(lambda: not session.window.actions_by_id["module.quarantine"].isEnabled())
