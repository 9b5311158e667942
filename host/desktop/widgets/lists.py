"""The tables of the panels, all set up alike."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QAbstractItemModel, QEvent, QObject, Qt, Slot
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QVBoxLayout, QWidget

from host.desktop.theme.look import Look
from host.desktop.widgets.delegates import PADDING, RowDelegate
from host.desktop.widgets.labels import Plain


class ListView(QTableView):
    """A table read by rows; ``widths`` are in characters; the column ``wide`` takes the rest, else the last."""

    def __init__(
        self,
        name: str,
        title: str,
        model: QAbstractItemModel,
        look: Look,
        widths: Mapping[int, int],
        *,
        wide: int | None = None,
    ) -> None:
        super().__init__()
        self._look = look
        self._widths = widths
        self.setObjectName(name)
        self.setAccessibleName(title)
        self.setModel(model)
        self.setItemDelegate(RowDelegate(look, self))
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setMinimumSectionSize(8)
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setStretchLastSection(True)
        self.horizontalHeader().setMinimumSectionSize(32)
        if wide is not None:
            self.horizontalHeader().setStretchLastSection(False)
            self.horizontalHeader().setSectionResizeMode(wide, QHeaderView.ResizeMode.Stretch)
        look.changed.connect(self._measure)
        self._measure()

    @Slot()
    def _measure(self) -> None:
        """Rows and columns grow with the text."""
        self.verticalHeader().setDefaultSectionSize(self._look.line_height + PADDING)
        character = self.fontMetrics().averageCharWidth()
        header = self.horizontalHeader()
        for column, width in self._widths.items():
            self.setColumnWidth(column, max(width * character + 16, header.sectionSizeHint(column)))


class Placeholder(Plain):
    """A sentence in the middle of an empty list; gone as soon as there is a row."""

    def __init__(self, view: QAbstractItemView, text: str) -> None:
        super().__init__(text, tone="muted", wrap=True, parent=view)
        self._view = view
        self.setObjectName(f"{view.objectName()}_empty")
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        model = view.model()
        for signal in (model.rowsInserted, model.rowsRemoved, model.modelReset):
            signal.connect(self.judge)
        view.installEventFilter(self)
        self.judge()

    @Slot()
    def judge(self) -> None:
        """Show or go, by what is there now."""
        self.setVisible(self._view.model().rowCount() == 0)
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)

    def _place(self) -> None:
        self.setGeometry(self._view.contentsRect().adjusted(16, 32, -16, -8))


def stack_in(parent: QWidget, *widgets: QWidget, grows: QWidget) -> QVBoxLayout:
    """Stack widgets in a parent without gaps; one of them takes what room is left."""
    layout = QVBoxLayout(parent)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(0)
    for widget in widgets:
        layout.addWidget(widget, 1 if widget is grows else 0)
    return layout
