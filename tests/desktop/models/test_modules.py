from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QModelIndex, Qt

from host.desktop.filtering import parse
from host.desktop.models.arranging import ARRANGEMENTS, by_load, by_need
from host.desktop.models.modules import FilteredModules, ModulesTree
from host.desktop.models.roles import NOWHERE, Role
from host.vocabulary.states import Status
from host.vocabulary.views import Changes, EngineView, ModuleView, WatchView
from tests.desktop.models.conftest import Check
from tests.desktop.models.spying import Told
from tests.desktop.stage import view

ENGINE = EngineView(
    pid=1, started=0.0, version="1", data="", memory=0, lua_ms_per_s=0.0, watch=WatchView(watching=False)
)


def heard(*modules: ModuleView, gone: tuple[str, ...] = (), complete: bool = False) -> Changes:
    return Changes(revision=1, complete=complete, engine=ENGINE, modules=modules, gone=gone)


@pytest.fixture
def tree(check_model: Check) -> ModulesTree:
    made = ModulesTree()
    check_model(made)
    made.apply(heard(view("log", tier="core"), view("chat"), view("clock"), complete=True))
    return made


def shown(tree: ModulesTree | FilteredModules) -> dict[str, list[str]]:
    return {
        tree.index(row, 0).data(): [
            tree.index(at, 1, tree.index(row, 0)).data() for at in range(tree.rowCount(tree.index(row, 0)))
        ]
        for row in range(tree.rowCount())
    }


def test_modules_stand_by_tier_and_name(tree: ModulesTree) -> None:
    tree.apply(heard(view("word_filter", tier="extensions"), view("alarm")))
    assert shown(tree) == {"core": ["log"], "plugins": ["alarm", "chat", "clock"], "extensions": ["word_filter"]}


def test_one_changed_module_tells_of_its_row_alone(tree: ModulesTree) -> None:
    told = Told(tree)
    tree.apply(heard(view("clock", status=Status.PAUSED)))
    assert told.said == ["changed 1/1-1"]
    assert tree.find("clock").data() == "paused"
    assert tree.find("clock").data(Role.GLYPH) == "paused"


def test_what_is_watched_locked_or_in_a_process_of_its_own_is_marked_and_said(tree: ModulesTree) -> None:
    tree.apply(
        heard(
            view("clock", isolated=True, pid=4711, locked="1.0.0", watched=True),
            view("chat", watched=False),
            view("log", tier="core", reloadable=False),
        )
    )
    marks = [tree.find(name).sibling(tree.find(name).row(), 4) for name in ("clock", "chat", "log")]
    assert [at.data(Role.GLYPH) for at in marks] == ["watched locked isolated", "unwatched", ""]
    for role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole):
        assert marks[0].data(role) == "watched locked isolated"
    assert marks[0].data() == ""


def test_a_module_that_is_the_same_tells_nothing(tree: ModulesTree) -> None:
    told = Told(tree)
    tree.apply(heard(view("clock")))
    assert told.said == []


def test_the_last_module_of_a_tier_takes_the_tier_along(tree: ModulesTree) -> None:
    told = Told(tree)
    tree.apply(heard(gone=("log",)))
    assert told.said == ["out 0/0-0", "out 0-0"]
    assert shown(tree) == {"plugins": ["chat", "clock"]}


def test_a_complete_answer_drops_what_it_does_not_name_and_resets_nothing(tree: ModulesTree) -> None:
    told = Told(tree)
    tree.apply(heard(view("chat"), view("radio"), complete=True))
    assert shown(tree) == {"plugins": ["chat", "radio"]}
    assert "reset" not in told.said


def test_a_module_that_moved_to_another_tier_is_found_there(tree: ModulesTree) -> None:
    tree.apply(heard(view("clock", tier="core")))
    assert shown(tree) == {"core": ["clock", "log"], "plugins": ["chat"]}


def test_the_filter_counts_and_keeps_the_tier_of_what_it_shows(tree: ModulesTree, check_model: Check) -> None:
    filtered = FilteredModules(tree)
    check_model(filtered)
    filtered.restrict(parse("cl"))
    assert shown(filtered) == {"plugins": ["clock"]}
    assert filtered.shown == 1
    tree.apply(heard(view("clatter", tier="core")))
    assert shown(filtered) == {"core": ["clatter"], "plugins": ["clock"]}


def test_figures_are_sorted_as_figures(tree: ModulesTree) -> None:
    tree.apply(heard(view("chat", ms_per_s=9.0), view("clock", ms_per_s=10.0)))
    filtered = FilteredModules(tree)
    filtered.sort(3, Qt.SortOrder.AscendingOrder)
    assert shown(filtered)["plugins"] == ["chat", "clock"]


def branches(tree: ModulesTree, parent: QModelIndex = NOWHERE) -> dict[str, Any]:
    """All rows as nested names; a module by its name, a branch by its title."""
    rows = [tree.index(row, 0, parent) for row in range(tree.rowCount(parent))]
    return {seen.name if (seen := tree.view(row)) else row.data(): branches(tree, row) for row in rows}


def test_in_load_order_what_is_loaded_stands_as_it_came(tree: ModulesTree) -> None:
    tree.arrange(by_load)
    tree.apply(heard(view("log", order=7), view("chat", order=9), view("clock", order=8)))
    assert branches(tree) == {"in load order": {"log": {}, "clock": {}, "chat": {}}}
    tree.apply(heard(view("chat", status=Status.FOUND)))
    assert branches(tree) == {"in load order": {"log": {}, "clock": {}}, "not loaded": {"chat": {}}}


def test_by_need_each_stands_once_below_the_first_that_needs_it(tree: ModulesTree) -> None:
    tree.arrange(by_need)
    tree.apply(heard(view("log", needed_by=("clock", "chat")), view("clock", needed_by=("chat",)), view("chat")))
    assert branches(tree) == {"loaded": {"chat": {"clock": {}, "log": {}}}}
    tree.apply(heard(view("log", needed_by=("clock",)), view("chat", status=Status.UNLOADED)))
    assert branches(tree) == {"loaded": {"clock": {"log": {}}}, "not loaded": {"chat": {}}}


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_whatever_is_heard_and_however_it_is_arranged_each_module_stands_in_one_place(
    check_model: Check, data: st.DataObject
) -> None:
    """Also where they need one another in a circle, which no engine loads."""
    tree = ModulesTree()
    check_model(tree)
    names = st.sampled_from(["a", "b", "c", "d", "e"])
    for _ in range(data.draw(st.integers(1, 6))):
        if data.draw(st.booleans()):
            tree.arrange(data.draw(st.sampled_from(list(ARRANGEMENTS.values()))))
        some = data.draw(st.lists(names, unique=True, max_size=4))
        views = [
            view(
                name,
                tier=data.draw(st.sampled_from(["core", "plugins"])),
                status=data.draw(st.sampled_from([Status.ACTIVE, Status.FOUND])),
                order=data.draw(st.integers(0, 3)),
                needed_by=tuple(data.draw(st.lists(names, unique=True, max_size=2))),
            )
            for name in some
        ]
        gone = tuple(data.draw(st.lists(names, unique=True, max_size=2)))
        tree.apply(heard(*views, gone=tuple(set(gone) - set(some)), complete=data.draw(st.booleans())))
        found: list[str] = []
        pending: list[QModelIndex] = [NOWHERE]
        while pending:
            parent = pending.pop()
            for row in range(tree.rowCount(parent)):
                index = tree.index(row, 0, parent)
                assert tree.parent(index) == parent
                pending.append(index)
                if (seen := tree.view(index)) is not None:
                    found.append(seen.name)
                    assert tree.find(seen.name) == index
        assert sorted(found) == sorted(tree.views)
