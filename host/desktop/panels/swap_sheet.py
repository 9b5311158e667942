"""The swap sheet: from which version to which, and who depends on it."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Qt, Slot
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from host.desktop.commands import Commands
from host.desktop.models.table import Column, Table
from host.desktop.theme.look import Look
from host.desktop.widgets.labels import Plain
from host.desktop.widgets.lists import ListView
from host.desktop.widgets.sliding import Sheet
from host.vocabulary.states import RUNNING
from host.vocabulary.views import ModuleView, VersionView


class SwapSheet(Sheet):
    """Lists the versions found on disk; *Swap* acts at once, for it can be taken back.

    Of a module that does not run, one version is loaded instead.
    """

    def __init__(self, commands: Commands, look: Look, below: QWidget) -> None:
        super().__init__("swap.sheet", self.tr("Swap to another version"), below)
        self._commands = commands
        self._module: ModuleView | None = None
        self._versions: Table[tuple[VersionView, str]] = Table(
            (
                Column(self.tr("Version"), lambda row: row[0].version, glyph=_glyph),
                Column(self.tr("Is"), lambda row: row[1], tone=lambda _: "muted"),
                Column(self.tr("Lies in"), _place, tone=_tone),
            ),
            lambda row: row[0].version,
            self,
        )
        self._title = Plain(role="title")
        self._title.setObjectName("swap.title")
        self._view = ListView("swap.versions", self.tr("Versions"), self._versions, look, {0: 14, 1: 16})
        self._facts = self._made_facts()
        self._swap = QPushButton(self.tr("Swap"))
        self._swap.setObjectName("swap.accept")
        self._swap.setAccessibleName(self.tr("Swap"))
        self._swap.setProperty("primary", "true")
        self._swap.setDefault(True)
        self._swap.clicked.connect(self._accept)
        close = QPushButton(self.tr("Close"))
        close.setObjectName("swap.close")
        close.setAccessibleName(self.tr("Close"))
        close.clicked.connect(self.dismiss)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        self._promise = Plain(
            self.tr("All that can fail runs first; the old version runs on until the new one stands."),
            tone="muted",
            wrap=True,
        )
        buttons.addWidget(self._promise, 1)
        buttons.addWidget(self._swap)
        buttons.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(12)
        column.addWidget(self._title)
        column.addWidget(self._view)
        column.addLayout(self._facts_grid)
        column.addLayout(buttons)
        self._view.selectionModel().currentRowChanged.connect(self._current_changed)
        self._view.activated.connect(self._accept)

    @property
    def module(self) -> str:
        """Whose sheet is open; empty where none is."""
        return self._module.name if self._module and not self.isHidden() else ""

    def offer(self, module: ModuleView) -> None:
        """Open for one module, with the newest version that is not the running one chosen."""
        self._show(module)
        others = [at for at, row in enumerate(self._versions.rows) if not self._runs_now(module, row[0])]
        self._view.selectRow(others[0] if others else 0)
        self.open()
        self._view.setFocus(Qt.FocusReason.PopupFocusReason)

    def inspect(self, module: ModuleView) -> None:
        """Keep up with the module while the sheet is open; another module closes it."""
        if self.isHidden() or self._module is None:
            return
        if module.name != self._module.name:
            self.dismiss()
        else:
            self._show(module)

    def _show(self, module: ModuleView) -> None:
        self._module = module
        runs = module.status in RUNNING
        self._title.setText((self.tr("Swap {0}") if runs else self.tr("Load {0}")).format(module.name))
        self._swap.setText(self.tr("Swap") if runs else self.tr("Load"))
        self._swap.setAccessibleName(self._swap.text())
        self._promise.setVisible(runs)
        rows = min(max(len(module.versions), 2), 8)
        self._view.setFixedHeight((rows + 1) * (self._view.verticalHeader().defaultSectionSize() + 4))
        self._versions.show([(version, self._word(module, version)) for version in module.versions])
        self._refresh()

    def _word(self, module: ModuleView, version: VersionView) -> str:
        if version.problems:
            return self.tr("not usable")
        if self._runs_now(module, version):
            return self.tr("runs now")
        return self.tr("ran before") if module.rollback_to.split(" ")[0] == version.version else self.tr("on disk")

    def _runs_now(self, module: ModuleView, version: VersionView) -> bool:
        return module.status in RUNNING and version.version == module.version

    def _made_facts(self) -> dict[str, Plain]:
        self._facts_grid = QGridLayout()
        self._facts_grid.setHorizontalSpacing(16)
        self._facts_grid.setVerticalSpacing(4)
        self._facts_grid.setColumnStretch(1, 1)
        facts: dict[str, Plain] = {}
        for at, (name, title) in enumerate(
            (
                ("change", self.tr("From, to")),
                ("needed_by", self.tr("Needed by")),
                ("state", self.tr("State")),
            )
        ):
            facts[name] = Plain(wrap=True)
            facts[name].setObjectName(f"swap.{name}")
            self._facts_grid.addWidget(Plain(title, role="key"), at, 0, Qt.AlignmentFlag.AlignTop)
            self._facts_grid.addWidget(facts[name], at, 1)
        return facts

    def _chosen(self) -> VersionView | None:
        row = self._versions.row(self._view.currentIndex())
        return row[0] if row else None

    @Slot(QModelIndex, QModelIndex)
    def _current_changed(self, _current: QModelIndex, _before: QModelIndex) -> None:
        self._refresh()

    def _refresh(self) -> None:
        module, version = self._module, self._chosen()
        if module is None or version is None:
            self._swap.setEnabled(False)
            return
        same, runs = self._runs_now(module, version), module.status in RUNNING
        self._swap.setEnabled(not same and not version.problems)
        if version.problems:
            self._facts["change"].setText("; ".join(version.problems))
        elif same:
            self._facts["change"].setText(self.tr("{0} runs already; choose another version").format(version.version))
        else:
            before = module.version if runs else self.tr("not loaded")
            self._facts["change"].setText(f"{before} \u2192 {version.version}")
        self._facts["change"].set_tone("bad" if version.problems else "")
        self._facts["needed_by"].setText(", ".join(module.needed_by) or self.tr("nobody"))
        goes_along = self.tr("goes along; Undo brings the old version back with its state")
        self._facts["state"].setText(goes_along if runs else self.tr("its last checkpoint, where there is one"))

    @Slot()
    def _accept(self) -> None:
        version = self._chosen()
        if self._module is not None and version is not None and self._swap.isEnabled():
            act = self._commands.swap if self._module.status in RUNNING else self._commands.load
            act(self._module.name, version.version)
            self.dismiss()


def _glyph(row: tuple[VersionView, str]) -> str:
    version, word = row
    return "failed" if version.problems else "active" if word == "runs now" else "found"


def _place(row: tuple[VersionView, str]) -> str:
    return row[0].problems[0] if row[0].problems else row[0].path


def _tone(row: tuple[VersionView, str]) -> str:
    return "bad" if row[0].problems else "muted"
