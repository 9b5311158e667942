"""The panels that modules make: drawn here, followed while somebody looks, and told of what people do."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping
from itertools import chain
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QCloseEvent, QHideEvent, QShowEvent
from PySide6.QtWidgets import QPushButton, QScrollArea, QStackedLayout, QVBoxLayout, QWidget

from host.desktop.commands import Commands, Done, Refusal
from host.desktop.theme.look import Look
from host.desktop.widgets.labels import Plain
from host.vocabulary.errors import HostError
from host.vocabulary.states import RUNNING, Status

if TYPE_CHECKING:
    from host.desktop.shown.card import Card
    from host.vocabulary.views import ModuleView, PanelChange

WAIT_S: Final = 1.0
"""How long one question may stay open."""
AGAIN_S: Final = 0.5
"""After an engine that did not answer."""
PATIENCE_MS: Final = 15_000
"""How long a panel waits for its module to come back with another engine: with what was typed, in its place."""


class ShownPanel(QWidget):
    """Cards, one a panel, by module.

    What is hidden, and the whole while nobody sees it, asks the engine for nothing.
    """

    def __init__(self, commands: Commands, look: Look) -> None:
        super().__init__()
        self._commands = commands
        self._look = look
        self._cards: dict[str, Card] = {}
        self._windows: dict[str, _Window] = {}
        self._views: Mapping[str, ModuleView] = {}
        self._seen = False
        self._frozen = False
        self._spared: set[str] = set()
        self._acting: set[str] = set()
        self._task: asyncio.Task[None] | None = None
        self._followed: frozenset[str] = frozenset()
        self._todo: deque[tuple[Card, str, str, object]] = deque()
        self._telling = False
        self._patience = QTimer(self)
        self._patience.setObjectName("panels.patience")
        self._patience.setSingleShot(True)
        self._patience.setInterval(PATIENCE_MS)
        self._patience.timeout.connect(self._give_up)
        self.hidden: set[str] = set()
        self.setObjectName("panels.panel")
        self.setAccessibleName(self.tr("Panels of modules"))
        self._lay_out()
        self.setFocusProxy(self._scroll)
        commands.started.connect(self._act_began)
        commands.done.connect(self._act_ended)
        commands.refused.connect(self._act_ended)
        self._judge()

    def _lay_out(self) -> None:
        self._empty = Plain(
            self.tr("No module shows a panel. They make them with host.ui.panel."), tone="muted", wrap=True
        )
        self._empty.setObjectName("panels.empty")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setContentsMargins(16, 16, 16, 16)
        self._page = QWidget()
        self._page.setObjectName("panels.page")
        self._page.setProperty("ground", "canvas")
        self._column = QVBoxLayout(self._page)
        self._column.setContentsMargins(8, 8, 8, 8)
        self._column.setSpacing(8)
        self._unhide = QPushButton()
        self._unhide.setObjectName("panels.unhide")
        self._unhide.setProperty("link", "true")
        self._unhide.clicked.connect(self.show_hidden)
        self._column.addWidget(self._unhide)
        self._column.addStretch(1)
        self._scroll = QScrollArea()
        self._scroll.setObjectName("panels.scroll")
        self._scroll.setAccessibleName(self.tr("Panels of modules"))
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self._scroll.setWidget(self._page)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self._scroll)

    # -- which panels there are --------------------------------------------------------------------------------------

    def take(self, views: Mapping[str, ModuleView]) -> None:
        """Follow what the modules of the host show now."""
        self._views = views
        wanted = {f"{name}/{brief.id}": brief.title for name, view in views.items() for brief in view.panels}
        for each in [each for each in self._cards if each not in wanted]:
            module = views.get(self._cards[each].module)
            if each not in self._spared or (module is not None and module.status in RUNNING):
                self._remove(each)
        self._spared.difference_update(wanted)
        for each, title in wanted.items():
            if each not in self._cards:
                self._add(each, title)
            self._fade(self._cards[each])
        self._judge()

    @Slot()
    def lose(self) -> None:
        """The engine went: what is shown is as it was, and what the next one says is new."""
        self._spared.update(self._cards)
        self._patience.start()
        for card in self._cards.values():
            card.forgotten()
            card.fade(self.tr("the engine is away"), self.tr("The engine is away; this is as it was."))

    @Slot()
    def _give_up(self) -> None:
        """What did not come back with the engine by now will not."""
        self._spared.clear()
        self.take(self._views)

    @Slot(bool)
    def freeze(self, frozen: bool) -> None:  # noqa: FBT001 - a signal's argument
        """Keep what is shown as it is, or follow the modules again."""
        self._frozen = frozen
        self._follow_or_not()

    @Slot()
    def show_hidden(self) -> None:
        """Show all panels that somebody hid."""
        self.hidden.clear()
        self._judge()

    def _fade(self, card: Card) -> None:
        """Show whether a panel can be used now, and why not."""
        view = self._views.get(card.module)
        if view is not None and view.status is Status.QUARANTINED:
            why = self.tr("{0} is quarantined; resume it to use this.").format(card.module)
            card.fade(self.tr("quarantined"), why)
        elif card.module in self._acting or view is None or view.status not in RUNNING:
            card.fade(self.tr("being swapped\u2026"))
        else:
            card.fade("")

    def _add(self, each: str, title: str) -> None:
        from host.desktop.shown.card import Card  # noqa: PLC0415 - the first window does not wait for it

        module, _, panel = each.partition("/")
        card = self._cards[each] = Card(module, panel, self._look)
        card.entitle(title)
        card.acted.connect(self._acted)
        card.detachWanted.connect(self._detach)
        card.hideWanted.connect(self._hide)
        self._column.insertWidget(sorted(self._cards).index(each), card)

    def _remove(self, each: str) -> None:
        card = self._cards.pop(each)
        window = self._windows.pop(each, None)
        card.hide()
        card.deleteLater()
        if window is not None:
            window.dispose()

    def _judge(self) -> None:
        for each, card in self._cards.items():
            card.setVisible(each not in self.hidden or each in self._windows)
        count = len(self.hidden & self._cards.keys())
        self._unhide.setText(self.tr("Show {0} hidden").format(count))
        self._unhide.setAccessibleName(self._unhide.text())
        self._unhide.setVisible(count > 0)
        self._stack.setCurrentWidget(self._scroll if self._cards else self._empty)
        self._follow_or_not()

    # -- what they show ----------------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._seen = True
        self._follow_or_not()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._seen = False
        self._follow_or_not()

    def _wanted(self) -> dict[str, int]:
        """The panels that somebody sees, with the revision to which each is known."""
        if self._frozen:
            return {}
        return {
            each: card.revision
            for each, card in self._cards.items()
            if each in self._windows or (self._seen and each not in self.hidden)
        }

    def _follow_or_not(self) -> None:
        """Ask anew where what is to be asked changed; or ask no more."""
        wanted = frozenset(self._wanted())
        if wanted == self._followed:
            return
        self._followed = wanted
        if self._task is not None:
            self._task.cancel()
            self._task = None
        if wanted:
            self._task = self._commands.errands.run(self._follow(), "follow the panels of modules")

    async def _follow(self) -> None:
        while wanted := self._wanted():
            try:
                news = await self._commands.source.panels(wanted, WAIT_S)
            except HostError:  # the engine is away, which is told elsewhere
                await asyncio.sleep(AGAIN_S)
                continue
            for change in news:
                await self._show(change)

    async def _show(self, change: PanelChange) -> None:
        each = f"{change.module}/{change.panel}"
        card = self._cards.get(each)
        if card is None or change.gone:
            return
        whole = card.build(change.whole) if change.whole is not None else ()
        for _ in chain(whole, card.put(change.changed)):
            await asyncio.sleep(0)
            if self._cards.get(each) is not card:
                return
        card.revision = change.revision

    # -- what people do there ----------------------------------------------------------------------------------------

    @Slot(object, str, str, object)
    def _acted(self, card: Card, key: str, event: str, value: object) -> None:
        self._todo.append((card, key, event, value))
        if not self._telling:
            self._telling = True
            self._commands.errands.run(self._tell(), "tell modules what was done in their panels")

    async def _tell(self) -> None:
        """One after the other, in the order in which they were done."""
        try:
            while self._todo:
                card, key, event, value = self._todo.popleft()
                said = ""
                try:
                    await self._commands.source.operate(card.module, card.panel, key, event, value)
                except HostError as refusal:
                    said = str(refusal)
                if self._cards.get(card.id) is card:
                    card.say(said)
                    card.told(key)
        finally:
            self._telling = False

    @Slot(str, str)
    def _act_began(self, module: str, _text: str) -> None:
        self._acting.add(module)
        self._fade_those_of(module)

    @Slot(object)
    def _act_ended(self, outcome: Done | Refusal) -> None:
        self._acting.discard(outcome.module)
        self._fade_those_of(outcome.module)

    def _fade_those_of(self, module: str) -> None:
        for card in self._cards.values():
            if card.module == module:
                self._fade(card)

    # -- where they stand --------------------------------------------------------------------------------------------

    @Slot(object)
    def _hide(self, card: Card) -> None:
        self.hidden.add(card.id)
        self._judge()

    @Slot(object)
    def _detach(self, card: Card) -> None:
        window = self._windows.pop(card.id, None)
        if window is None:
            window = self._windows[card.id] = _Window(card, self.window())
            window.closed.connect(self._put_back)
            window.show()
        else:
            self._column.insertWidget(sorted(self._cards).index(card.id), card)
            window.dispose()
        card.detached(on=card.id in self._windows)
        self._judge()

    @Slot(object)
    def _put_back(self, card: Card) -> None:
        if card.id in self._windows:
            self._detach(card)


class _Window(QWidget):
    """A panel in a window of its own; closing that puts it back."""

    closed = Signal(object)

    def __init__(self, card: Card, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self._card = card
        self.setObjectName(f"{card.objectName()}.window")
        self.setWindowTitle(f"{card.title} \u2013 {card.module}")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(card)
        column.addStretch(1)
        self.resize(max(card.width(), 320), card.height())

    def closeEvent(self, event: QCloseEvent) -> None:
        super().closeEvent(event)
        self.closed.emit(self._card)

    def dispose(self) -> None:
        self.hide()
        self.deleteLater()
