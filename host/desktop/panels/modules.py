"""The modules with their state, by tier, by who needs whom or as they were loaded, and a filter over them."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QItemSelectionModel, QMimeData, QModelIndex, Qt, Signal, Slot
from PySide6.QtGui import QAction, QDragEnterEvent, QDragLeaveEvent, QDropEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QLineEdit, QPushButton, QTreeView, QVBoxLayout, QWidget

from host.desktop.filtering import parse
from host.desktop.models.arranging import ARRANGEMENTS
from host.desktop.models.modules import FilteredModules, ModulesTree
from host.desktop.theme.look import Look
from host.desktop.widgets.delegates import EDGE, RowDelegate
from host.desktop.widgets.labels import Elided, restyle
from host.desktop.widgets.lists import Placeholder
from host.vocabulary.states import Status

_ASIDE: Final = {2: "10.20.30", 3: "1000.0", 4: "Marks "}
"""Beside state and name, in the order in which they have room: each with the widest that it usually shows."""


class ModulesPanel(QWidget):
    """The list on the left.

    ``chosen`` names the module to look into, ``selectionChanged`` says that other acts may be possible now, ``dropped``
    carries the paths of files and folders that were dropped here,
    ``newWanted`` asks for a module made from the template.
    """

    chosen = Signal(str)
    selectionChanged = Signal()
    dropped = Signal(object)
    newWanted = Signal()

    def __init__(self, tree: ModulesTree, look: Look) -> None:
        super().__init__()
        self._tree = tree
        self._look = look
        self._shown = FilteredModules(tree, self)
        self._looked_at = ""
        self._rows_leave = False
        self._dragged: tuple[str, ...] = ()
        # Before the view: when rows go, it makes a neighbour the current one, which nobody chose.
        self._shown.rowsAboutToBeRemoved.connect(self._rows_leaving)
        self.setObjectName("modules.panel")
        self._filter = QLineEdit()
        self._filter.setObjectName("modules.filter")
        self._filter.setAccessibleName(self.tr("Filter modules"))
        self._filter.setPlaceholderText(self.tr("Filter: chat  is:failed  uses:log  ms>5"))
        self._filter.setClearButtonEnabled(True)
        self._filter.textChanged.connect(self._filter_changed)
        self._view = self._made_view()
        self._empty = Placeholder(self._view, "")
        self._new = QPushButton(self.tr("Make one from a template"))
        self._new.setObjectName("modules.new")
        self._new.setAccessibleName(self._new.text())
        self._new.clicked.connect(self.newWanted)
        self.setAcceptDrops(True)
        self._count = Elided(tone="muted")
        self._count.setObjectName("modules.count")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        edge = QVBoxLayout()
        edge.setContentsMargins(8, 2, 8, 6)
        edge.addWidget(self._filter)
        column.addLayout(edge)
        column.addWidget(self._view, 1)
        column.addWidget(self._new, 0, Qt.AlignmentFlag.AlignHCenter)
        foot = QVBoxLayout()
        foot.setContentsMargins(12, 4, 8, 4)
        foot.addWidget(self._count)
        column.addLayout(foot)
        for signal in (self._shown.rowsInserted, self._shown.rowsRemoved):
            signal.connect(self._rows_changed)
        tree.settled.connect(self._count_rows)
        look.changed.connect(self._measure)
        self._measure()
        self._count_rows()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        self._dragged = _paths(event.mimeData())  # under X they may be asked for in vain once they are dropped
        if self._dragged:
            event.acceptProposedAction()
            restyle(self._view, "drop", "true")

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        restyle(self._view, "drop", "false")
        super().dragLeaveEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        restyle(self._view, "drop", "false")
        event.acceptProposedAction()
        self.dropped.emit(_paths(event.mimeData()) or self._dragged)

    def add_local(self, actions: list[QAction]) -> None:
        """Take up actions whose keys work in the list only."""
        self._view.addActions(actions)

    def selected(self) -> list[str]:
        """The names of the chosen modules, in the order of the list."""
        rows = sorted(self._view.selectionModel().selectedRows(), key=self._position)
        views = [self._tree.view(self._shown.mapToSource(row)) for row in rows]
        return [view.name for view in views if view is not None]

    def select(self, name: str) -> None:
        """Choose one module and bring it into sight, without the filter if that hides it."""
        if not self._shown.mapFromSource(self._tree.find(name)).isValid():
            self._filter.clear()
        index = self._shown.mapFromSource(self._tree.find(name))
        flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
        self._view.selectionModel().setCurrentIndex(index, flags)
        self._view.scrollTo(index)

    @Slot()
    def focus_filter(self) -> None:
        self._filter.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._filter.selectAll()

    @Slot()
    def focus_list(self) -> None:
        self._view.setFocus(Qt.FocusReason.ShortcutFocusReason)

    @Slot(str)
    def arrange(self, name: str) -> None:
        """Arrange the list by ``tier``, ``need`` or ``load``; what is looked at stays chosen."""
        self._tree.arrange(ARRANGEMENTS[name])
        if self._looked_at in self._tree.views:
            self.select(self._looked_at)

    @property
    def filter_text(self) -> str:
        return self._filter.text()

    def set_filter(self, text: str) -> None:
        self._filter.setText(text)

    def _made_view(self) -> QTreeView:
        view = QTreeView()
        view.setObjectName("modules.list")
        view.setAccessibleName(self.tr("Modules"))
        view.setModel(self._shown)
        view.setItemDelegate(RowDelegate(self._look, view))
        view.setUniformRowHeights(True)
        view.setAllColumnsShowFocus(True)
        view.setIndentation(14)
        view.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        view.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        view.setSortingEnabled(True)
        view.sortByColumn(1, Qt.SortOrder.AscendingOrder)
        header = view.header()
        header.setStretchLastSection(False)
        header.setMinimumSectionSize(32)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        view.selectionModel().currentRowChanged.connect(self._current_changed)
        view.clicked.connect(self._clicked)
        view.selectionModel().selectionChanged.connect(self.selectionChanged)
        return view

    @Slot(str)
    def _filter_changed(self, text: str) -> None:
        self._shown.restrict(parse(text))
        self._count_rows()
        index = self._shown.mapFromSource(self._tree.find(self._looked_at))
        if index.isValid() and not self._view.selectionModel().hasSelection():
            self.select(self._looked_at)

    @Slot()
    def _rows_leaving(self) -> None:
        self._rows_leave = True

    @Slot(QModelIndex, int, int)
    def _rows_changed(self, parent: QModelIndex, first: int, last: int) -> None:
        self._rows_leave = False
        for row in range(first, min(last + 1, self._shown.rowCount(parent))):
            index = self._shown.index(row, 0, parent)
            if self._tree.view(self._shown.mapToSource(index)) is None:
                self._view.setFirstColumnSpanned(row, parent, True)
                self._view.expand(index)
            elif self._shown.hasChildren(index):
                self._view.expand(index)
        if parent.isValid() and self._shown.rowCount(parent) == last - first + 1:  # its first
            self._view.expand(parent)

    @Slot(QModelIndex, QModelIndex)
    def _current_changed(self, current: QModelIndex, _before: QModelIndex) -> None:
        view = self._tree.view(self._shown.mapToSource(current))
        if view is not None and not self._rows_leave:
            self._looked_at = view.name
            self.chosen.emit(view.name)

    @Slot(QModelIndex)
    def _clicked(self, index: QModelIndex) -> None:
        """A row that became the current one by itself is chosen by a click like any other."""
        self._current_changed(index, index)

    @Slot()
    def _count_rows(self) -> None:
        total, shown, text = len(self._tree.views), self._shown.shown, self._filter.text().strip()
        all_of_them = (self.tr("{0} module") if total == 1 else self.tr("{0} modules")).format(total)
        words = self.tr("{0} of {1}").format(shown, total) if text else all_of_them
        fault = parse(text).fault
        self._empty.setText(
            self.tr("No module is like that. Esc clears the filter.")
            if total
            else self.tr("No modules yet. Drop a folder or zip here.")
        )
        self._new.setVisible(not total)
        self._count.setText(f"{words} \u2013 {fault}" if fault else words)

    def _position(self, index: QModelIndex) -> tuple[int, ...]:
        return (*self._position(index.parent()), index.row()) if index.isValid() else ()

    @Slot()
    def _measure(self) -> None:
        indent = 2 * self._view.indentation() + self._look.line_height + 6 * EDGE
        self.setMinimumWidth(indent + self._name_width())
        self._fit()

    def _name_width(self) -> int:
        return self._look.metrics.horizontalAdvance("advanced_chat") + 6 * EDGE

    def _fit(self) -> None:
        """Give the names room first, then the words of the states, and what stands aside as far as there is some."""
        view, metrics = self._view, self._look.metrics
        indent = 2 * view.indentation() + self._look.line_height + 6 * EDGE
        word = metrics.horizontalAdvance(Status.QUARANTINED)
        room = self.width() - view.verticalScrollBar().sizeHint().width() - indent - self._name_width()
        view.setColumnWidth(0, indent + min(max(room, 0), word))
        room -= word
        for column, sample in _ASIDE.items():
            width = metrics.horizontalAdvance(sample) + 4 * EDGE
            room -= width
            view.setColumnHidden(column, room < 0)
            view.setColumnWidth(column, width)


def _paths(dragged: QMimeData) -> tuple[str, ...]:
    """The files and folders of this machine that are dragged."""
    return tuple(url.toLocalFile() for url in dragged.urls() if url.isLocalFile())
