"""The source of a module as it runs: Lua, with the line at fault marked."""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import Final

from PySide6.QtCore import QRect, QSize, Qt, Slot
from PySide6.QtGui import (
    QColor,
    QFont,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QShowEvent,
    QSyntaxHighlighter,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
)
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QPlainTextEdit, QTextEdit, QVBoxLayout, QWidget

from host.desktop.commands import Commands
from host.desktop.theme.look import Look
from host.desktop.widgets.labels import Elided
from host.vocabulary.errors import HostError
from host.vocabulary.views import ModuleView, SourceView

_KEYWORDS: Final = (
    "and break do else elseif end false for function goto if in local nil not or repeat return then true until while"
)
_TOKENS: Final = re.compile(
    r"(?P<muted>--(?!\[\[).*)"
    r"|(?P<good>\"(?:\\.|[^\"\\])*\"?|'(?:\\.|[^'\\])*'?)"
    r"|(?P<warn>\b0[xX][0-9a-fA-F]+\b|\b\d+\.?\d*(?:[eE][+-]?\d+)?\b)"
    rf"|(?P<busy>\b(?:{_KEYWORDS.replace(' ', '|')})\b)"
)
_LONG: Final = re.compile(r"(--)?\[\[")


class LuaColours(QSyntaxHighlighter):
    """Comments, strings, numbers and keywords; a long string or comment may span lines."""

    def __init__(self, document: QTextDocument, look: Look) -> None:
        super().__init__(document)
        self._look = look
        look.changed.connect(self.rehighlight)

    def highlightBlock(self, text: str) -> None:
        self.setCurrentBlockState(0)
        at = 0
        if self.previousBlockState() > 0:
            at = self._long(text, 0, self.previousBlockState())
        while at < len(text):
            opening, token = _LONG.search(text, at), _TOKENS.search(text, at)
            if opening and (token is None or opening.start() <= token.start()):
                at = self._long(text, opening.start(), 1 if opening[1] else 2)
            elif token is None:
                return
            else:
                self._paint(token.start(), token.end() - token.start(), token.lastgroup or "text")
                at = token.end()

    def _long(self, text: str, start: int, state: int) -> int:
        end = text.find("]]", start)
        if end < 0:
            self.setCurrentBlockState(state)
        stop = len(text) if end < 0 else end + 2
        self._paint(start, stop - start, "muted" if state == 1 else "good")
        return stop

    def _paint(self, start: int, length: int, tone: str) -> None:
        looks = QTextCharFormat()
        looks.setForeground(QColor(getattr(self._look.colours, tone)))
        if tone == "busy":
            looks.setFontWeight(QFont.Weight.DemiBold)
        self.setFormat(start, length, looks)


class Viewer(QPlainTextEdit):
    """Read-only text with line numbers."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._margin = _Margin(self)
        self.setObjectName("source.text")
        self.setAccessibleName(self.tr("Source"))
        self.setReadOnly(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByKeyboard | Qt.TextInteractionFlag.TextSelectableByMouse
        )
        self._colours = LuaColours(self.document(), look)
        self.updateRequest.connect(self._scrolled)
        look.changed.connect(self._measure)
        self._measure()

    def mark(self, line: int) -> None:
        """Mark one line as the one at fault and bring it into sight; 0 marks none."""
        marks: list[QTextEdit.ExtraSelection] = []
        if line:
            cursor = QTextCursor(self.document().findBlockByNumber(line - 1))
            mark = QTextEdit.ExtraSelection()
            mark.cursor = cursor
            mark.format.setBackground(QColor(self._look.colours.bad_tint))
            mark.format.setProperty(QTextFormat.Property.FullWidthSelection, True)
            marks.append(mark)
            self.setTextCursor(cursor)
            self.centerCursor()
        self.setExtraSelections(marks)

    def margin_width(self) -> int:
        return 20 + self.fontMetrics().horizontalAdvance("9") * max(3, len(str(self.blockCount())))

    def paint_margin(self, area: QRect) -> None:
        painter = QPainter(self._margin)
        painter.fillRect(area, QColor(self._look.colours.canvas))
        painter.setPen(QColor(self._look.colours.muted))
        painter.setFont(self.font())
        block = self.firstVisibleBlock()
        top = self.blockBoundingGeometry(block).translated(self.contentOffset()).top()
        while block.isValid() and top <= area.bottom():
            height = self.blockBoundingRect(block).height()
            room = QRect(0, round(top), self._margin.width() - 10, round(height))
            painter.drawText(room, int(Qt.AlignmentFlag.AlignRight), str(block.blockNumber() + 1))
            block, top = block.next(), top + height

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        inside = self.contentsRect()
        self._margin.setGeometry(QRect(inside.left(), inside.top(), self.margin_width(), inside.height()))

    @Slot(QRect, int)
    def _scrolled(self, _area: QRect, _by: int) -> None:
        self._margin.update()

    @Slot()
    def _measure(self) -> None:
        self.setFont(self._look.monospace())
        self.setViewportMargins(self.margin_width(), 0, 0, 0)


class _Margin(QWidget):
    """The line numbers."""

    def __init__(self, viewer: Viewer) -> None:
        super().__init__(viewer)
        self._viewer = viewer

    def sizeHint(self) -> QSize:
        return QSize(self._viewer.margin_width(), 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        self._viewer.paint_margin(event.rect())


class SourceSection(QWidget):
    """One file of the module that is looked at; its entry file until another is asked for."""

    def __init__(self, commands: Commands, look: Look) -> None:
        super().__init__()
        self._commands = commands
        self._module: ModuleView | None = None
        self._file = ""
        self._line = 0
        self._shown = ""
        self.setObjectName("source.section")
        self._files = QComboBox()
        self._files.setObjectName("source.files")
        self._files.setAccessibleName(self.tr("File"))
        self._files.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self._files.textActivated.connect(self._file_chosen)
        self._words = Elided(tone="muted")
        self._words.setObjectName("source.words")
        self._viewer = Viewer(look)
        self.setFocusProxy(self._viewer)
        bar = QFrame()
        row = QHBoxLayout(bar)
        row.setContentsMargins(16, 6, 8, 6)
        row.setSpacing(12)
        row.addWidget(self._files)
        row.addWidget(self._words, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(bar)
        column.addWidget(self._viewer, 1)

    def inspect(self, view: ModuleView) -> None:
        before, self._module = self._module, view
        if before is None or before.name != view.name:
            self._file, self._line = "", 0
        if before is None or (before.name, before.version, before.since) != (view.name, view.version, view.since):
            self._ask()

    def open_line(self, file: str, line: int) -> None:
        """Show a file of the module, by its path, with one line marked."""
        self._file, self._line = file, line
        self._ask()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._ask()

    @Slot(str)
    def _file_chosen(self, file: str) -> None:
        self.open_line(file, 0)

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
        self._files.clear()
        self._files.addItems(view.files)
        self._files.setCurrentText(view.file)
        running = self.tr("version {0}, as it runs").format(view.version)
        self._words.setText(self.tr("line {0}; {1}").format(self._line, running) if self._line else running)
        if view.text != self._shown:
            self._shown = view.text
            self._viewer.setPlainText(view.text)
        self._viewer.mark(self._line)

    def _relative(self) -> str:
        """The file by its path within the module, as the engine wants it; empty for the entry file."""
        file = PurePath(self._file)
        folder = self._module.path if self._module else ""
        if file.is_absolute():
            return file.relative_to(folder).as_posix() if file.is_relative_to(folder) else file.name
        return self._file
