"""The source of a module as it runs: Lua, with the line at fault marked; and what is typed over it, to be tried."""

from __future__ import annotations

from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QComboBox, QPushButton, QVBoxLayout, QWidget

from host.desktop.commands import Commands, Refusal
from host.desktop.theme.look import Look
from host.desktop.widgets.flowing import flowing_bar
from host.desktop.widgets.labels import Elided
from host.desktop.widgets.lua_text import LuaText
from host.desktop.widgets.scratch_strip import ScratchStrip
from host.desktop.wording import place_in
from host.vocabulary.errors import HostError
from host.vocabulary.states import RUNNING

if TYPE_CHECKING:
    from host.vocabulary.views import ModuleView, SourceView


class SourceSection(QWidget):
    """One file of the module that is looked at; its entry file until another is asked for.

    What is typed over a file is kept for each module until it runs, or is dropped; nothing of it is on disk.
    """

    def __init__(self, commands: Commands, look: Look) -> None:
        super().__init__()
        self._commands = commands
        self._module: ModuleView | None = None
        self._file = ""
        self._line = 0
        self._running: SourceView | None = None
        self._typed: dict[str, dict[str, str]] = {}
        self.setObjectName("source.section")
        self._files = QComboBox()
        self._files.setObjectName("source.files")
        self._files.setAccessibleName(self.tr("File"))
        self._files.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self._files.activated.connect(self._file_chosen)
        self._words = Elided(tone="muted")
        self._words.setObjectName("source.words")
        self._edit = self._button("source.edit", self.tr("Edit"))
        self._edit.setToolTip(self.tr("Type over it, rehearse and run that, without saving anything"))
        self._edit.setCheckable(True)
        self._edit.toggled.connect(self._open_for_writing)
        self._open = self._button("source.open", self.tr("Open in editor"))
        self._open.clicked.connect(self._open_in_editor)
        self._text = LuaText(look)
        self._text.textChanged.connect(self._text_changed)
        self._strip = ScratchStrip(commands, look)
        self._strip.dropped.connect(self._drop)
        self._strip.ran.connect(self._run_began)
        self._strip.failed.connect(self._mark_failure)
        self.setFocusProxy(self._text)
        bar = flowing_bar(self._files, self._words, self._edit, self._open)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(bar)
        column.addWidget(self._text, 1)
        column.addWidget(self._strip)
        self._judge()

    def inspect(self, view: ModuleView) -> None:
        before, self._module = self._module, view
        if before is None or before.name != view.name:
            self._file, self._line = "", 0
            self._running = None
            self._edit.setChecked(False)
        elif before.since != view.since:
            self._line = 0  # what was marked was wrong with what is gone
        if before is None or (before.name, before.version, before.since) != (view.name, view.version, view.since):
            self._ask()
        self._judge()

    @Slot(str, int)
    def open_line(self, file: str, line: int) -> None:
        """Show a file of the module, by its path, with one line marked."""
        self._file, self._line = file, line
        self._ask()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._ask()

    @Slot()
    def _file_chosen(self) -> None:
        self.open_line(str(self._files.currentData()), 0)

    def _ask(self) -> None:
        if self.isVisible() and self._module is not None:
            self._commands.errands.run(self._read(self._module.name), "read a source file")

    async def _read(self, name: str) -> None:
        try:
            view = await self._commands.source.source(name, self._relative())
        except HostError as refusal:
            self._words.setText(str(refusal))
            return
        if self._module is not None and self._module.name == name:
            self._show(view)

    def _show(self, view: SourceView) -> None:
        self._running = view
        drafts = self._typed.setdefault(self._name, {})
        if drafts.get(view.file) == view.text:  # it runs now
            del drafts[view.file]
        shown = drafts.get(view.file, view.text)
        if shown != self._text.toPlainText():
            self._text.setPlainText(shown)
        self._text.mark(self._line)
        self._judge()

    @property
    def _name(self) -> str:
        return self._module.name if self._module else ""

    @Slot()
    def _text_changed(self) -> None:
        """Keep what is typed; the colouring of a text tells of a change as well."""
        if self._running is None or self._text.isReadOnly():
            return
        text, drafts = self._text.toPlainText(), self._typed.setdefault(self._name, {})
        if text == self._running.text:
            drafts.pop(self._running.file, None)
        else:
            drafts[self._running.file] = text
        self._judge()

    @Slot(bool)
    def _open_for_writing(self, on: bool) -> None:  # noqa: FBT001 - a signal's argument
        self._text.open_for_writing(on=on)
        if on:
            self._text.setFocus()
        self._judge()

    @Slot()
    def _drop(self) -> None:
        """Forget what was typed over the files of this module and does not run."""
        self._typed.pop(self._name, None)
        if self._running is not None:
            self._show(self._running)

    @Slot()
    def _run_began(self) -> None:
        self._line = 0
        self._text.mark(0)
        self._text.setFocus()
        self._judge()

    @Slot(str)
    def _mark_failure(self, text: str) -> None:
        place = place_in(self._name, text)
        if place is not None:
            self.open_line(*place)

    @Slot()
    def _open_in_editor(self) -> None:
        if self._module is None or self._running is None:
            return
        from host.desktop.editors import open_in_editor  # noqa: PLC0415 - the first window does not wait for it

        file = Path(self._module.path, self._running.file)
        cursor = self._text.textCursor().blockNumber() + 1
        if not open_in_editor(file, self._line or cursor):
            words = self.tr("no program opened {0}; set VISUAL to an editor with a window, as in VISUAL=code").format(
                file
            )
            self._commands.refused.emit(Refusal(self._name, words, HostError.code))

    def _judge(self) -> None:
        """Say what is shown, and offer what can be done with it."""
        module, view = self._module, self._running
        drafts = self._typed.get(self._name, {})
        runs = module is not None and module.status in RUNNING
        self._edit.setEnabled(runs)
        self._open.setEnabled(view is not None)
        self._strip.inspect(module, drafts, editing=self._edit.isChecked())
        if view is None:
            return
        self._list_files(view, drafts)
        unsaved = module is not None and view.file in module.unsaved
        words = self.tr("version {0}, as it runs").format(view.version)
        if view.file in drafts:
            words = self.tr("typed over version {0}; it does not run").format(view.version)
        elif unsaved:
            words = self.tr("version {0}, as it was typed and runs; not on disk").format(view.version)
        self._words.setText(self.tr("line {0}; {1}").format(self._line, words) if self._line else words)

    def _list_files(self, view: SourceView, drafts: dict[str, str]) -> None:
        texts = [f"{file} \u2022" if file in drafts else file for file in view.files]
        if texts != [self._files.itemText(at) for at in range(self._files.count())]:
            self._files.clear()
            for text, file in zip(texts, view.files, strict=True):
                self._files.addItem(text, file)
        self._files.setCurrentIndex(view.files.index(view.file))

    def _button(self, name: str, text: str) -> QPushButton:
        button = QPushButton(text)
        button.setObjectName(name)
        button.setAccessibleName(text)
        return button

    def _relative(self) -> str:
        """The file by its path within the module, as the engine wants it; empty for the entry file."""
        file = PurePath(self._file)
        folder = self._module.path if self._module else ""
        if file.is_absolute():
            return file.relative_to(folder).as_posix() if file.is_relative_to(folder) else file.name
        return self._file
