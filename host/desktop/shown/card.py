"""One panel of a module: its head, its widgets, and what stands in its way at the moment."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QFrame,
    QGraphicsOpacityEffect,
    QHBoxLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from host.desktop.shown.kinds import KINDS, HolderPiece
from host.desktop.shown.pieces import LabelPiece, Piece
from host.desktop.shown.stretch import Stretch
from host.desktop.theme.icons import icon
from host.desktop.theme.look import Look
from host.desktop.widgets.labels import Elided, Plain

if TYPE_CHECKING:
    from host.vocabulary.views import PanelNode, PanelView

_FADED: Final = 0.45
_UNNAMED: Final = re.compile(r"[^a-z0-9]+")


class Card(QFrame):
    """``acted`` carries the panel, and of what was done the widget's key, the event and the value."""

    acted = Signal(object, str, str, object)
    detachWanted = Signal(object)
    hideWanted = Signal(object)

    def __init__(self, module: str, panel: str, look: Look) -> None:
        super().__init__()
        self.module: Final = module
        self.panel: Final = panel
        self.revision = 0
        self._faded = ("", "")
        self._failed = ""
        self._look = look
        self._pieces: dict[str, Piece] = {}
        self._gone: list[Piece] = []
        self._prefix = f"shown.{module}.{_word(panel)}"
        self._names: set[str] = set()
        self.setObjectName(self._prefix)
        self.setProperty("ground", "card")
        self._title = Elided(role="caption")
        self._owner = Elided(module, tone="muted")
        self._owner.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._detach = self._button("detach", self.tr("Show in a window of its own"))
        self._detach.clicked.connect(self._ask_detach)
        self._hide = self._button("hide", self.tr("Hide this panel"))
        self._hide.clicked.connect(self._ask_hide)
        head = QHBoxLayout()
        head.setSpacing(6)
        head.addWidget(self._title, 3)
        head.addWidget(self._owner, 2)
        head.addWidget(self._detach)
        head.addWidget(self._hide)
        self._note = Plain(wrap=True)
        self._note.setObjectName(self._name("note"))
        self._note.setMinimumWidth(1)
        self._note.hide()
        self._body = HolderPiece("", self._name("body"), look, self)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 12)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(self._body)
        column.addWidget(self._note)
        look.changed.connect(self._draw)
        self._draw()

    @property
    def id(self) -> str:
        """``MODULE/PANEL``."""
        return f"{self.module}/{self.panel}"

    @property
    def title(self) -> str:
        return self._title.text()

    def entitle(self, title: str) -> None:
        self._title.setText(title)
        self.setAccessibleName(self.tr("{0}, a panel of {1}").format(title, self.module))

    def build(self, view: PanelView) -> Iterator[None]:
        """Draw the whole panel; widgets of the same key and kind stay, with focus, scroll and what was typed.

        Gives way to others every few milliseconds: a style sheet takes its time for each widget. Who stops in between
        builds again.
        """
        self.entitle(view.title)
        stretch = Stretch()
        for node in _flat(view.children):
            self._make(node)
            if stretch.over:
                yield
                stretch.begin()
        wanted = {node.key for node in _flat(view.children)}
        self._gone += [self._pieces.pop(key) for key in self._pieces.keys() - wanted]
        yield from self._place(self._body, view.children, stretch)
        while self._gone:
            piece = self._gone.pop()
            self._names.discard(piece.name)
            if isValid(piece):  # else it went along with what it stood in
                piece.deleteLater()
            if stretch.over:
                yield
                stretch.begin()

    def put(self, changed: Mapping[str, Mapping[str, Any]]) -> Iterator[None]:
        """Draw what changed of it; gives way to others as above."""
        stretch = Stretch()
        for key, properties in changed.items():
            if key in self._pieces:
                self._pieces[key].put(properties)
            if stretch.over:
                yield
                stretch.begin()

    def flush(self, but: str = "") -> None:
        """Have all that was typed told now."""
        for key, piece in self._pieces.items():
            if key != but:
                piece.flush()

    def told(self, key: str) -> None:
        """What was done with a widget has reached the module, or was refused."""
        if key in self._pieces:
            self._pieces[key].told()

    def forgotten(self) -> None:
        """The engine that knew of it is gone: the next one is asked for all, and told what was typed."""
        self.revision = 0
        for piece in self._pieces.values():
            piece.forgotten()

    def say(self, text: str) -> None:
        """Tell below the widgets, none of which moves, what went wrong; nothing where it is empty."""
        self._failed = text
        self._judge()

    def fade(self, brief: str, why: str = "") -> None:
        """Show that the panel is as it was, and why; clear again where there is no reason."""
        if (brief, why) == self._faded:
            return
        self._faded = (brief, why)
        effect = QGraphicsOpacityEffect(self._body) if brief else None
        if effect is not None:
            effect.setOpacity(_FADED)
        self._body.setGraphicsEffect(effect)  # type: ignore[arg-type]  # Qt takes a null
        self._judge()

    def _judge(self) -> None:
        """Say beside the title whose panel it is, or what is the matter with it; the whole sentence stands below."""
        brief, why = self._faded
        failed = bool(self._failed) and not brief
        self._owner.setText(brief or (self.tr("{0} failed").format(self.module) if failed else self.module))
        self._owner.set_tone("bad" if failed else "muted")
        self._note.setText(self._failed if failed else why)
        self._note.set_tone("bad" if failed else "muted")
        self._note.setVisible(bool(self._note.text()))

    def detached(self, *, on: bool) -> None:
        """Say whether it stands in a window of its own."""
        words = self.tr("Put back among the panels") if on else self.tr("Show in a window of its own")
        for say in (self._detach.setToolTip, self._detach.setAccessibleName):
            say(words)
        self._hide.setHidden(on)

    def _make(self, node: PanelNode) -> None:
        """Have the widget of a node: the one before, where there was one of its kind."""
        kind = KINDS.get(node.kind, LabelPiece)
        piece = self._pieces.get(node.key)
        if type(piece) is kind:
            piece.show_all(node.properties)
            return
        if piece is not None:
            self._gone.append(piece)
        piece = self._pieces[node.key] = kind(node.key, self._name(node.key), self._look, self._body)
        piece.acted.connect(self._acted)
        piece.show_all(node.properties)
        for each in (piece, *piece.findChildren(QWidget)):
            each.ensurePolished()

    def _place(self, holder: HolderPiece, nodes: Sequence[PanelNode], stretch: Stretch) -> Iterator[None]:
        yield from holder.place([self._pieces[node.key] for node in nodes], stretch)
        for node in nodes:
            held = self._pieces[node.key]
            if isinstance(held, HolderPiece):
                yield from self._place(held, node.children, stretch)

    def _name(self, key: str) -> str:
        """An objectName that no other widget of the panel has, whatever the module calls them."""
        first = f"{self._prefix}.{_word(key)}"
        name, count = first, 1
        while name in self._names:
            count += 1
            name = f"{first}_{count}"
        self._names.add(name)
        return name

    def _button(self, name: str, words: str) -> QToolButton:
        button = QToolButton()
        button.setObjectName(self._name(f"head_{name}"))
        button.setAccessibleName(words)
        button.setToolTip(words)
        button.setProperty("quiet", "true")
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        return button

    @Slot(str, str, object)
    def _acted(self, key: str, event: str, value: object) -> None:
        if event != "onChange":
            self.flush(but=key)
        self.acted.emit(self, key, event, value)

    @Slot()
    def _ask_detach(self) -> None:
        self.detachWanted.emit(self)

    @Slot()
    def _ask_hide(self) -> None:
        self.hideWanted.emit(self)

    @Slot()
    def _draw(self) -> None:
        for button, name in ((self._detach, "detach"), (self._hide, "close")):
            button.setIcon(icon(name, self._look.colours))
            button.setIconSize(self._look.icon_size)


def _word(text: str) -> str:
    """Text as part of an objectName."""
    return _UNNAMED.sub("_", text.lower()).strip("_") or "x"


def _flat(nodes: Sequence[PanelNode]) -> Iterator[PanelNode]:
    """All nodes, each before its children."""
    for node in nodes:
        yield node
        yield from _flat(node.children)
