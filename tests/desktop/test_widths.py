"""A window fits into little room: bars go on in a further row, and nothing keeps it wide."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QFrame, QPushButton, QScrollArea, QToolButton, QTreeView

from host.desktop.actions import SECTIONS
from host.desktop.session import Session
from host.desktop.widgets.flowing import Flowing, flowing_bar, gap
from host.desktop.widgets.labels import Elided
from tests.desktop.opened import in_window
from tests.desktop.stage import Stage, view
from tests.desktop.waiting import found, until

NARROW = 800


@in_window
async def test_the_window_fits_into_800_pixels_with_everything_opened(session: Session, stage: Stage) -> None:
    stage.put(view("chat", unsaved=("init.lua",), rollback_to="1.0.0 of 14:02:31"))
    await until(lambda: session.models.view("chat"))
    session.window.modules.select("chat")
    for name in SECTIONS:
        session.window.actions_by_id[f"section.{name}"].trigger()
    for dock in session.window.docks.values():
        dock.raise_()
    session.window.resize(NARROW, 700)
    await until(lambda: session.window.width() == NARROW)


def flow(bar: QFrame) -> Flowing:
    found = bar.layout()
    assert isinstance(found, Flowing)
    return found


def rows_of(bar: QFrame, width: int) -> list[list[QRect]]:
    """Where the parts of a bar stand in a width, by row."""
    bar.resize(width, bar.heightForWidth(width))
    bar.show()
    flow(bar).setGeometry(QRect(0, 0, width, bar.height()))
    items = [flow(bar).itemAt(at) for at in range(flow(bar).count())]
    places = [item.geometry() for item in items if item is not None]
    centres = sorted({place.center().y() for place in places})
    return [[place for place in places if place.center().y() == centre] for centre in centres]


@pytest.mark.usefixtures("qapp")
def test_a_bar_has_one_row_where_there_is_room_and_more_where_there_is_not() -> None:
    bar = flowing_bar(*(QPushButton(f"Button {at}") for at in range(4)))
    wide = bar.sizeHint().width()
    assert [len(row) for row in rows_of(bar, wide)] == [4]
    assert [len(row) for row in rows_of(bar, wide // 2 + 20)] == [2, 2]
    assert [len(row) for row in rows_of(bar, bar.minimumSizeHint().width())] == [1, 1, 1, 1]
    assert bar.heightForWidth(wide // 2 + 20) > bar.heightForWidth(wide)


@pytest.mark.usefixtures("qapp")
def test_what_is_left_of_a_row_goes_to_what_may_grow() -> None:
    bar = flowing_bar(Elided("some words"), QPushButton("One"), gap(), QPushButton("Two"))
    ((words, one, between, two),) = rows_of(bar, 600)
    assert two.right() == pytest.approx(600 - flow(bar).contentsMargins().right(), abs=2)
    assert words.width() > 24
    assert one.left() > words.right()
    assert between.width() > 24


@pytest.mark.usefixtures("qapp")
def test_words_keep_some_room_beside_buttons() -> None:
    bar = flowing_bar(Elided("words that say what can be done here and now"), QPushButton("One"), QPushButton("Two"))
    alone = flowing_bar(QPushButton("One"), QPushButton("Two")).sizeHint().width()
    first, *_ = rows_of(bar, alone + 40)
    assert first[0].width() > 40


@pytest.mark.usefixtures("qapp")
def test_parts_that_are_hidden_take_no_room() -> None:
    buttons = [QPushButton(f"Button {at}") for at in range(3)]
    bar = flowing_bar(*buttons)
    all_shown = bar.sizeHint().width()
    buttons[1].hide()
    assert bar.sizeHint().width() < all_shown


@pytest.mark.usefixtures("qapp")
def test_an_empty_bar_harms_nothing() -> None:
    bar = flowing_bar()
    assert bar.heightForWidth(100) >= 0
    assert flow(bar).takeAt(0) is None
    assert flow(bar).itemAt(5) is None


@in_window
async def test_names_of_modules_are_read_however_narrow_the_list_and_large_the_text(
    session: Session, stage: Stage
) -> None:
    stage.put(view("advanced_chat"))
    await until(lambda: session.models.view("advanced_chat"))
    names = found(session.window, QTreeView, "modules.list")

    def readable() -> bool:
        return names.columnWidth(1) >= names.fontMetrics().horizontalAdvance("advanced_chat")

    session.window.resize(900, 600)
    await until(readable)
    assert session.window.width() <= 900
    for _ in range(10):
        session.window.actions_by_id["text.larger"].trigger()
    await until(lambda: session.look.percent == 200 and readable())
    assert session.window.minimumSizeHint().width() < 1280
    session.window.actions_by_id["text.normal"].trigger()
    await until(lambda: session.window.minimumSizeHint().width() < 800)


@in_window
async def test_where_there_is_room_all_is_said_of_a_module(session: Session, stage: Stage) -> None:
    stage.put(view("advanced_chat"))
    await until(lambda: session.models.view("advanced_chat"))
    names = found(session.window, QTreeView, "modules.list")
    session.window.resize(1600, 900)
    await until(lambda: session.window.width() == 1600)
    session.window.resizeDocks([session.window.docks["modules"]], [600], Qt.Orientation.Horizontal)
    await until(lambda: not any(names.isColumnHidden(column) for column in range(5)))
    assert names.columnWidth(1) >= names.fontMetrics().horizontalAdvance("advanced_chat")


@in_window
async def test_sections_are_read_at_every_size_of_text(session: Session, stage: Stage) -> None:
    stage.put(view("chat"))
    await until(lambda: session.models.view("chat"))
    session.window.modules.select("chat")
    rail = found(session.window, QScrollArea, "inspector.rail_area")
    for action, percent in (("text.larger", 200), ("text.smaller", 80)):
        for _ in range(12):
            session.window.actions_by_id[action].trigger()
        button = found(session.window, QToolButton, "rail.overview")
        await until(lambda: session.look.percent == percent and rail.viewport().width() >= button.sizeHint().width())  # noqa: B023 - awaited here
    session.window.actions_by_id["text.normal"].trigger()
