"""What a swap would do, as its rehearsal told it: a verdict, facts, and the state before and after."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QFrame, QGridLayout, QVBoxLayout

from host.desktop.allowing import Allowance
from host.desktop.models.table import Column, Table
from host.desktop.theme.look import Look
from host.desktop.widgets.labels import Plain
from host.desktop.widgets.lists import ListView
from host.desktop.wording import grouped, millis, sentence, size

if TYPE_CHECKING:
    from host.vocabulary.views import DependentFit, Difference, FileChange, Plan, Rehearsal

MOST_NAMED: Final = 8
_MOST_ROWS: Final = 5


class RehearsalView(QFrame):
    """A row for each thing that would change; ``ticked`` says that a permission was allowed, or no longer."""

    ticked = Signal()

    def __init__(self, look: Look, area: str = "swap") -> None:
        """Make it; ``area`` is the first part of the names of its parts."""
        super().__init__()
        self._area = area
        self.setObjectName(f"{area}.rehearsal")
        self._verdict = Plain(wrap=True)
        self._verdict.setObjectName(f"{area}.verdict")
        self._ticks: list[QCheckBox] = []
        self._wanted: tuple[tuple[Rehearsal, str], ...] = ()
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(1, 1)
        self._keys: dict[str, Plain] = {}
        self._facts: dict[str, Plain] = {}
        for at, (name, title) in enumerate(
            (
                ("files", self.tr("Files")),
                ("hooks", self.tr("Hooks")),
                ("permissions", self.tr("Permissions")),
                ("needed_by", self.tr("Needed by")),
                ("along", self.tr("Along with it")),
                ("state", self.tr("State")),
                ("memory", self.tr("Memory")),
                ("effects", self.tr("Not done")),
                ("notes", self.tr("Worth knowing")),
            )
        ):
            self._keys[name] = Plain(title, role="key")
            self._facts[name] = Plain(wrap=True)
            self._facts[name].setObjectName(f"{area}.{name}")
            self._grid.addWidget(self._keys[name], at, 0, Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(self._facts[name], at, 1)
        self._allowed = QVBoxLayout()
        self._allowed.setSpacing(4)
        self._differences: Table[Difference] = Table(
            (
                Column(self.tr("Of the state"), lambda row: row.path),
                Column(self.tr("Before"), lambda row: row.before, tone=lambda _: "muted"),
                Column(self.tr("After"), lambda row: row.after, tone=lambda row: "" if row.after else "warn"),
            ),
            lambda row: row.path,
            self,
        )
        self._list = ListView(
            f"{area}.differences", self.tr("State before and after"), self._differences, look, {0: 28, 1: 24}
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self._verdict)
        column.addLayout(self._grid)
        column.addLayout(self._allowed)
        column.addWidget(self._list)
        column.addStretch(1)
        self.clear()

    @property
    def allowed(self) -> bool:
        """Whether every permission that nobody granted yet has its tick."""
        return all(tick.isChecked() for tick in self._ticks)

    @property
    def allowances(self) -> tuple[Allowance, ...]:
        """What the ticks allow."""
        found: dict[tuple[str, str], dict[str, list[str]]] = {}
        for each, what in self._wanted:
            permission, _, pattern = what.partition(" ")
            found.setdefault((each.module, each.to_version), {}).setdefault(permission, []).append(pattern)
        return tuple(Allowance(module, version, patterns) for (module, version), patterns in found.items())

    def clear(self, verdict: str = "", tone: str = "muted") -> None:
        """Show no facts, but perhaps one sentence."""
        self._verdict.setText(verdict)
        self._verdict.set_tone(tone)
        for name in self._facts:
            self._say(name, "")
        self._show_differences((), 0)
        self._ask(())

    def show_plan(self, plan: Plan, name: str) -> None:
        """What a load would load."""
        self.clear(sentence("; ".join(plan.warnings)), "warn")
        others = [str(step) for step in plan.order if step.name != name]
        self._say("along", _list(others) or self.tr("nothing else"))

    def show_rehearsal(self, found: Rehearsal) -> None:
        """What a swap would do to a module and to those that would change with it."""
        took = f"{millis(found.seconds * 1000)} ms"
        if found.failed_step:
            said = self.tr("It would be refused ({0}): {1}").format(found.failed_step, found.error)
            self._verdict.setText(sentence(said))
            self._verdict.set_tone("bad")
        else:
            self._verdict.setText(self.tr("Rehearsed in {0}: it would be done.").format(took))
            self._verdict.set_tone("good")
        fine = not found.failed_step
        self._say("files", _list([_file(each) for each in found.files]) or (self.tr("none differs") if fine else ""))
        gained, lost = found.hooks_gained, found.hooks_lost
        self._say("hooks", _gained_and_lost(gained, lost) or (self.tr("the same") if fine else ""))
        permissions = _gained_and_lost(found.permissions_gained, found.permissions_lost)
        self._say("permissions", permissions or (self.tr("the same") if fine else ""))
        misfit = any(not each.fits for each in found.dependents)
        dependents = _list([self._fit(each) for each in found.dependents])
        self._say("needed_by", dependents or self.tr("nobody"), "bad" if misfit else "")
        self._say(
            "along", _list([f"{each.module} {each.from_version} \u2192 {each.to_version}" for each in found.others])
        )
        self._say("state", self._state(found) if fine else "", "warn" if found.dropped else "")
        memory = size(found.memory) if found.memory is not None else ""
        self._say("memory", memory and self.tr("{0}; now {1}").format(memory, size(found.memory_before)))
        self._say("effects", _list(found.effects), "muted")
        self._say("notes", sentence("; ".join(found.notes)), "muted")
        self._show_differences(found.differences, found.beyond)
        self._ask([(each, wanted) for each in (found, *found.others) for wanted in each.not_granted] if fine else ())

    def _fit(self, each: DependentFit) -> str:
        words = self.tr("{0} wants {1}: fits") if each.fits else self.tr("{0} wants {1}: does not fit")
        return words.format(f"{each.module} {each.version}", each.range)

    def _state(self, found: Rehearsal) -> str:
        if not (found.kept or found.changed or found.dropped or found.added):
            return self.tr("keeps none")
        parts = [
            self.tr("{0} kept").format(grouped(len(found.kept))) if found.kept else "",
            self.tr("changed: {0}").format(_list(found.changed)) if found.changed else "",
            self.tr("dropped: {0}").format(_list(found.dropped)) if found.dropped else "",
            self.tr("added: {0}").format(_list(found.added)) if found.added else "",
            self.tr("{0} more differences").format(grouped(found.beyond)) if found.beyond else "",
        ]
        return "; ".join(filter(None, parts))

    def _show_differences(self, rows: Sequence[Difference], beyond: int) -> None:
        self._differences.show(rows)
        self._list.setVisible(bool(rows))
        shown = min(len(rows) + bool(beyond), _MOST_ROWS)
        row = self._list.verticalHeader().defaultSectionSize()
        self._list.setMinimumHeight((min(shown, 2) + 1) * row + 12)
        self._list.setMaximumHeight((shown + 1) * row + 12)

    def _say(self, name: str, text: str, tone: str = "") -> None:
        """One fact; where there is nothing to say, its row is not there."""
        self._facts[name].setText(text)
        self._facts[name].set_tone(tone)
        for label in (self._keys[name], self._facts[name]):
            label.setMinimumHeight(label.fontMetrics().lineSpacing() + 1)  # a grid gives wrapped text too little
            label.setVisible(bool(text))

    def _ask(self, wanted: Sequence[tuple[Rehearsal, str]]) -> None:
        """A tick for each permission that nobody granted yet; the same ones keep theirs."""
        texts = [self.tr("Allow {0}: {1}").format(f"{each.module} {each.to_version}", what) for each, what in wanted]
        self._wanted = tuple(wanted)
        if [tick.text() for tick in self._ticks] == texts:
            return
        for tick in self._ticks:
            self._allowed.removeWidget(tick)
            tick.hide()
            tick.deleteLater()
        self._ticks = [QCheckBox(text) for text in texts]
        for at, tick in enumerate(self._ticks):
            tick.setObjectName(f"{self._area}.allow_{at}")
            tick.setAccessibleName(tick.text())
            tick.toggled.connect(self.ticked)
            self._allowed.addWidget(tick)


def _list(names: Sequence[str]) -> str:
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return ", ".join(names[:MOST_NAMED]) + more


def _file(each: FileChange) -> str:
    """``init.lua (+3 -1)``, ``lib/rooms.lua (new)``."""
    lines = f"+{each.lines_added} \u2212{each.lines_removed}"
    words = {"added": "new", "removed": "gone"}.get(each.change, lines)
    return f"{each.path} ({words})"


def _gained_and_lost(gained: Sequence[str], lost: Sequence[str]) -> str:
    return ";  ".join(f"{sign} {_list(names)}" for sign, names in (("+", gained), ("\u2212", lost)) if names)
