"""Find a command or a module by typing a part of its name."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from heapq import nsmallest
from operator import itemgetter
from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from host.desktop.models.table import Column, Table
from host.desktop.theme.look import Look
from host.desktop.widgets.lists import ListView, Placeholder
from host.desktop.widgets.sliding import Sheet

MOST_SHOWN: Final = 60
_PASSED_ON: Final = frozenset({Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown})


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing to find.

    Attributes:
        id: of the action, or ``inspect.<module>``.
        detail: its key, or what kind of thing it is.
    """

    id: str
    text: str
    detail: str
    run: Callable[[], object]


def score(sought: str, text: str) -> int:
    """How well a text answers; lower is better, -1 not at all.

    The letters have to come in order. A run at the start of a word beats one inside, which beats scattered letters.
    """
    low = text.lower()
    at = low.find(sought)
    if at == 0:
        return 0
    if at > 0:
        return 10 + at if low[at - 1] in " _." else 100 + at
    found = _scattered(sought).search(low)
    return 1000 + found.end() if found else -1


@lru_cache(maxsize=256)
def _scattered(letters: str) -> re.Pattern[str]:
    """What finds letters in order, each as early as it can be, and never tries two ways."""
    first, *others = map(re.escape, letters)
    return re.compile(first + "".join(f"[^{each}]*{each}" for each in others))


def answering(sought: str, entries: Iterable[Entry]) -> list[tuple[int, Entry]]:
    """The entries that answer, in the order given, each with how well it does."""
    needle = sought.lower().strip()
    scored = [(score(needle, entry.text), entry) for entry in entries]
    return [each for each in scored if each[0] >= 0]


def ranked(answers: Iterable[tuple[int, Entry]]) -> list[Entry]:
    """The best of what answers, best first; among equals, in the order given."""
    return [entry for _, entry in nsmallest(MOST_SHOWN, answers, key=itemgetter(0))]


class CommandPalette(Sheet):
    """Type, choose with the arrows, Enter runs it, Esc closes it."""

    def __init__(self, look: Look, below: QWidget, entries: Callable[[], Sequence[Entry]]) -> None:
        super().__init__("palette.sheet", self.tr("Find a command or module"), below, widest=600, top=36)
        self._offer = entries
        self._entries: Sequence[Entry] = ()
        self._sought = ""
        self._answers: list[tuple[int, Entry]] = []
        self._table: Table[Entry] = Table(
            (
                Column(self.tr("Command"), lambda row: row.text),
                Column(self.tr("Key"), lambda row: row.detail, number=True, tone=lambda _: "muted"),
            ),
            lambda row: row.id,
            self,
        )
        self._field = QLineEdit()
        self._field.setObjectName("palette.field")
        self._field.setAccessibleName(self.tr("Find a command or module"))
        self._field.setPlaceholderText(self.tr("Find a command or module\u2026"))
        self._field.textChanged.connect(self.search)
        self._field.returnPressed.connect(self._run)
        self._field.installEventFilter(self)
        self._view = ListView("palette.list", self.tr("Found"), self._table, look, {0: 52})
        self._view.horizontalHeader().hide()
        self._view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._view.clicked.connect(self._run)
        Placeholder(self._view, self.tr("Nothing is called so."))
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(8)
        column.addWidget(self._field)
        column.addWidget(self._view, 1)
        self.setMinimumHeight(320)

    @Slot()
    def summon(self) -> None:
        self._entries, self._sought = self._offer(), ""
        self._field.clear()
        self.search("")
        self.open()
        self._field.setFocus(Qt.FocusReason.PopupFocusReason)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._field and isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            if event.key() in _PASSED_ON:
                self._view.keyPressEvent(event)
                return True
        elif watched is self._field and event.type() is QEvent.Type.FocusOut:
            self.dismiss()
        return super().eventFilter(watched, event)

    @Slot(str)
    def search(self, text: str) -> None:
        """Show what answers, best first."""
        longer = self._sought and text.startswith(self._sought)  # only what answered less may answer more
        entries = [entry for _, entry in self._answers] if longer else self._entries
        self._sought, self._answers = text, answering(text, entries)
        self._table.show(ranked(self._answers))
        self._view.selectRow(0)
        self._view.scrollToTop()

    @Slot()
    def _run(self) -> None:
        entry = self._table.row(self._view.currentIndex())
        self.dismiss()
        if entry is not None:
            entry.run()
