"""What can be done with texts that were typed over a module's files: rehearse, run, save, drop."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from host.desktop.commands import Commands
from host.desktop.theme.look import Look
from host.desktop.widgets.flowing import flowing_bar
from host.desktop.widgets.labels import Elided
from host.vocabulary.errors import HostError

if TYPE_CHECKING:
    from host.desktop.widgets.rehearsal_view import RehearsalView
    from host.desktop.widgets.scrolled import Scrolled
    from host.vocabulary.views import ModuleView

_ROOM = 220


class ScratchStrip(QWidget):
    """Hidden until something is typed, or runs unsaved.

    ``dropped``: what was typed is not wanted. ``ran``: it runs. ``failed``: why it does not run, with the line.
    """

    dropped = Signal()
    ran = Signal()
    failed = Signal(str)

    def __init__(self, commands: Commands, look: Look) -> None:
        super().__init__()
        self._commands = commands
        self._look = look
        self._module: ModuleView | None = None
        self._texts: dict[str, str] = {}
        self._told: RehearsalView | None = None
        self._scrolled: Scrolled | None = None
        self.setObjectName("scratch.panel")
        self._words = Elided()
        self._words.setObjectName("scratch.words")
        self._rehearse = self._button("scratch.rehearse", self.tr("Rehearse"), self._rehearse_texts)
        self._swap = self._button("scratch.swap", self.tr("Run it"), self._swap_texts)
        self._swap.setToolTip(self.tr("Swap it in with the module's state, without saving"))
        self._swap.setProperty("primary", "true")
        self._drop = self._button("scratch.drop", self.tr("Drop"), self.dropped.emit)
        self._save = self._button("scratch.save", self.tr("Save to disk"), self._save_texts)
        self._save.setToolTip(self.tr("Write it over the file; Reload would bring back what lies there"))
        bar = flowing_bar(self._words, self._rehearse, self._swap, self._drop, self._save, ground="strip")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addWidget(bar)
        self.hide()

    def inspect(self, module: ModuleView | None, texts: Mapping[str, str], *, editing: bool) -> None:
        """Show what can be done with texts of a module, by path, that were typed and do not run."""
        if self._told is not None and (dict(texts) != self._texts or module is None or self._named != module.name):
            self._told.clear()
            self._show_told(on=False)
        self._module, self._texts = module, dict(texts)
        unsaved = module.unsaved if module is not None else ()
        for button in (self._rehearse, self._swap, self._drop):
            button.setVisible(bool(texts) or editing)
            button.setEnabled(bool(texts))
        self._save.setVisible(bool(unsaved))
        self._save.setEnabled(not texts)
        self._words.setText(self._said(tuple(texts), unsaved))
        self.setVisible(bool(texts or unsaved or editing))

    @property
    def _named(self) -> str:
        return self._module.name if self._module is not None else ""

    def _said(self, typed: tuple[str, ...], unsaved: tuple[str, ...]) -> str:
        if typed:
            return self.tr("Typed, and not running: {0}").format(", ".join(typed))
        if unsaved:
            return self.tr("Runs, and is not on disk: {0}").format(", ".join(unsaved))
        return self.tr("Type over the file; nothing is saved.")

    @Slot()
    def _rehearse_texts(self) -> None:
        name, texts = self._named, dict(self._texts)
        self._attempt(self._rehearsed(name, texts), "rehearse what was typed")

    async def _rehearsed(self, name: str, texts: dict[str, str]) -> None:
        told = await self._commands.source.rehearse_source(name, texts)
        if (name, texts) == (self._named, self._texts):
            self._view().show_rehearsal(told)
            self._show_told(on=True)
            if told.failed_step:
                self.failed.emit(told.error)

    @Slot()
    def _swap_texts(self) -> None:
        self._attempt(self._swapped(self._named, dict(self._texts)), "run what was typed")

    async def _swapped(self, name: str, texts: dict[str, str]) -> None:
        await self._commands.swap_source(name, texts)
        if name == self._named:
            self.ran.emit()

    @Slot()
    def _save_texts(self) -> None:
        self._attempt(self._commands.save_source(self._named), "save what was typed")

    def _attempt(self, act: Awaitable[None], words: str) -> None:
        self._commands.errands.run(self._tried(act), words)

    async def _tried(self, act: Awaitable[None]) -> None:
        try:
            await act
        except HostError as refusal:
            self._view().clear(str(refusal), "bad")
            self._show_told(on=True)
            self.failed.emit(str(refusal))

    def _view(self) -> RehearsalView:
        """Where rehearsals and refusals are told; made with the first."""
        if self._told is None:
            from host.desktop.widgets.rehearsal_view import RehearsalView  # noqa: PLC0415 - no window waits for it
            from host.desktop.widgets.scrolled import Scrolled  # noqa: PLC0415 - the same

            self._told = RehearsalView(self._look, "scratch")
            self._told.setContentsMargins(16, 8, 16, 8)
            self._scrolled = Scrolled("scratch.scrolled", self._told)
            self._scrolled.setFixedHeight(_ROOM)
            self._column.insertWidget(0, self._scrolled)
        return self._told

    def _show_told(self, *, on: bool) -> None:
        if self._scrolled is not None:
            self._scrolled.setVisible(on)

    def _button(self, name: str, text: str, slot: Callable[[], None]) -> QPushButton:
        button = QPushButton(text)
        button.setObjectName(name)
        button.setAccessibleName(text)
        button.clicked.connect(slot)
        return button
