"""What is different between two points of a module's history."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter, QWidget

from host.desktop.models.table import Column, Table
from host.desktop.theme.look import Look
from host.desktop.widgets.diff_text import DiffText
from host.desktop.widgets.labels import Plain
from host.desktop.widgets.lists import ListView, Placeholder, stack_in
from host.desktop.wording import grouped

if TYPE_CHECKING:
    from host.vocabulary.views import Comparison, Difference

_SHARES = [200, 100]


class ComparisonView(QWidget):
    """Hidden until there is something to show."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.setObjectName("history.comparison")
        self._rows: Table[Difference] = Table(
            (
                Column(self.tr("Of the state"), lambda row: row.path),
                Column(self.tr("Before"), lambda row: row.before, tone=lambda _: "muted"),
                Column(self.tr("After"), lambda row: row.after),
            ),
            lambda row: row.path,
            self,
        )
        self._words = Plain(wrap=True)
        self._words.setObjectName("history.compared")
        self._words.setContentsMargins(16, 8, 16, 8)
        view = ListView("history.differences", self.tr("Differences"), self._rows, look, {0: 28, 1: 18})
        Placeholder(view, self.tr("No difference in the state."))
        self._diff = DiffText("history.diff", self.tr("Lines that differ"), look)
        both = QSplitter(Qt.Orientation.Vertical)
        both.setObjectName("history.both")
        both.setChildrenCollapsible(False)
        both.addWidget(self._diff)
        both.addWidget(view)
        both.setSizes(_SHARES)
        stack_in(self, self._words, both, grows=both)
        self.hide()

    def show_comparison(self, found: Comparison) -> None:
        """Show which files and which entries of the state differ."""
        later = self.tr("now") if found.later is None else str(found.later)
        head = f"{found.from_version} ({found.earlier}) \u2192 {found.to_version} ({later})"
        parts = [head, ", ".join(found.files), found.message]
        if found.beyond:
            parts.append(self.tr("and {0} more differences").format(grouped(found.beyond)))
        self._words.setText("; ".join(filter(None, parts)))
        self._rows.show(found.differences)
        self._diff.show_diff(found.diff)
        self.show()
