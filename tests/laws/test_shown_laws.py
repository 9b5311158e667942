"""Whatever a panel becomes, and wherever drawing it is left off: it ends as its module declared it last."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count, islice

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication, QLayout, QWidget

from host.desktop.shown.card import Card
from host.desktop.shown.kinds import HolderPiece
from host.desktop.shown.pieces import Piece
from host.desktop.shown.stretch import STRETCH_S
from host.desktop.theme.look import Look, ThemeChoice
from host.vocabulary.views import PanelNode, PanelView

KEYS = "abcdefgh"
Shape = tuple[tuple[str, str, "Shape"], ...]
"""Kind, key and children of what stands below each other."""


@st.composite
def panels(draw: st.DrawFn) -> tuple[PanelNode, ...]:
    """Widgets in any order, some of them in rows and columns."""
    keys = draw(st.lists(st.sampled_from(KEYS), unique=True))
    top: list[PanelNode] = []
    for key in keys:
        kind = draw(st.sampled_from(("label", "value", "field", "row", "column")))
        children: tuple[PanelNode, ...] = ()
        if kind in {"row", "column"} and top:
            taken = draw(st.integers(0, len(top)))
            children = tuple(top[taken:])
            del top[taken:]
        properties = {"text": key} if kind == "label" else {"label": key, "value": key} if kind == "value" else {}
        top.append(PanelNode(key=key, kind=kind, properties=properties, children=children))
    return tuple(top)


@contextmanager
def hurried() -> Iterator[None]:
    """Every second look at the clock finds a stretch over."""
    ticks = count(step=STRETCH_S * 0.6)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("host.desktop.shown.stretch.perf_counter", lambda: next(ticks))
        yield


def turn(application: QApplication) -> None:
    """What a turn of the loop does."""
    application.processEvents()
    application.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def declared(nodes: tuple[PanelNode, ...]) -> Shape:
    return tuple((node.kind, node.key, declared(node.children)) for node in nodes)


def stands(layout: QLayout, card: QWidget) -> Shape:
    """What a layout shows, in order."""
    found = []
    for at in range(layout.count()):
        item = layout.itemAt(at)
        piece = item.widget() if item is not None else None
        assert isinstance(piece, Piece)
        assert piece.isVisibleTo(card)
        inside = piece.layout() if isinstance(piece, HolderPiece) else None
        kind = type(piece).__name__.removesuffix("Piece").lower().replace("holder", "column")
        found.append((kind, piece.key, stands(inside, card) if inside is not None else ()))
    return tuple(found)


@pytest.mark.usefixtures("qapp")
@given(st.lists(st.tuples(panels(), st.integers(0, 20)), max_size=5), panels())
def test_a_panel_ends_as_it_was_declared_last(
    before: list[tuple[tuple[PanelNode, ...], int]], last: tuple[PanelNode, ...]
) -> None:
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    card = Card("module", "panel", Look(application, ThemeChoice.DARK, 100))
    card.show()
    with hurried():
        for children, steps in before:
            for _ in islice(card.build(PanelView(title="t", children=children)), steps):
                turn(application)
        for _ in card.build(PanelView(title="t", children=last)):
            turn(application)
    turn(application)
    body = next(piece for piece in card.findChildren(HolderPiece) if not piece.key)
    layout = body.layout()
    assert layout is not None
    assert stands(layout, card) == declared(last)
    names = [piece.name for piece in card.findChildren(Piece)]
    assert len(names) == len(set(names)) == 1 + sum(1 for _ in every(last))
    card.deleteLater()
    turn(application)


def every(nodes: tuple[PanelNode, ...]) -> Iterator[PanelNode]:
    for node in nodes:
        yield node
        yield from every(node.children)
