from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QModelIndex

from host.desktop.models.roles import Role
from host.desktop.models.state import PAGE, PageRequest, StateTree
from host.vocabulary.views import StatePage, StateRow
from tests.desktop.models.conftest import Check
from tests.desktop.models.spying import Told


class Clock:
    def __init__(self) -> None:
        self.time = 1000.0

    def __call__(self) -> float:
        return self.time


class Tables:
    """Plain tables, served page by page; what was asked for is written down."""

    def __init__(self, tree: StateTree, state: dict[Any, Any]) -> None:
        self.tree = tree
        self.state = state
        self.asked: list[PageRequest] = []
        tree.wanted.connect(self.serve)

    def serve(self, request: PageRequest) -> None:
        self.asked.append(request)
        table: Any = self.state
        for key in request.path:
            table = table[key]
        items = list(table.items())[request.start : request.start + PAGE]
        rows = tuple(
            StateRow(key=key, kind="table", text=f"{len(value)} entries", children=len(value))
            if isinstance(value, dict)
            else StateRow(key=key, kind=type(value).__name__, text=str(value))
            for key, value in items
        )
        self.tree.fill(request, StatePage(digest="", total=len(table), rows=rows))

    def refresh(self) -> None:
        first, *others = self.tree.requests()
        self.serve(first)
        for request in others:
            if self.tree.awaits(request):
                self.serve(request)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def tree(check_model: Check, clock: Clock) -> StateTree:
    made = StateTree(now=clock)
    check_model(made)
    return made


def below(tree: StateTree, *rows: int) -> QModelIndex:
    index = QModelIndex()
    for row in rows:
        index = tree.index(row, 0, index)
    return index


def test_only_what_is_opened_is_asked_for(tree: StateTree) -> None:
    tables = Tables(tree, {"a": {"b": {"c": 1}}, "n": 5})
    tables.refresh()
    assert tables.asked == [PageRequest(())]
    tree.opened(below(tree, 0))
    assert tables.asked[1:] == [PageRequest(("a",))]
    assert below(tree, 0, 0).data() == "b"
    assert tree.hasChildren(below(tree, 0, 0))
    assert tree.rowCount(below(tree, 0, 0)) == 0


def test_a_table_of_100_000_entries_opens_without_asking_and_each_run_asks_once(tree: StateTree) -> None:
    tables = Tables(tree, {"big": {at: at for at in range(1, 100_001)}})
    tables.refresh()
    big = below(tree, 0)
    assert tree.rowCount(big) == -(-100_000 // PAGE)
    tree.opened(big)
    assert len(tables.asked) == 1
    last = tree.index(tree.rowCount(big) - 1, 0, big)
    tree.opened(last)
    assert tables.asked[1:] == [PageRequest(("big",), 99_840)]
    assert tree.rowCount(last) == 160
    assert tree.index(159, 1, last).data() == "100000"


def test_a_root_too_long_for_a_page_stands_in_runs(tree: StateTree) -> None:
    tables = Tables(tree, {f"k{at}": at for at in range(1000)})
    tables.refresh()
    assert tree.rowCount() == 4
    tree.opened(below(tree, 1))
    assert below(tree, 1, 0).data() == "k256"


def test_only_what_changed_is_told_and_marked(tree: StateTree, clock: Clock) -> None:
    tables = Tables(tree, {"a": 1, "b": 2})
    tables.refresh()
    told = Told(tree)
    tables.state = {"a": 1, "b": 3}
    tables.refresh()
    assert told.said == ["changed 1-1"]
    assert tree.index(1, 3).data() == "now"
    assert tree.index(1, 1).data(Role.TONE) == "busy"
    assert tree.index(0, 3).data() == ""
    clock.time += 30
    assert tree.index(1, 3).data() == "30 s ago"
    assert tree.index(1, 1).data(Role.TONE) == ""


def test_the_first_look_marks_nothing_and_a_new_key_is_marked(tree: StateTree) -> None:
    tables = Tables(tree, {"a": 1})
    tables.refresh()
    assert tree.index(0, 3).data() == ""
    tables.state = {"a": 1, "b": 2}
    tables.refresh()
    assert tree.index(1, 3).data() == "now"


def test_what_is_open_stays_open_across_a_refresh(tree: StateTree) -> None:
    tables = Tables(tree, {"a": {"x": 1}, "b": {"y": 1}})
    tables.refresh()
    tree.opened(below(tree, 1))
    told = Told(tree)
    tables.state = {"b": {"y": 2, "z": 3}}
    tables.refresh()
    assert told.said == ["out 0-0", "changed 0-0", "in 0/1-1", "changed 0/0-0"]
    assert tables.asked[-1] == PageRequest(("b",))


def test_a_table_that_outgrows_a_page_turns_into_runs_and_back(tree: StateTree) -> None:
    tables = Tables(tree, {"a": {"x": 1}})
    tables.refresh()
    tree.opened(below(tree, 0))
    tables.state = {"a": {at: at for at in range(600)}}
    tables.refresh()
    assert [below(tree, 0, run).data()[:3] for run in range(3)] == ["1 \u2013", "257", "513"]
    tables.state = {"a": {"x": 1}}
    tables.refresh()
    tables.refresh()
    assert below(tree, 0, 0).data() == "x"


def test_a_table_that_becomes_a_number_loses_its_entries(tree: StateTree) -> None:
    tables = Tables(tree, {"a": {"x": 1}})
    tables.refresh()
    tree.opened(below(tree, 0))
    tables.state = {"a": 7}
    tables.refresh()
    assert tree.rowCount(below(tree, 0)) == 0
    assert not tree.hasChildren(below(tree, 0))
    assert tree.requests() == [PageRequest(())]


def test_one_and_true_are_two_keys(tree: StateTree) -> None:
    page = StatePage(
        digest="", total=2, rows=(StateRow(key=1, kind="number", text="1"), StateRow(key=True, kind="number", text="2"))
    )
    tree.fill(PageRequest(()), page)
    assert [below(tree, row).data() for row in range(tree.rowCount())] == ["1", "True"]


def test_a_page_that_comes_too_late_is_dropped(tree: StateTree) -> None:
    tables = Tables(tree, {"a": {"x": 1}})
    tables.refresh()
    tree.forget()
    tree.fill(PageRequest(("a",)), StatePage(digest="", total=1, rows=(StateRow(key="x", kind="number", text="1"),)))
    assert tree.rowCount() == 0


def test_a_mark_alone_is_no_change_of_the_value(tree: StateTree, clock: Clock) -> None:
    first = StateRow(key="n", kind="number", text="1")
    tree.fill(PageRequest(()), StatePage(digest="a", total=1, rows=(first,)))
    clock.time += 1
    marked = StateRow(key="n", kind="number", text="1", swap="changed", before="0")
    tree.fill(PageRequest(()), StatePage(digest="b", total=1, rows=(marked,)))
    assert (tree.index(0, 3).data(), tree.index(0, 4).data()) == ("", "was 0")
