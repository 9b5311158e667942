"""Lua as text: coloured, with line numbers, and one line marked as the one at fault."""

from __future__ import annotations

import re
from typing import Final

from PySide6.QtCore import QRect, QSize, Qt, Slot
from PySide6.QtGui import (
    QColor,
    QFont,
    QPaintEvent,
    QResizeEvent,
    QSyntaxHighlighter,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
)
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QTextEdit, QWidget

from host.desktop.theme.look import Look
from host.desktop.theme.painting import painting

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


_READ: Final = Qt.TextInteractionFlag.TextSelectableByKeyboard | Qt.TextInteractionFlag.TextSelectableByMouse


class LuaText(QPlainTextEdit):
    """Text with line numbers, to be read until it is opened for writing."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._margin = _Margin(self)
        self.setObjectName("source.text")
        self.setAccessibleName(self.tr("Source"))
        self.setReadOnly(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setTextInteractionFlags(_READ)
        self._colours = LuaColours(self.document(), look)
        self.setTabStopDistance(4 * self.fontMetrics().horizontalAdvance(" "))
        self.updateRequest.connect(self._scrolled)
        look.changed.connect(self._measure)
        self._measure()

    def open_for_writing(self, *, on: bool) -> None:
        self.setReadOnly(not on)
        if not on:
            self.setTextInteractionFlags(_READ)

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
        with painting(self._margin) as painter:
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

    def __init__(self, viewer: LuaText) -> None:
        super().__init__(viewer)
        self._viewer = viewer

    def sizeHint(self) -> QSize:
        return QSize(self._viewer.margin_width(), 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        self._viewer.paint_margin(event.rect())
