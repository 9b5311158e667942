"""Where a module spends its time, as the window shows it."""

from __future__ import annotations

import asyncio

from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QPlainTextEdit, QPushButton

from host.desktop.models.spent import spent
from host.desktop.session import Session
from host.desktop.widgets.flame import FlameView, bars
from host.desktop.widgets.labels import Elided
from host.desktop.widgets.lists import ListView
from host.vocabulary.errors import ModuleFault
from host.vocabulary.states import Status
from host.vocabulary.views import FlameNode, Profile
from tests.desktop.opened import in_window
from tests.desktop.stage import Stage, view
from tests.desktop.waiting import found, until


def line(number: int, samples: int) -> FlameNode:
    return FlameNode(name="", file="init.lua", line=number, samples=samples)


def function(name: str, number: int, *children: FlameNode) -> FlameNode:
    total = sum(each.samples for each in children)
    return FlameNode(name=name, file="init.lua", line=number, samples=total, children=children)


HOOK = function("hook onMessage", 10, function("render", 3, line(4, 60), line(5, 10)), line(12, 10))
TIMER = function("tick", 20, line(21, 20))
PROFILE = Profile(seconds=10.0, samples=100, unit="2,000 instructions", roots=(HOOK, TIMER))


async def opened(session: Session, stage: Stage) -> FlameView:
    stage.profiles["chat"] = PROFILE
    stage.put(view("chat"), view("clock"), view("idle", status=Status.FOUND))
    await until(lambda: session.models.view("idle"))
    session.window.modules.select("chat")
    session.window.actions_by_id["section.profiler"].trigger()
    flame = found(session.window, FlameView, "profiler.flame")
    await until(lambda: flame.shown)
    return flame


def asked(stage: Stage) -> list[tuple[object, ...]]:
    return [ask for ask in stage.asked if ask[0] == "profile"]


def test_each_bar_is_as_wide_as_its_part_and_lies_below_its_caller() -> None:
    laid = bars(PROFILE.roots)
    assert [(bar.node.name, bar.depth, round(bar.left, 6), round(bar.right, 6)) for bar in laid] == [
        ("hook onMessage", 0, 0.0, 0.8),
        ("render", 1, 0.0, 0.7),
        ("", 2, 0.0, 0.6),
        ("", 2, 0.6, 0.7),
        ("", 1, 0.7, 0.8),
        ("tick", 0, 0.8, 1.0),
        ("", 1, 0.8, 1.0),
    ]
    assert [bar.above for bar in laid] == [-1, 0, 1, 1, 0, -1, 5]


def test_a_table_tells_own_time_from_that_of_callees() -> None:
    assert [(row.name, row.own, row.whole) for row in spent(PROFILE.roots)] == [
        ("render", 70, 70),
        ("tick", 20, 20),
        ("hook onMessage", 10, 80),
    ]


def test_what_calls_itself_counts_once_in_each_sample() -> None:
    deep = function("sink", 1, function("sink", 1, function("sink", 1, line(2, 9)), line(2, 1)))
    assert [(row.own, row.whole) for row in spent((deep,))] == [(10, 10)]


@in_window
async def test_the_profile_is_shown_with_its_size_and_as_a_table(session: Session, stage: Stage) -> None:
    await opened(session, stage)
    words = found(session.window, Elided, "profiler.words")
    assert words.toolTip() == "" or "100 samples" in words.text()
    rows = found(session.window, ListView, "profiler.list").model()
    assert [rows.index(0, column).data() for column in range(4)] == ["render", "70.0%", "70.0%", "init.lua:3"]
    assert ("profile", "chat", 10.0) in stage.asked


@in_window
async def test_nothing_is_asked_while_nobody_looks(session: Session, stage: Stage) -> None:
    await opened(session, stage)
    session.window.actions_by_id["section.overview"].trigger()
    await asyncio.sleep(0)
    before = asked(stage)
    await asyncio.sleep(1.2)  # longer than its period: a claim that nothing is asked needs a time
    assert asked(stage) == before


@in_window
async def test_a_click_on_a_bar_opens_its_line(session: Session, stage: Stage) -> None:
    flame = await opened(session, stage)
    stage.sources["chat"] = {"init.lua": "\n".join(f"line {at}" for at in range(1, 30))}
    centre = flame.area(2).center()
    assert flame.at(QPointF(centre)) == 2
    QTest.mouseClick(flame, Qt.MouseButton.LeftButton, pos=centre.toPoint())
    assert session.window.inspector.section == "section.source"
    viewer = found(session.window, QPlainTextEdit, "source.text")
    await until(lambda: viewer.textCursor().block().text() == "line 4")


@in_window
async def test_arrows_lead_through_the_bars_and_say_where_they_are(session: Session, stage: Stage) -> None:
    flame = await opened(session, stage)
    said = []
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Right, Qt.Key.Key_Left):
        QTest.keyClick(flame, key)
        said.append(flame.accessibleDescription().partition(",")[0])
    assert said == ["hook onMessage", "render", "line 12", "hook onMessage", "tick", "hook onMessage"]
    assert flame.accessibleDescription() == "hook onMessage, 80.0%, 80 samples, init.lua:10"
    QTest.keyClick(flame, Qt.Key.Key_Return)
    assert session.window.inspector.section == "section.source"


@in_window
async def test_a_pause_keeps_what_is_shown_until_it_is_let_go(session: Session, stage: Stage) -> None:
    flame = await opened(session, stage)
    pause = found(session.window, QPushButton, "profiler.pause")
    session.window.actions_by_id["view.freeze"].trigger()
    assert pause.isChecked()
    assert found(session.window, Elided, "profiler.words").text().startswith("Paused at")
    stage.profiles["chat"] = Profile(seconds=1.0, samples=0, unit="2,000 instructions")
    before = len(asked(stage))
    session.window.actions_by_id["section.overview"].trigger()
    session.window.actions_by_id["section.profiler"].trigger()
    await asyncio.sleep(0.05)  # a claim that nothing is asked needs a time
    assert len(asked(stage)) == before
    assert len(flame.shown) == 7
    session.window.actions_by_id["view.freeze"].trigger()
    await until(lambda: not flame.shown)


@in_window
async def test_another_span_is_asked_for_at_once(session: Session, stage: Stage) -> None:
    await opened(session, stage)
    found(session.window, QComboBox, "profiler.span").setCurrentIndex(2)
    await until(lambda: ("profile", "chat", 30.0) in stage.asked)


@in_window
async def test_what_does_not_run_says_that_it_has_to_be_loaded(session: Session, stage: Stage) -> None:
    flame = await opened(session, stage)
    session.window.modules.select("idle")
    words = found(session.window, Elided, "profiler.words")
    await until(lambda: words.text() == "Load idle to see where it spends its time.")
    assert not flame.shown


@in_window
async def test_a_refusal_is_said_in_place_of_the_view(session: Session, stage: Stage) -> None:
    flame = await opened(session, stage)
    stage.refusal = ModuleFault("chat", "the profiler", "its process is gone")
    words = found(session.window, Elided, "profiler.words")
    await until(lambda: "its process is gone" in words.text())
    assert not flame.shown


@in_window
async def test_bars_too_narrow_to_be_seen_harm_nothing(session: Session, stage: Stage) -> None:
    flame = await opened(session, stage)
    many = tuple(function(f"f{at}", at, line(at, 1)) for at in range(1, 4000))
    stage.profiles["chat"] = Profile(seconds=1.0, samples=3999, unit="2,000 instructions", roots=many)
    await until(lambda: len(flame.shown) > 4000)
    assert not flame.grab().isNull()
