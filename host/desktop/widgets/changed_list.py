"""What the last swap changed in a state: one line over the tree, and all of it as a list in the tree's place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from host.desktop.models.table import Column, Table
from host.desktop.theme.look import Look
from host.desktop.widgets.labels import Elided
from host.desktop.widgets.lists import ListView, Placeholder
from host.desktop.wording import grouped
from host.vocabulary.clock import clock

if TYPE_CHECKING:
    from host.vocabulary.views import Difference, LastSwap


class ChangedList(QWidget):
    """Hidden where what runs came by no swap; ``toggled`` says whether the list is wanted alone."""

    toggled = Signal(bool)

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.setObjectName("state.last_swap")
        self._words = Elided(tone="muted")
        self._words.setObjectName("state.last_swap_words")
        self._only = QPushButton(self.tr("Changed only"))
        self._only.setObjectName("state.changed_only")
        self._only.setAccessibleName(self.tr("Show only what the last swap changed"))
        self._only.setCheckable(True)
        self._table: Table[Difference] = Table(
            (
                Column(self.tr("Of the state"), lambda row: row.path),
                Column(self.tr("Was"), _mark, tone=_tone),
                Column(self.tr("Before"), lambda row: row.before, tone=lambda _: "muted"),
                Column(self.tr("After the swap"), lambda row: row.after),
            ),
            lambda row: row.path,
            self,
        )
        self._view = ListView(
            "state.changes", self.tr("What the last swap changed"), self._table, look, {0: 30, 1: 10, 2: 26}
        )
        Placeholder(self._view, self.tr("The last swap kept the state as it was."))
        self._view.hide()
        line = QHBoxLayout()
        line.setContentsMargins(16, 6, 16, 6)
        line.addWidget(self._words, 1)
        line.addWidget(self._only)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(line)
        column.addWidget(self._view, 1)
        self._only.toggled.connect(self._toggled)
        self.hide()

    def show_swap(self, told: LastSwap | None) -> None:
        """Say what a swap did; nothing where there was none, or it is not known yet."""
        self.setVisible(told is not None and told.at > 0)
        self._table.show(told.differences if told is not None else ())
        self._only.setEnabled(told is not None and not told.message)
        if told is None or not told.at or told.message:
            self._only.setChecked(False)
        if told is not None and told.at:
            self._words.setText(self._sentence(told))

    def _sentence(self, told: LastSwap) -> str:
        versions = f"{told.from_version} \u2192 {told.to_version}"
        head = self.tr("{0} of {1}, {2}").format(told.kind.capitalize(), clock(told.at), versions)
        if told.message:
            return f"{head}: {told.message}"
        counts = [
            (sum(1 for each in told.differences if _mark(each) == mark), mark)
            for mark in ("changed", "added", "dropped")
        ]
        said = ", ".join(f"{grouped(count)} {mark}" for count, mark in counts if count)
        more = self.tr(" and {0} more").format(grouped(told.beyond)) if told.beyond else ""
        return f"{head}: {said}{more}" if said else self.tr("{0}: the state was kept as it was").format(head)

    @Slot(bool)
    def _toggled(self, on: bool) -> None:  # noqa: FBT001 - a signal's argument
        self._view.setVisible(on)
        self.toggled.emit(on)


def _mark(row: Difference) -> str:
    return "added" if not row.before else "changed" if row.after else "dropped"


def _tone(row: Difference) -> str:
    return {"added": "good", "changed": "busy", "dropped": "warn"}[_mark(row)]
