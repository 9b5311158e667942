from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from host.desktop.filtering import parse
from host.desktop.models.modules import FilteredModules, ModulesTree
from host.desktop.models.roles import Role
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


def test_one_with_a_process_of_its_own_is_marked(tree: ModulesTree) -> None:
    tree.apply(heard(view("clock", isolated=True, pid=4711)))
    marks = [at.sibling(at.row(), 2).data(Role.GLYPH) for at in (tree.find("clock"), tree.find("chat"))]
    assert marks == ["isolated", ""]


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
