"""The state of a module as a tree that asks only for what is open."""

from __future__ import annotations

import time

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QWidget

from host.desktop.commands import Commands
from host.desktop.models.state import PAGE, PageRequest, StateTree
from host.desktop.theme.look import Look
from host.desktop.widgets.labels import Plain
from host.desktop.widgets.lists import Placeholder, stack_in
from host.desktop.widgets.reading import Reading
from host.desktop.widgets.state_view import StateView
from host.vocabulary.clock import clock
from host.vocabulary.views import ModuleView


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
        self._tree = StateTree(self)
        self.setObjectName("state.section")
        self._message = Plain(tone="warn", wrap=True)
        self._message.setObjectName("state.message")
        self._message.setContentsMargins(16, 8, 16, 8)
        self._message.hide()
        self._view = StateView(self._tree, look)
        Placeholder(self._view, self.tr("This module keeps no state. Return it from getState."))
        self.setFocusProxy(self._view)
        stack_in(self, self._message, self._view, grows=self._view)
        self._tree.wanted.connect(self._fetch)
        self._reading = Reading(self, commands.errands, self._read)
        self._reading.failed.connect(self._say)

    def inspect(self, view: ModuleView) -> None:
        if view.name != self._name:
            self._name = view.name
            self._digest = ""
            self._tree.forget()
            self.released.emit()  # what is frozen is of one module
            self._reading.again()

    @Slot(bool)
    def freeze(self, frozen: bool) -> None:  # noqa: FBT001 - a signal's argument
        """Keep what is shown as it is, or follow the module again."""
        self._reading.hold(on=frozen)
        self._message.setText(self.tr("Frozen at {0}; F8 lets it go on.").format(clock(time.time())))
        self._message.setVisible(frozen)

    async def _read(self) -> None:
        if not self._name:
            return
        first, *others = self._tree.requests()
        digest = self._digest
        if await self._ask(first) and self._digest != digest:
            for request in others:
                if self._tree.awaits(request):
                    await self._ask(request)
        self._tree.tick()

    async def _ask(self, request: PageRequest) -> bool:
        """Fetch one page; false where another module is looked at by now."""
        name = self._name
        page = await self._commands.source.state_page(name, list(request.path), request.start, PAGE)
        if name != self._name:
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

    @Slot(str)
    def _say(self, text: str) -> None:
        self._message.setText(text)
        self._message.show()
