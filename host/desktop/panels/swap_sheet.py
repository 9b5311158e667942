"""The swap sheet: to which version, what that would do, and who depends on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QModelIndex, Qt, Slot
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from host.desktop.commands import Commands
from host.desktop.models.table import Column, Table
from host.desktop.theme.look import Look
from host.desktop.widgets.labels import Plain
from host.desktop.widgets.lists import ListView
from host.desktop.widgets.rehearsal_view import RehearsalView
from host.desktop.widgets.scrolled import Scrolled
from host.desktop.widgets.sliding import Sheet
from host.vocabulary.errors import HostError
from host.vocabulary.states import RUNNING

if TYPE_CHECKING:
    from host.vocabulary.views import ModuleView, Rehearsal, VersionView

TRIAL_S: Final = 30.0
_Choice = tuple[str, float, str, tuple[tuple[str, str], ...], bool]


class SwapSheet(Sheet):
    """Lists the versions found on disk, and rehearses the chosen one; *Swap* acts at once, for it can be taken back.

    Of a module that does not run, one version is loaded instead.
    """

    def __init__(self, commands: Commands, look: Look, below: QWidget) -> None:
        super().__init__("swap.sheet", self.tr("Swap to another version"), below)
        self._commands = commands
        self._module: ModuleView | None = None
        self._looked: _Choice | None = None
        self._further: dict[str, str] = {}
        self._known = False
        self._disk_at = 0.0
        self._versions: Table[tuple[VersionView, str]] = Table(
            (
                Column(self.tr("Version"), lambda row: row[0].version, glyph=_glyph),
                Column(self.tr("Is"), lambda row: row[1], tone=lambda _: "muted"),
                Column(self.tr("Lies in"), _place, tone=_tone),
            ),
            lambda row: row[0].path,
            self,
        )
        self._title = Plain(role="title")
        self._title.setObjectName("swap.title")
        self._change = Plain(wrap=True)
        self._change.setObjectName("swap.change")
        self._view = ListView("swap.versions", self.tr("Versions"), self._versions, look, {0: 14, 1: 16})
        self._told = RehearsalView(look)
        self._told.ticked.connect(self._judge)
        self._also = QCheckBox()
        self._also.setObjectName("swap.also")
        self._also.hide()
        self._also.toggled.connect(self._refresh)
        self._swap = self._button("swap.accept", self.tr("Swap"), self._accept)
        self._swap.setProperty("primary", "true")
        self._swap.setDefault(True)
        self._try = self._button("swap.trial", self.tr("Try for {0} s").format(f"{TRIAL_S:g}"), self._accept_on_trial)
        self._try.setToolTip(self.tr("Three faults within this time bring back what ran before, by themselves"))
        self._close = self._button("swap.close", self.tr("Close"), self.dismiss)
        self._promise = Plain(
            self.tr("All that can fail runs first; the old version runs on until the new one stands."),
            tone="muted",
            wrap=True,
        )
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self._promise, 1)
        for button in (self._swap, self._try, self._close):
            buttons.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(12)
        for widget in (self._title, self._view, self._change):
            column.addWidget(widget)
        column.addWidget(Scrolled("swap.scrolled", self._told), 1)
        column.addWidget(self._also)
        column.addLayout(buttons)
        self._view.selectionModel().currentRowChanged.connect(self._current_changed)
        self._view.activated.connect(self._accept)

    @property
    def module(self) -> str:
        """Whose sheet is open; empty where none is."""
        return self._module.name if self._module and not self.isHidden() else ""

    def offer(self, module: ModuleView, along: Mapping[str, str] | None = None) -> None:
        """Open for one module, with the newest version that is not the running one chosen.

        ``along``: what is to change together with it, versions by name.
        """
        self._looked = None  # what is on disk may be other than at the last look
        self._present(module)
        others = [at for at, row in enumerate(self._versions.rows) if not self._runs_now(module, row[0])]
        self._view.selectRow(others[0] if others else 0)
        self._offer_further(dict(along or {}))
        self._also.setChecked(bool(along))
        self._refresh()
        self.open()
        self._view.setFocus(Qt.FocusReason.PopupFocusReason)

    def inspect(self, module: ModuleView) -> None:
        """Keep up with the module while the sheet is open; another module closes it."""
        if self.isHidden() or self._module is None:
            return
        if module.name != self._module.name:
            self.dismiss()
        else:
            self._present(module)
            self._refresh()

    def look_again(self, changed_at: float) -> None:
        """Rehearse anew what was rehearsed before something on disk changed."""
        if changed_at != self._disk_at:
            self._disk_at = changed_at
            self._looked = None
            if not self.isHidden():
                self._refresh()

    def _present(self, module: ModuleView) -> None:
        self._module = module
        runs = module.status in RUNNING
        self._title.setText((self.tr("Swap {0}") if runs else self.tr("Load {0}")).format(module.name))
        self._swap.setText(self.tr("Swap") if runs else self.tr("Load"))
        self._swap.setAccessibleName(self._swap.text())
        self._promise.setVisible(runs)
        self._try.setVisible(runs)
        rows = min(max(len(module.versions), 2), 8)
        self._view.setFixedHeight((rows + 1) * (self._view.verticalHeader().defaultSectionSize() + 4))
        self._versions.show([(version, self._word(module, version)) for version in module.versions])

    def _word(self, module: ModuleView, version: VersionView) -> str:
        if version.problems:
            return self.tr("not usable")
        if self._runs_now(module, version):
            return self.tr("runs now")
        return self.tr("ran before") if module.rollback_to.split(" ")[0] == version.version else self.tr("on disk")

    def _runs_now(self, module: ModuleView, version: VersionView) -> bool:
        return module.status in RUNNING and version.version == module.version

    def _button(self, name: str, text: str, slot: Callable[[], None]) -> QPushButton:
        button = QPushButton(text)
        button.setObjectName(name)
        button.setAccessibleName(text)
        button.clicked.connect(slot)
        return button

    def _chosen(self) -> VersionView | None:
        row = self._versions.row(self._view.currentIndex())
        return row[0] if row else None

    @Slot(QModelIndex, QModelIndex)
    def _current_changed(self, _current: QModelIndex, _before: QModelIndex) -> None:
        self._offer_further({})
        self._refresh()

    @Slot()
    def _refresh(self) -> None:
        """Say what is chosen, and rehearse it where that was not done yet."""
        module, version = self._module, self._chosen()
        if module is None or version is None:
            self._known = False
            self._judge()
            return
        same, runs = self._runs_now(module, version), module.status in RUNNING
        if version.problems:
            self._change.setText("; ".join(version.problems))
        elif same:
            self._change.setText(self.tr("{0} as it lies on disk").format(version.version))
        else:
            before = module.version if runs else self.tr("not loaded")
            self._change.setText(f"{before} \u2192 {version.version}")
        self._change.set_tone("bad" if version.problems else "")
        choice = (module.name, module.since, version.version, tuple(self._along().items()), runs)
        if version.problems:
            self._looked, self._known = None, False
            self._told.clear()
        elif choice != self._looked:
            self._looked, self._known = choice, False
            self._told.clear(self.tr("Rehearsing\u2026") if runs else "")
            self._commands.errands.run(self._look(choice), "rehearse a swap")
        self._judge()

    async def _look(self, choice: _Choice) -> None:
        """Ask what the choice would do, and show it where it is still the choice."""
        name, _, version, along, runs = choice
        try:
            source = self._commands.source
            if runs:
                found = await source.rehearse(name, version, dict(along) or None)
                if choice == self._looked:
                    self._told.show_rehearsal(found)
                    self._settle(found)
            else:
                plan = await source.resolve({name: f"=={version}"})
                if choice == self._looked:
                    self._told.show_plan(plan, name)
                    self._known = True
        except HostError as refusal:
            if choice == self._looked:
                self._told.clear(str(refusal), "bad")
        self._judge()
        self.fit()

    def _settle(self, found: Rehearsal) -> None:
        """What fails is run, if it is wanted, but what others refuse is not; perhaps they can change too."""
        self._known = found.failed_step != "check"
        if found.further:
            self._offer_further(dict(found.further))

    def _offer_further(self, further: dict[str, str]) -> None:
        self._further = further
        self._also.setText(
            self.tr("Swap {0} too").format(", ".join(f"{name} {version}" for name, version in further.items()))
        )
        self._also.setAccessibleName(self._also.text())
        self._also.setVisible(bool(further))
        if not further:
            self._also.setChecked(False)

    def _along(self) -> dict[str, str]:
        """What is to change together with the module, versions by name."""
        return self._further if self._also.isChecked() else {}

    @Slot()
    def _judge(self) -> None:
        can = self._known and self._told.allowed
        self._swap.setEnabled(can)
        self._try.setEnabled(can)

    @Slot()
    def _accept(self) -> None:
        self._begin(None)

    @Slot()
    def _accept_on_trial(self) -> None:
        self._begin(TRIAL_S)

    def _begin(self, probation_s: float | None) -> None:
        version = self._chosen()
        if self._module is None or version is None or not self._swap.isEnabled():
            return
        if self._module.status not in RUNNING:
            self._commands.load(self._module.name, version.version)
        else:
            allow = self._told.allowances
            self._commands.swap(self._module.name, version.version, self._along(), probation_s=probation_s, allow=allow)
        self.dismiss()


def _glyph(row: tuple[VersionView, str]) -> str:
    version, word = row
    return "failed" if version.problems else "active" if word == "runs now" else "found"


def _place(row: tuple[VersionView, str]) -> str:
    return row[0].problems[0] if row[0].problems else row[0].path


def _tone(row: tuple[VersionView, str]) -> str:
    return "bad" if row[0].problems else "muted"
