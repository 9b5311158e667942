"""The profiles: what switching to one would do, and what runs now as one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from host.desktop.commands import Commands, Done
from host.desktop.models.table import Column, Table
from host.desktop.profiles import as_it_runs, back_to_file, kept, names, read, write
from host.desktop.switching import Switch, planned
from host.desktop.theme.look import Look
from host.desktop.widgets.labels import Plain
from host.desktop.widgets.lists import ListView, Placeholder
from host.desktop.widgets.sliding import Sheet
from host.vocabulary.errors import HostError


class ProfileSheet(Sheet):
    """Lists the profiles of the data folder; ``switched`` names the one that was chosen, ``kept`` one that was made."""

    switched = Signal(str)
    kept = Signal(str)

    def __init__(self, commands: Commands, data: Path, look: Look, below: QWidget) -> None:
        super().__init__("profile.sheet", self.tr("Profiles"), below)
        self._commands = commands
        self._data = data
        self._switch: Switch | None = None
        self._names: Table[str] = Table((Column(self.tr("Profile"), lambda row: row),), lambda row: row, self)
        title = Plain(self.tr("Profiles"), role="title")
        self._view = ListView("profile.list", self.tr("Profiles"), self._names, look, {})
        self._view.setFixedHeight(6 * (self._view.verticalHeader().defaultSectionSize() + 4))
        Placeholder(self._view, self.tr("No profiles yet. Give what runs now a name, and keep it."))
        self._words = Plain(wrap=True)
        self._words.setObjectName("profile.words")
        self._accept = self._button("profile.accept", self.tr("Switch"), self._switch_now)
        self._accept.setProperty("primary", "true")
        self._name = QLineEdit()
        self._name.setObjectName("profile.name")
        self._name.setAccessibleName(self.tr("Name for what runs now"))
        self._name.setPlaceholderText(self.tr("Name for what runs now"))
        self._keep = self._button("profile.keep", self.tr("Keep what runs"), self._keep_now)
        self._name.returnPressed.connect(self._keep_now)
        self._name.textChanged.connect(self._word_keep)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self._name, 1)
        for button in (self._keep, self._accept, self._button("profile.close", self.tr("Close"), self.dismiss)):
            buttons.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(12)
        for widget in (title, self._view, self._words):
            column.addWidget(widget)
        column.addLayout(self._made_plan())
        column.addLayout(buttons)
        self._view.selectionModel().currentRowChanged.connect(self._look)
        self._view.activated.connect(self._switch_now)
        self._tell(None)

    def offer(self, active: str) -> None:
        """Open, with the profile in force chosen, if it is one."""
        found = names(self._data)
        self._names.show(found)
        if found:
            self._view.selectRow(found.index(active) if active in found else 0)
        self._look()
        self.open()
        self._view.setFocus(Qt.FocusReason.PopupFocusReason)

    def _button(self, name: str, text: str, slot: Callable[[], None]) -> QPushButton:
        button = QPushButton(text)
        button.setObjectName(name)
        button.setAccessibleName(text)
        button.clicked.connect(slot)
        return button

    def _made_plan(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setColumnStretch(1, 1)
        self._rows: dict[str, tuple[Plain, Plain]] = {}
        for at, (name, words) in enumerate(
            (
                ("unload", self.tr("Unload")),
                ("load", self.tr("Load")),
                ("swap", self.tr("Swap")),
                ("configure", self.tr("Settings of")),
            )
        ):
            key, fact = Plain(words, role="key"), Plain(wrap=True)
            fact.setObjectName(f"profile.{name}")
            grid.addWidget(key, at, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(fact, at, 1)
            self._rows[name] = key, fact
        return grid

    def _chosen(self) -> str:
        return self._names.row(self._view.currentIndex()) or ""

    @Slot()
    def _look(self) -> None:
        """Plan the switch to what is chosen."""
        self._tell(None)
        name = self._chosen()
        if name:
            self._say(self.tr("Planning\u2026"), "muted")
            self._commands.errands.run(self._planned(name), "plan a switch")

    async def _planned(self, name: str) -> None:
        try:
            switch = await planned(self._commands.source, read(self._data, name))
        except HostError as refusal:
            if name == self._chosen():
                self._say(str(refusal), "bad")
                self.fit()
            return
        if name == self._chosen():
            self._tell(switch)
            self.fit()

    def _tell(self, switch: Switch | None) -> None:
        self._switch = switch
        facts = {
            "unload": ", ".join(switch.unload) if switch else "",
            "load": ", ".join(map(str, switch.load)) if switch else "",
            "swap": ", ".join(map(str, switch.swap)) if switch else "",
            "configure": ", ".join(switch.configure or ()) if switch else "",
        }
        for name, (key, fact) in self._rows.items():
            fact.setText(facts[name])
            for label in (key, fact):
                label.setMinimumHeight(label.fontMetrics().lineSpacing() + 1)  # a grid gives wrapped text too little
                label.setVisible(bool(facts[name]))
        self._say(self.tr("All is as it is in this profile.") if switch and switch.empty else "", "good")
        self._accept.setEnabled(switch is not None)

    def _say(self, text: str, tone: str) -> None:
        self._words.setText(text)
        self._words.set_tone(tone)
        self._words.setVisible(bool(text))

    @Slot()
    def _switch_now(self) -> None:
        if self._switch is not None:
            self._commands.switch(self._switch)
            self.switched.emit(self._switch.profile.name)
            self.dismiss()

    @Slot(str)
    def _word_keep(self, name: str) -> None:
        """Say it where a profile of that name is there already."""
        words = self.tr("Replace it") if name.strip() in self._names.rows else self.tr("Keep what runs")
        self._keep.setText(words)
        self._keep.setAccessibleName(words)

    @Slot()
    def _keep_now(self) -> None:
        self._commands.errands.run(self._keep_as(self._name.text().strip()), "keep a profile")

    async def _keep_as(self, name: str) -> None:
        before = kept(self._data, name)
        try:
            profile, left_out = await as_it_runs(self._commands.source, name)
            write(self._data, profile)
        except HostError as refusal:
            self._say(str(refusal), "bad")
            self.fit()
            return
        self._name.clear()
        said = self.tr("What runs is kept as {0}") if before is None else self.tr("{0} is replaced by what runs")
        self._commands.done.emit(Done("", said.format(name), back_to_file(self._data, name, before)))
        self.kept.emit(name)
        self.offer(name)
        if left_out:
            self._say("; ".join(left_out), "warn")
