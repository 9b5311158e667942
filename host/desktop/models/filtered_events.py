"""Events behind a filter of their own: others look at the same ring without it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSortFilterProxyModel

from host.desktop.models.columns import event_rank
from host.desktop.models.ring import Ring
from host.desktop.models.roles import Index

if TYPE_CHECKING:
    from host.vocabulary.events import Event


class FilteredEvents(QSortFilterProxyModel):
    """Those of one module, or of all, that matter as much as is wanted: 0 for all, 1 for warnings, 2 for errors."""

    def __init__(self, ring: Ring[Event], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._ring = ring
        self._module = ""
        self._rank = 0
        self.setSourceModel(ring)

    def restrict(self, module: str, rank: int) -> None:
        """Show only those of a module, from a rank on."""
        if hasattr(self, "beginFilterChange"):  # Qt 6.9 and newer; what it replaced is deprecated since
            self.beginFilterChange()
            self._module, self._rank = module, rank
            self.endFilterChange(QSortFilterProxyModel.Direction.Rows)
        else:
            self._module, self._rank = module, rank
            self.invalidateFilter()

    def event_at(self, index: Index) -> Event | None:
        return self._ring.line(self.mapToSource(index))

    def filterAcceptsRow(self, row: int, parent: Index) -> bool:
        event = self._ring.line(self._ring.index(row, 0, parent))
        return event is not None and self._module in {"", event.module} and event_rank(event) >= self._rank
