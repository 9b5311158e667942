"""The state says of each entry what the last swap did to it, and of those that are gone what they were."""

from __future__ import annotations

from msgspec.structs import replace
from PySide6.QtWidgets import QPushButton, QTreeView, QWidget

from host.desktop.models.roles import Role
from host.desktop.session import Session
from host.desktop.widgets.labels import Elided
from host.desktop.widgets.lists import ListView
from host.vocabulary.clock import clock
from host.vocabulary.views import Difference, LastSwap
from tests.desktop.opened import in_window
from tests.desktop.stage import Stage, view
from tests.desktop.waiting import found, until

SWAP = LastSwap(
    at=1000.0,
    kind="swap",
    from_version="1.0.0",
    to_version="2.1.0",
    differences=(
        Difference(path="state.n", before="1", after="2"),
        Difference(path="state.fresh", before="", after="2 entries"),
        Difference(path="state.legacy", before="7", after=""),
    ),
)


async def opened(session: Session, stage: Stage, told: LastSwap | None = SWAP) -> QTreeView:
    stage.states["chat"] = {"n": 2, "fresh": {"a": 1}, "rooms": {"b": 1}, "name": 3, "later": 4}
    stage.marks = {"n": ("changed", "1"), "fresh": ("added", ""), "rooms": ("changed", ""), "name": ("kept", "")}
    if told is not None:
        stage.last_swaps["chat"] = told
    stage.put(view("chat", since=1.0))
    await until(lambda: session.models.view("chat"))
    session.window.modules.select("chat")
    session.window.actions_by_id["section.state"].trigger()
    tree = found(session.window, QTreeView, "state.tree")
    await until(lambda: tree.model().rowCount() == 5)
    return tree


def words(session: Session) -> str:
    return found(session.window, Elided, "state.last_swap_words").text()


def only(session: Session) -> QPushButton:
    return found(session.window, QPushButton, "state.changed_only")


@in_window
async def test_each_entry_has_its_mark(session: Session, stage: Stage) -> None:
    tree = await opened(session, stage)
    marks = [tree.model().index(row, 4) for row in range(5)]
    assert [at.data() for at in marks] == ["was 1", "new", "changed within", "kept", ""]
    assert [at.data(Role.TONE) for at in marks] == ["busy", "good", "busy", "muted", "muted"]


@in_window
async def test_a_line_counts_what_the_swap_did(session: Session, stage: Stage) -> None:
    await opened(session, stage)
    head = f"Swap of {clock(1000.0)}, 1.0.0 \u2192 2.1.0"
    await until(lambda: words(session) == f"{head}: 1 changed, 1 added, 1 dropped")


@in_window
async def test_changed_only_shows_what_is_gone_too_and_hides_the_tree(session: Session, stage: Stage) -> None:
    tree = await opened(session, stage)
    await until(only(session).isVisible)
    only(session).click()
    changes = found(session.window, ListView, "state.changes")
    assert (changes.isVisible(), tree.isVisible()) == (True, False)
    shown = [[changes.model().index(row, column).data() for column in range(4)] for row in range(3)]
    assert shown == [
        ["state.n", "changed", "1", "2"],
        ["state.fresh", "added", "", "2 entries"],
        ["state.legacy", "dropped", "7", ""],
    ]
    only(session).click()
    assert (changes.isVisible(), tree.isVisible()) == (False, True)


@in_window
async def test_a_swap_is_asked_for_once_and_again_after_the_next(session: Session, stage: Stage) -> None:
    await opened(session, stage)
    await until(only(session).isVisible)
    asked = stage.asked.count(("last_swap", "chat"))
    pages = stage.asked.count(("state_page", "chat", (), 0))
    await until(lambda: stage.asked.count(("state_page", "chat", (), 0)) > pages)
    assert stage.asked.count(("last_swap", "chat")) == asked
    stage.last_swaps["chat"] = replace(SWAP, kind="rollback", differences=())
    stage.change("chat", since=2.0)
    await until(lambda: words(session).endswith("the state was kept as it was"))


@in_window
async def test_where_there_was_no_swap_nothing_is_said(session: Session, stage: Stage) -> None:
    await opened(session, stage, None)
    await until(lambda: ("last_swap", "chat") in stage.asked)
    assert found(session.window, QWidget, "state.last_swap").isHidden()


@in_window
async def test_what_is_not_compared_says_why_and_offers_no_list(session: Session, stage: Stage) -> None:
    await opened(session, stage, replace(SWAP, differences=(), message="Its state is too large."))
    await until(lambda: words(session).endswith("Its state is too large."))
    assert not only(session).isEnabled()


@in_window
async def test_another_module_has_its_tree_back(session: Session, stage: Stage) -> None:
    tree = await opened(session, stage)
    await until(only(session).isVisible)
    only(session).click()
    stage.put(view("hud"))
    await until(lambda: session.models.view("hud"))
    session.window.modules.select("hud")
    await until(tree.isVisible)
