"""The panels that modules make, as people see and use them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QTableView,
    QToolButton,
    QWidget,
)

from host.desktop.link import Loss
from host.desktop.session import Session
from host.desktop.shown.card import Card
from host.desktop.shown.painted import Head, part_of
from host.vocabulary.errors import HostError
from host.vocabulary.states import Status
from host.vocabulary.views import PanelNode
from tests.desktop.opened import in_window, opened
from tests.desktop.stage import Stage, view
from tests.desktop.waiting import found, until


def node(kind: str, key: str, *children: PanelNode, **properties: Any) -> PanelNode:
    return PanelNode(key=key, kind=kind, properties=properties, children=children)


ALL = (
    node("label", "head", text="<b>Now</b>"),
    node("value", "dps", label="Damage", value=1284.5, unit="/s"),
    node("meter", "life", label="Life", value=16, max=25),
    node("row", "#1", node("button", "go", text="Go & see", onClick=True), node("field", "say", placeholder="Say")),
    node("checkbox", "pets", label="Pets", value=True, onChange=True),
    node("choice", "room", label="Room", options=["lobby", "deck"], value="deck", onChange=True),
    node("table", "who", columns=["Name", "Hits"], rows=[["ana", 3], ["ben", 10]], onClick=True),
    node("plot", "past", label="Past", values=[1, None, 3, 2]),
    node("text", "story", label="Story", text="one\ntwo"),
)


async def drawn(session: Session, stage: Stage, *children: PanelNode, title: str = "Fight") -> Card:
    stage.put(view("fight"))
    stage.draw("fight", "main", *(children or ALL), title=title)
    await until(lambda: session.window.findChildren(Card))
    card = session.window.findChildren(Card)[0]
    await until(lambda: card.revision)
    return card


def done(stage: Stage) -> list[tuple[Any, ...]]:
    """What was done in panels: widget, event, value."""
    return [each[3:] for each in stage.asked if each[0] == "operate"]


def texts(card: QWidget) -> list[str]:
    """What can be read in a card."""
    labels = [label.text() for label in card.findChildren(QLabel) if label.isVisibleTo(card)]
    return [*labels, *(head.accessibleName() for head in card.findChildren(Head) if head.isVisibleTo(card))]


@in_window
async def test_without_panels_a_sentence_says_how_they_come(session: Session, stage: Stage) -> None:
    stage.put(view("quiet"))
    await until(lambda: session.models.view("quiet"))
    assert found(session.window, QLabel, "panels.empty").isVisible()
    assert [ask for ask in stage.asked if ask[0] == "panels"] == []


@in_window
async def test_every_kind_is_drawn_with_a_name_for_people_and_as_plain_text(session: Session, stage: Stage) -> None:
    card = await drawn(session, stage)
    shown = texts(card)
    for text in ("Fight", "fight", "<b>Now</b>", "Damage: 1\u202f284.5 /s", "Life: 64 %", "Past: 2", "Story"):
        assert text in shown
    named = {child.objectName(): child.accessibleName() for child in card.findChildren(QWidget) if child.objectName()}
    assert named["shown.fight.main.go"] == "Go & see"
    assert named["shown.fight.main.life"] == "Life: 64 %"
    assert named["shown.fight.main.say"] == "Say"
    assert named["shown.fight.main.past"] == "Past: 2"
    assert found(card, QComboBox, "shown.fight.main.room").currentText() == "deck"
    assert found(card, QCheckBox, "shown.fight.main.pets").isChecked()
    assert found(card, QPlainTextEdit, "shown.fight.main.story").toPlainText() == "one\ntwo"
    table = found(card, QTableView, "shown.fight.main.who").model()
    assert [[table.index(row, at).data() for at in range(2)] for row in range(2)] == [["ana", "3"], ["ben", "10"]]


@in_window
async def test_what_people_do_is_told_in_the_order_in_which_they_did_it(session: Session, stage: Stage) -> None:
    card = await drawn(session, stage)
    QTest.keyClicks(found(card, QLineEdit, "shown.fight.main.say"), "hi")
    QTest.mouseClick(found(card, QPushButton, "shown.fight.main.go"), Qt.MouseButton.LeftButton)
    QTest.mouseClick(
        found(card, QCheckBox, "shown.fight.main.pets"),
        Qt.MouseButton.LeftButton,
        pos=QPoint(8, 8),
    )
    box = found(card, QComboBox, "shown.fight.main.room")
    box.setCurrentIndex(0)
    box.activated.emit(0)
    table = found(card, QTableView, "shown.fight.main.who")
    QTest.mouseClick(
        table.viewport(), Qt.MouseButton.LeftButton, pos=table.visualRect(table.model().index(1, 0)).center()
    )
    QTest.keyClick(found(card, QLineEdit, "shown.fight.main.say"), Qt.Key.Key_Return)
    await until(lambda: len(done(stage)) == 6)
    assert done(stage) == [
        ("say", "onChange", "hi"),
        ("go", "onClick", None),
        ("pets", "onChange", False),
        ("room", "onChange", "lobby"),
        ("who", "onClick", 2),
        ("say", "onChange", "hi"),
    ]


@in_window
async def test_a_pause_in_typing_is_told_and_enter_submits(session: Session, stage: Stage) -> None:
    card = await drawn(session, stage, node("field", "say", onChange=True, onSubmit=True))
    line = found(card, QLineEdit, "shown.fight.main.say")
    QTest.keyClicks(line, "ahoy")
    await until(lambda: done(stage) == [("say", "onChange", "ahoy")])
    QTest.keyClick(line, Qt.Key.Key_Return)
    await until(lambda: done(stage)[1:] == [("say", "onSubmit", "ahoy")])
    stage.redraw("fight", "main", say={"value": ""})
    await until(lambda: line.text() == "")


@in_window
async def test_a_field_is_not_overwritten_under_somebodys_fingers(session: Session, stage: Stage) -> None:
    card = await drawn(session, stage, node("field", "say", value="a", onChange=True), node("value", "n", value=0))
    line = found(card, QLineEdit, "shown.fight.main.say")
    QTest.keyClicks(line, "bc")
    stage.redraw("fight", "main", say={"value": "zzz"}, n={"value": 1})
    revision = card.revision
    await until(lambda: card.revision > revision)
    assert line.text() == "abc"
    await until(lambda: done(stage) == [("say", "onChange", "abc")])
    stage.redraw("fight", "main", say={"value": "ABC"})
    await until(lambda: line.text() == "ABC")


@in_window
async def test_what_nobody_wants_to_know_of_stays_until_it_is_sent(session: Session, stage: Stage) -> None:
    card = await drawn(session, stage, node("field", "say"), node("button", "send", text="Send"), node("value", "n"))
    line = found(card, QLineEdit, "shown.fight.main.say")
    QTest.keyClicks(line, "mine")
    await until(lambda: done(stage))
    stage.redraw("fight", "main", say={"value": "theirs"}, n={"value": 1})
    await until(lambda: card.revision == 2)
    assert line.text() == "mine"
    stage.asked.clear()
    QTest.mouseClick(found(card, QPushButton, "shown.fight.main.send"), Qt.MouseButton.LeftButton)
    await until(lambda: done(stage) == [("say", "onChange", "mine"), ("send", "onClick", None)])


@in_window
async def test_a_new_version_takes_the_place_with_focus_scroll_and_what_was_typed(
    session: Session, stage: Stage
) -> None:
    long = [[f"row {at}"] for at in range(200)]
    card = await drawn(session, stage, node("table", "rows", rows=long), node("field", "say"), node("button", "old"))
    line, table = found(card, QLineEdit, "shown.fight.main.say"), found(card, QTableView, "shown.fight.main.rows")
    line.setFocus()
    QTest.keyClicks(line, "half")
    table.verticalScrollBar().setValue(70)
    stage.draw(
        "fight",
        "main",
        node("label", "new", text="2"),
        node("field", "say", value="half"),
        node("table", "rows", rows=long),
    )
    await until(lambda: card.revision == 2)
    assert session.window.findChildren(Card) == [card]
    assert "2" in texts(card)
    assert found(card, QLineEdit, "shown.fight.main.say") is line
    assert line.text() == "half"
    assert line.hasFocus() or session.window.focusWidget() is line
    assert found(card, QTableView, "shown.fight.main.rows").verticalScrollBar().value() == 70


@in_window
async def test_a_panel_is_greyed_while_its_module_is_swapped_and_clear_afterwards(
    session: Session, stage: Stage
) -> None:
    card = await drawn(session, stage)
    session.commands.swap("fight", "2.0.0")
    assert any("being swapped" in text for text in texts(card))
    await until(lambda: not any("being swapped" in text for text in texts(card)))


@in_window
async def test_a_quarantined_module_says_so_in_its_panel(session: Session, stage: Stage) -> None:
    card = await drawn(session, stage)
    stage.change("fight", status=Status.QUARANTINED)
    await until(lambda: any("quarantined" in text for text in texts(card)))


@in_window
async def test_what_is_refused_is_said_in_the_panel_until_something_goes_well(session: Session, stage: Stage) -> None:
    card = await drawn(session, stage)
    stage.refusal = HostError("fight failed in onClick in panel main: it failed")
    go = found(card, QPushButton, "shown.fight.main.go")
    QTest.mouseClick(go, Qt.MouseButton.LeftButton)
    await until(lambda: any("it failed" in text for text in texts(card)))
    stage.refusal = None
    QTest.mouseClick(go, Qt.MouseButton.LeftButton)
    await until(lambda: not any("it failed" in text for text in texts(card)))


@in_window
async def test_panels_that_nobody_sees_are_not_asked_for(session: Session, stage: Stage) -> None:
    card = await drawn(session, stage)
    stage.draw("fight", "other", node("label", "x", text="y"))
    await until(lambda: ("panels", ("fight/main", "fight/other")) in stage.asked)
    stage.asked.clear()
    QTest.mouseClick(found(card, QToolButton, "shown.fight.main.head_hide"), Qt.MouseButton.LeftButton)
    await until(lambda: stage.asked.count(("panels", ("fight/other",))) > 1)  # the second waits for what is new
    assert not card.isVisible()
    session.window.docks["panels"].hide()
    stage.asked.clear()
    stage.redraw("fight", "other", x={"text": "z"})
    stage.put(view("other"))
    await until(lambda: session.models.view("other"))
    assert [ask for ask in stage.asked if ask[0] == "panels"] == []
    session.window.actions_by_id["dock.panels"].trigger()
    await until(lambda: ("panels", ("fight/other",)) in stage.asked)
    QTest.mouseClick(found(session.window, QPushButton, "panels.unhide"), Qt.MouseButton.LeftButton)
    await until(card.isVisible)


@pytest.mark.usefixtures("qapp")
async def test_what_was_hidden_is_hidden_the_next_time(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    async with stage.server:
        async with opened(stage) as session:
            card = await drawn(session, stage)
            QTest.mouseClick(found(card, QToolButton, "shown.fight.main.head_hide"), Qt.MouseButton.LeftButton)
        async with opened(stage) as session:
            await until(lambda: session.window.findChildren(Card))
            assert not session.window.findChildren(Card)[0].isVisible()
            assert found(session.window, QPushButton, "panels.unhide").text() == "Show 1 hidden"


@in_window
async def test_a_detached_panel_is_followed_though_the_dock_is_closed_and_comes_back(
    session: Session, stage: Stage
) -> None:
    card = await drawn(session, stage, node("value", "n", value=1))
    QTest.mouseClick(found(card, QToolButton, "shown.fight.main.head_detach"), Qt.MouseButton.LeftButton)
    assert card.window() is not session.window
    session.window.docks["panels"].hide()
    stage.redraw("fight", "main", n={"value": 2})
    await until(lambda: "2" in texts(card))
    session.window.docks["panels"].show()
    card.window().close()
    await until(lambda: card.window() is session.window)
    assert card.isVisible()


@in_window
async def test_a_panel_that_is_gone_goes_at_once(session: Session, stage: Stage) -> None:
    await drawn(session, stage)
    stage.shown.clear()
    stage.change("fight", panels=())
    await until(lambda: found(session.window, QLabel, "panels.empty").isVisible())


@in_window
async def test_object_names_are_unique_whatever_a_module_calls_its_widgets(session: Session, stage: Stage) -> None:
    keys = ("Say", "say", "s-a.y", "SAY", "#1", "_", "head_hide")
    card = await drawn(session, stage, *(node("button", key, text=key) for key in keys))
    names = [button.objectName() for button in card.findChildren(QPushButton)]
    assert len(set(names)) == len(keys)
    assert found(card, QToolButton, "shown.fight.main.head_hide").accessibleName() == "Hide this panel"
    assert [name for name in names if not re.fullmatch(r"[a-z]+(\.[a-z0-9_]+)+", name)] == []


@in_window
async def test_a_table_that_follows_keeps_its_end_in_sight_unless_somebody_looks_elsewhere(
    session: Session, stage: Stage
) -> None:
    rows = [[str(at)] for at in range(50)]
    card = await drawn(session, stage, node("table", "log", rows=rows, follow=True), node("table", "list", rows=rows))
    log, listed = (found(card, QTableView, f"shown.fight.main.{name}").verticalScrollBar() for name in ("log", "list"))
    await until(lambda: log.value() == log.maximum() > 0)
    assert listed.value() == 0
    stage.redraw("fight", "main", log={"rows": [[str(at)] for at in range(80)]})
    await until(lambda: card.revision == 2)
    await until(lambda: log.value() == log.maximum())
    log.setValue(5)
    stage.redraw("fight", "main", log={"rows": [[str(at)] for at in range(90)]})
    await until(lambda: card.revision == 3)
    assert log.value() == 5


@in_window
async def test_a_label_without_text_takes_no_room(session: Session, stage: Stage) -> None:
    card = await drawn(session, stage, node("label", "said", text=""), node("value", "n", value=1))
    label = found(card, QLabel, "shown.fight.main.said")
    assert not label.isVisible()
    stage.redraw("fight", "main", said={"text": "now"})
    await until(label.isVisible)


@in_window
async def test_what_is_frozen_stays_as_it_is_until_it_is_let_go(session: Session, stage: Stage) -> None:
    card = await drawn(session, stage, node("value", "n", label="N", value=1))
    session.window.actions_by_id["view.freeze"].trigger()
    stage.asked.clear()
    stage.redraw("fight", "main", n={"value": 2})
    stage.put(view("other"))
    await until(lambda: session.models.view("other"))
    assert "N: 1" in texts(card)
    session.window.actions_by_id["view.freeze"].trigger()
    await until(lambda: "N: 2" in texts(card))


@in_window
async def test_a_panel_waits_for_its_module_when_the_engine_goes_and_tells_it_what_was_typed(
    session: Session, stage: Stage
) -> None:
    card = await drawn(session, stage, node("field", "say", onChange=True), node("value", "n", label="N", value=1))
    line = found(card, QLineEdit, "shown.fight.main.say")
    QTest.keyClicks(line, "half")
    await until(lambda: done(stage) == [("say", "onChange", "half")])
    session.link.down.emit(Loss(0.0, "It ended."))
    assert any("away" in text for text in texts(card))
    stage.change("fight", status=Status.FOUND, panels=())
    await until(lambda: session.models.modules.views["fight"].status is Status.FOUND)
    assert card.isVisible()
    stage.asked.clear()
    stage.draw("fight", "main", node("field", "say", onChange=True), node("value", "n", label="N", value=2))
    stage.change("fight", status=Status.ACTIVE)
    await until(lambda: "N: 2" in texts(card))
    await until(lambda: done(stage) == [("say", "onChange", "half")])
    assert line.text() == "half"
    assert session.window.findChildren(Card) == [card]


@in_window
async def test_a_panel_whose_module_did_not_come_back_goes(session: Session, stage: Stage) -> None:
    await drawn(session, stage)
    session.link.down.emit(Loss(0.0, "It ended."))
    stage.change("fight", status=Status.FOUND, panels=())
    await until(lambda: session.models.modules.views["fight"].status is Status.FOUND)
    found(session.window, QTimer, "panels.patience").timeout.emit()
    assert session.window.shown.isVisible()
    await until(lambda: found(session.window, QLabel, "panels.empty").isVisible())


@in_window
async def test_what_is_wider_than_the_dock_goes_on_below_and_stays_in_reach(session: Session, stage: Stage) -> None:
    keys = [f"b{at}" for at in range(5)]
    buttons = (node("button", key, text=f"A button called {key}", onClick=True) for key in keys)
    long = node("button", "long", text="w" * 300, onClick=True)
    others = (node("checkbox", "box", label="w" * 300), node("label", "words", text="w" * 900))
    card = await drawn(session, stage, node("row", "#r", *buttons), long, *others, title="long title " * 20)
    area = found(session.window, QScrollArea, "panels.scroll")
    await until(lambda: card.width() <= area.viewport().width())
    for name in (*keys, "long"):
        button = found(card, QPushButton, f"shown.fight.main.{name}")
        await until(lambda: button.mapTo(area, QPoint(button.width(), 0)).x() <= area.viewport().width())  # noqa: B023 - awaited here
    places = {found(card, QPushButton, f"shown.fight.main.{key}").mapTo(card, QPoint(0, 0)).y() for key in keys}
    assert len(places) > 1


@in_window
async def test_what_goes_wrong_moves_no_widget(session: Session, stage: Stage) -> None:
    card = await drawn(session, stage)
    go = found(card, QPushButton, "shown.fight.main.go")
    await until(lambda: go.y() >= 0 and go.isVisible())
    place = go.mapTo(card, QPoint(0, 0))
    stage.refusal = HostError("fight failed in onClick in panel main: it failed")
    QTest.mouseClick(go, Qt.MouseButton.LeftButton)
    await until(lambda: any("it failed" in text for text in texts(card)))
    assert "fight failed" in texts(card)
    assert go.mapTo(card, QPoint(0, 0)) == place
    stage.change("fight", status=Status.QUARANTINED)
    await until(lambda: "quarantined" in texts(card))
    assert go.mapTo(card, QPoint(0, 0)) == place


@in_window
async def test_what_is_taken_back_while_typing_is_told(session: Session, stage: Stage) -> None:
    card = await drawn(session, stage, node("field", "say", onChange=True))
    line = found(card, QLineEdit, "shown.fight.main.say")
    QTest.keyClicks(line, "abc")
    await until(lambda: done(stage) == [("say", "onChange", "abc")])
    line.undo()
    assert line.text() == ""
    await until(lambda: done(stage)[1:] == [("say", "onChange", "")])
    line.redo()
    await until(lambda: done(stage)[2:] == [("say", "onChange", "abc")])


HUGE = 1.7e308


@in_window
async def test_numbers_at_the_end_of_all_numbers_are_drawn(session: Session, stage: Stage) -> None:
    ends = {"min": -HUGE, "max": HUGE}
    plots = (
        node("plot", "a", values=[HUGE, -HUGE, 0.0] * 100),
        node("plot", "b", values=[HUGE] * 3),
        node("plot", "c", values=[5e-324, 0.0]),
        node("plot", "d", values=[1, 2], **ends),
        node("meter", "e", value=HUGE, **ends),
    )
    card = await drawn(session, stage, *plots)
    assert not card.grab().isNull()
    assert "e: 100 %" in texts(card) or "100 %" in texts(card)


@given(st.floats(allow_nan=False, allow_infinity=False), st.floats(allow_nan=False, allow_infinity=False), st.data())
def test_a_part_of_a_way_is_between_nothing_and_all(low: float, high: float, data: st.DataObject) -> None:
    value = data.draw(st.floats(allow_nan=False, allow_infinity=False))
    assert 0.0 <= part_of(value, low, high) <= 1.0
    if low < high:
        assert (part_of(low, low, high), part_of(high, low, high)) in {(0.0, 1.0), (0.0, 0.0)}
