"""Who needs the module, and what it needs; and what a swap of it would mean, before it happens."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QComboBox, QFileDialog, QFrame, QPushButton, QScrollArea, QWidget

from host.desktop.commands import Commands
from host.desktop.theme.look import Look
from host.desktop.widgets.flowing import flowing_bar, gap
from host.desktop.widgets.graph_canvas import GraphCanvas
from host.desktop.widgets.labels import Plain
from host.desktop.widgets.lists import stack_in
from host.desktop.widgets.reading import Reading
from host.vocabulary.graph import Graph

if TYPE_CHECKING:
    from host.vocabulary.views import ModuleView

_PERIOD_S = 2.0


class GraphSection(QWidget):
    """The picture around one module; ``chosen`` names one that was pressed in it."""

    chosen = Signal(str)

    def __init__(self, commands: Commands, look: Look) -> None:
        super().__init__()
        self._commands = commands
        self._name = ""
        self._running = ""
        self._offered: tuple[str, ...] = ()
        self._graph = Graph()
        self.setObjectName("graph.section")
        self._version = QComboBox()
        self._version.setObjectName("graph.version")
        self._version.setAccessibleName(self.tr("As it would be with version"))
        self._whole = QPushButton(self.tr("All modules"))
        self._whole.setObjectName("graph.whole")
        self._whole.setAccessibleName(self.tr("Show all modules"))
        self._whole.setCheckable(True)
        self._export = QPushButton(self.tr("Export SVG\u2026"))
        self._export.setObjectName("graph.export")
        self._export.setAccessibleName(self.tr("Export the graph as SVG"))
        self._notes = Plain(wrap=True)
        self._notes.setObjectName("graph.notes")
        self._notes.setContentsMargins(16, 0, 16, 8)
        self._faults = Plain(wrap=True, tone="bad")
        self._faults.setObjectName("graph.faults")
        self._faults.setContentsMargins(16, 0, 16, 8)
        self._faults.hide()
        self._canvas = GraphCanvas(look)
        self._area = QScrollArea()
        self._area.setObjectName("graph.area")
        self._area.setAccessibleName(self.tr("Graph"))
        self._area.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._area.setWidget(self._canvas)
        self.setFocusProxy(self._version)
        stack_in(self, self._made_bar(), self._notes, self._faults, self._area, grows=self._area)
        self._reading = Reading(self, commands.errands, self._read, _PERIOD_S)
        self._reading.failed.connect(self._fail)
        self._version.activated.connect(self._reading.again)
        self._whole.toggled.connect(self._reading.again)
        self._export.clicked.connect(self._ask_where)
        self._canvas.picked.connect(self.chosen)

    def inspect(self, view: ModuleView) -> None:
        """Show one module; called again whenever it changed."""
        versions = tuple(each.version for each in view.versions if each.version and not each.problems)
        if (self._name, self._running, self._offered) == (view.name, view.version, versions):
            return
        self._name, self._running, self._offered = view.name, view.version, versions
        self._version.clear()
        self._version.addItem(self.tr("{0}, as it is").format(view.version), "")
        for version in versions:
            if version != view.version:
                self._version.addItem(self.tr("if it becomes {0}").format(version), version)
        self._reading.again()

    def save(self, file: Path) -> str:
        """Write what is shown as SVG; a sentence that says where, or why not."""
        try:
            self._canvas.save(file)
        except OSError as error:
            why = (error.strerror or str(error)).lower()
            return self.tr("{0} was not written: {1}; choose another place.").format(file, why)
        return self.tr("The graph is in {0}.").format(file)

    def _made_bar(self) -> QFrame:
        return flowing_bar(self._version, gap(), self._whole, self._export)

    async def _read(self) -> None:
        name, version = self._name, str(self._version.currentData() or "")
        if not name:
            return
        whole = self._whole.isChecked() and not version
        graph = await self._commands.source.graph("" if whole else name, version)
        if name == self._name and graph != self._graph:
            self._graph = graph
            self._canvas.show_graph(graph, name)
            self._tell(graph)

    def _tell(self, graph: Graph) -> None:
        lonely = len(graph.nodes) == 1 and not graph.nodes[0].fault
        alone = self.tr("No dependencies, and nobody depends on it.")
        self._show(self._notes, alone if lonely else "\n".join(graph.notes))
        self._show(self._faults, "\n".join(node.fault for node in graph.nodes if node.fault))

    @staticmethod
    def _show(label: Plain, text: str) -> None:
        label.setText(text)
        label.setVisible(bool(text))

    @Slot()
    def _ask_where(self) -> None:
        dialog = QFileDialog(self, self.tr("Export the graph"), f"{self._name or 'modules'}.svg", "SVG (*.svg)")
        dialog.setObjectName("graph.dialog")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("svg")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self._save_chosen)
        dialog.open()

    @Slot(str)
    def _save_chosen(self, file: str) -> None:
        self._say(self.save(Path(file)))

    @Slot(str)
    def _fail(self, text: str) -> None:
        """Say why there is nothing new; the next answer takes its place."""
        self._graph = Graph()
        self._say(text)

    @Slot(str)
    def _say(self, text: str) -> None:
        self._show(self._notes, text)
