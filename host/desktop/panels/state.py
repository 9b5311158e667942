"""The state of a module as a tree that asks only for what is open, and in which values are edited and watched."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QWidget

from host.desktop.commands import Commands, Refusal
from host.desktop.models.roles import Index
from host.desktop.models.state import PAGE, PageRequest, StateTree
from host.desktop.models.table import Table
from host.desktop.models.watched import WATCHED, Watched
from host.desktop.theme.look import Look
from host.desktop.widgets.changed_list import ChangedList
from host.desktop.widgets.labels import Plain
from host.desktop.widgets.lists import ListView, Placeholder, stack_in
from host.desktop.widgets.reading import Reading
from host.desktop.widgets.state_view import StateView
from host.vocabulary.clock import clock
from host.vocabulary.errors import HostError

if TYPE_CHECKING:
    from host.vocabulary.views import ModuleView

_MOST_SHOWN: Final = 6
_Key = str | QKeySequence.StandardKey
_Value = str | int | float | bool


class StateSection(QWidget):
    """The tree, read again once a second; where the state is the same, one page is all that is asked for.

    ``released``: what was frozen is no longer looked at.
    """

    released = Signal()

    def __init__(self, commands: Commands, look: Look) -> None:
        super().__init__()
        self._commands = commands
        self._name = ""
        self._digest = ""
        self._since = 0.0
        self._swap_known = False
        self._tree = StateTree(self)
        self._watched: dict[str, list[Watched]] = {}
        self._shown: Table[Watched] = Table(WATCHED, lambda row: row.path, self)
        self.setObjectName("state.section")
        self._message = Plain(tone="warn", wrap=True)
        self._message.setObjectName("state.message")
        self._message.setContentsMargins(16, 8, 16, 8)
        self._message.hide()
        self._watches = ListView("state.watched", self.tr("Watched"), self._shown, look, {0: 30, 2: 12}, wide=1)
        self._add("state.unwatch", self.tr("Watch no longer"), "Delete", self._watches, self._unwatch)
        self._view = StateView(self._tree, look)
        self._add("state.edit", self.tr("Edit"), "F2", self._view, self._edit)
        self._add("state.watch", self.tr("Watch"), "Ctrl+Shift+W", self._view, self._watch)
        self._add("state.copy", self.tr("Copy as Lua"), QKeySequence.StandardKey.Copy, self._view, self._copy)
        Placeholder(self._view, self.tr("This module keeps no state. Return it from getState."))
        self.setFocusProxy(self._view)
        self._changed = ChangedList(look)
        self._changed.toggled.connect(self._show_changed_only)
        layout = stack_in(self, self._message, self._watches, self._changed, self._view, grows=self._view)
        self._layout = layout
        self._tree.wanted.connect(self._fetch)
        self._tree.edited.connect(self._edited)
        self._reading = Reading(self, commands.errands, self._read)
        self._reading.failed.connect(self._say)
        self._show_watched()

    def inspect(self, view: ModuleView) -> None:
        if (view.name, view.since) != (self._name, self._since):
            self._since, self._swap_known = view.since, False
            self._reading.again()
        if view.name != self._name:
            self._changed.show_swap(None)
            self._name = view.name
            self._digest = ""
            self._tree.forget()
            self._show_watched()
            self.released.emit()  # what is frozen is of one module
            self._reading.again()

    @Slot(bool)
    def freeze(self, frozen: bool) -> None:  # noqa: FBT001 - a signal's argument
        """Keep what is shown as it is, or follow the module again."""
        self._reading.hold(on=frozen)
        self._message.setText(self.tr("Frozen at {0}; F8 lets it go on.").format(clock(time.time())))
        self._message.setVisible(frozen)

    def _add(
        self,
        name: str,
        text: str,
        key: str | QKeySequence.StandardKey,
        view: QAbstractItemView,
        slot: Callable[[], None],
    ) -> None:
        """Offer an act in the menu of a view, and by a key in it."""
        action = QAction(text, view)
        action.setObjectName(name)
        action.setShortcut(QKeySequence(key))
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        action.triggered.connect(slot)
        view.addAction(action)
        view.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)

    async def _read(self) -> None:
        if not self._name or self._view.editing:
            return
        await self._look_at_swap()
        first, *others = self._tree.requests()
        digest = self._digest
        if await self._ask(first) and self._digest != digest:
            for request in others:
                if self._tree.awaits(request):
                    await self._ask(request)
            await self._look_at_watched()
        self._tree.tick()
        self._show_watched()

    async def _look_at_swap(self) -> None:
        """Ask once for each instance; the marks of rows that are there already come with their pages."""
        if self._swap_known:
            return
        name, since = self._name, self._since
        told = await self._commands.source.last_swap(name)
        if (name, since) == (self._name, self._since):
            self._swap_known, self._digest = True, ""
            self._changed.show_swap(told)

    @Slot(bool)
    def _show_changed_only(self, on: bool) -> None:  # noqa: FBT001 - a signal's argument
        self._view.setVisible(not on)
        self._layout.setStretchFactor(self._changed, int(on))

    async def _ask(self, request: PageRequest) -> bool:
        """Fetch one page; false where another module is looked at by now."""
        name = self._name
        page = await self._commands.source.state_page(name, list(request.path), request.start, PAGE)
        if name != self._name or self._view.editing:
            return False
        self._digest = page.digest
        self._tree.fill(request, page)
        self._message.setText(page.message)
        self._message.setVisible(bool(page.message))
        return True

    @Slot(object)
    def _fetch(self, request: PageRequest) -> None:
        self._commands.errands.run(self._fetched(request), "open a table")

    async def _fetched(self, request: PageRequest) -> None:
        await self._reading.attempt(self._ask(request))

    # -- acts on an entry ----------------------------------------------------------------------------------------------

    @Slot()
    def _edit(self) -> None:
        index = self._view.currentIndex().siblingAtColumn(1)
        if index.flags() & Qt.ItemFlag.ItemIsEditable:
            self._view.edit(index)
        elif index.isValid():
            words = self.tr("a table is edited entry by entry, and what is long or no plain text in the console")
            self._commands.refused.emit(Refusal(self._name, words, HostError.code))

    @Slot(object, str)
    def _edited(self, index: Index, text: str) -> None:
        row = self._tree.entry(index)
        if row is None:
            return
        value = parsed(row.kind, text)
        if value is None:
            words = self.tr("{0} is no {1}; the state is as it was").format(f'"{text}"', row.kind)
            self._commands.refused.emit(Refusal(self._name, words, HostError.code))
        else:
            self._commands.edit_state(self._name, self._tree.path(index), parsed(row.kind, row.text), value)
            self._digest = ""
            self._reading.again()

    @Slot()
    def _watch(self) -> None:
        """Keep the chosen entry in sight, whatever else is opened."""
        index = self._view.currentIndex()
        rows = self._watched.setdefault(self._name, [])
        path = self._tree.path(index) if self._tree.entry(index) is not None else ()
        if path and path not in {row.path for row in rows}:
            rows.append(Watched(path))
            self._digest = ""
            self._show_watched()
            self._reading.again()

    @Slot()
    def _unwatch(self) -> None:
        row = self._shown.row(self._watches.currentIndex())
        self._watched[self._name] = [each for each in self._watched.get(self._name, ()) if each != row]
        self._show_watched()

    async def _look_at_watched(self) -> None:
        name = self._name
        for at, row in enumerate(self._watched.get(name, ())):
            try:
                text = await self._commands.source.state_text(name, list(row.path))
            except HostError as gone:
                text = str(gone)
            if row in self._watched[name]:
                self._watched[name][at] = row.told(text)

    def _show_watched(self) -> None:
        rows = self._watched.get(self._name, [])
        self._shown.show(rows)
        self._watches.setVisible(bool(rows))
        height = self._watches.verticalHeader().defaultSectionSize()
        self._watches.setFixedHeight((min(len(rows), _MOST_SHOWN) + 1) * height + 8)

    @Slot()
    def _copy(self) -> None:
        """Put what is chosen onto the clipboard, as Lua, with all that is in it."""
        index = self._view.currentIndex()
        if self._tree.entry(index) is not None:
            self._commands.errands.run(self._copied(self._name, self._tree.path(index)), "copy a state")

    async def _copied(self, name: str, path: tuple[_Value, ...]) -> None:
        async def read() -> None:
            QGuiApplication.clipboard().setText(await self._commands.source.state_text(name, list(path)))

        await self._reading.attempt(read())

    @Slot(str)
    def _say(self, text: str) -> None:
        self._message.setText(text)
        self._message.show()


def parsed(kind: str, text: str) -> _Value | None:
    """A value of a kind, as :class:`StateRow` has it; ``None`` where the text is none."""
    match kind:
        case "string":
            return text
        case "boolean":
            return {"true": True, "false": False}.get(text.strip().lower())
        case "number":
            try:
                return int(text)
            except ValueError:
                pass
            try:
                number = float(text)
            except ValueError:
                return None
            return number if math.isfinite(number) else None
    return None
