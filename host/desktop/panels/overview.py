"""The overview of one module: what it uses, whom it needs, what happened to it lately."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from host.desktop.commands import Commands
from host.desktop.models.columns import EVENTS
from host.desktop.models.ring import Ring
from host.desktop.models.table import Table
from host.desktop.samples import ROOM, Samples
from host.desktop.theme.look import Look
from host.desktop.widgets.labels import Elided, Plain
from host.desktop.widgets.lists import ListView, Placeholder
from host.desktop.widgets.sparkline import Gauge
from host.desktop.widgets.top_hooks import TopHooks
from host.desktop.wording import grouped, millis, sentence, size
from host.vocabulary.clock import clock
from host.vocabulary.states import Health, Status

if TYPE_CHECKING:
    from host.vocabulary.events import Event
    from host.vocabulary.views import ModuleView, ProblemView

_LAST_EVENTS: Final = 40
_TONES: Final = {Health.DEGRADED: "warn", Health.UNHEALTHY: "bad"}
_COLUMNS: Final = tuple(column for column in EVENTS if column.title != "Module")


class OverviewSection(QScrollArea):
    """``chosen`` names a module that was clicked among what is needed or needs this one."""

    chosen = Signal(str)

    def __init__(
        self, commands: Commands, samples: Samples, events: Ring[Event], problems: Table[ProblemView], look: Look
    ) -> None:
        super().__init__()
        self._samples = samples
        self._problems = problems
        self._hooks = TopHooks(commands, look, self)
        self._events = events
        self._module: ModuleView | None = None
        self.setObjectName("overview.section")
        self.setAccessibleName(self.tr("Overview"))
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._gauges = (
            Gauge("overview.load", self.tr("Lua time"), look, _load),
            Gauge("overview.memory", self.tr("Memory"), look, _memory),
            Gauge("overview.calls", self.tr("Calls"), look, _rate),
        )
        self._keys: dict[str, Plain] = {}
        self._facts: dict[str, Plain] = {}
        self._links = {"needs": QHBoxLayout(), "needed_by": QHBoxLayout()}
        self._linked: dict[str, Sequence[str]] = {}
        self._recent: Table[Event] = Table(_COLUMNS, lambda row: (row.at, row.revision), self)
        self._list = ListView("overview.events", self.tr("Last events"), self._recent, look, {0: 10, 1: 18, 2: 9})
        Placeholder(self._list, self.tr("Acts appear here."))
        self._list.setMinimumHeight(120)
        self.setWidget(self._made_page())
        events.rowsInserted.connect(self._refresh_events)
        for signal in (problems.rowsInserted, problems.rowsRemoved, problems.dataChanged):
            signal.connect(self._refresh_problems)

    def inspect(self, view: ModuleView) -> None:
        """Show one module; called again whenever it changed."""
        other = self._module is None or self._module.name != view.name
        self._module = view
        why = view.reason if view.status is not Status.ACTIVE else ""
        self._facts["reason"].setText(f"{sentence(why)} {sentence(view.next_step)}".strip())
        self._facts["reason"].setVisible(bool(why or view.next_step))
        self._facts["versions"].setText(", ".join(version.version for version in view.versions) or view.version)
        self._facts["registered"].setText(
            self.tr("hooks {0}, timers {1}, exports {2}").format(view.hooks, view.timers, view.exports)
        )
        faults = self.tr("{0} faults").format(grouped(view.faults)) if view.faults else self.tr("no faults")
        self._facts["calls"].setText(self.tr("{0}, {1}").format(grouped(view.calls), faults))
        self._facts["calls"].set_tone("bad" if view.faults else "")
        self._show_health(view)
        self._facts["since"].setText(clock(view.since))
        self._facts["path"].setText(view.path)
        self._hooks.inspect(view)
        self._refresh_problems()
        self._link("needs", view.needs)
        self._link("needed_by", view.needed_by)
        if other:
            self.sampled()
            self._refresh_events()

    def _show_health(self, view: ModuleView) -> None:
        """What a module says of itself; of one that says nothing, there is no row."""
        fact = self._facts["health"]
        fact.setText(": ".join(text for text in (view.health or "", view.health_detail) if text))
        fact.set_tone(_TONES.get(view.health or Health.HEALTHY, ""))
        for label in (self._keys["health"], fact):
            label.setVisible(view.health is not None)

    @Slot()
    def sampled(self) -> None:
        """A second has passed: the curves go on."""
        if self._module is not None:
            for gauge, values in zip(self._gauges, self._samples.of(self._module.name), strict=True):
                gauge.show_values(values, ROOM)

    def _made_page(self) -> QWidget:
        page = QWidget()
        page.setProperty("ground", "canvas")
        page.setObjectName("overview.page")
        column = QVBoxLayout(page)
        column.setContentsMargins(20, 16, 20, 12)
        column.setSpacing(16)
        self._facts["reason"] = Plain(wrap=True)
        self._facts["reason"].setObjectName("overview.reason")
        column.addWidget(self._facts["reason"])
        self._facts["problems"] = Plain(tone="bad", wrap=True)
        self._facts["problems"].setObjectName("overview.problems")
        column.addWidget(self._facts["problems"])
        gauges = QHBoxLayout()
        gauges.setSpacing(24)
        for gauge in self._gauges:
            gauges.addWidget(gauge, 1)
        column.addLayout(gauges)
        column.addLayout(self._made_facts())
        column.addWidget(self._hooks)
        column.addWidget(Plain(self.tr("Last events"), role="caption"))
        column.addWidget(self._list, 1)
        return page

    def _made_facts(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(20)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(1, 1)
        for at, (name, title) in enumerate(
            (
                ("versions", self.tr("Versions")),
                ("needs", self.tr("Needs")),
                ("needed_by", self.tr("Needed by")),
                ("registered", self.tr("Registered")),
                ("calls", self.tr("Calls")),
                ("health", self.tr("Health")),
                ("since", self.tr("In this state since")),
                ("path", self.tr("Folder")),
            )
        ):
            self._keys[name] = Plain(title, role="key")
            grid.addWidget(self._keys[name], at, 0)
            if name in self._links:
                self._links[name].setSpacing(8)
                grid.addLayout(self._links[name], at, 1)
                continue
            self._facts[name] = Elided() if name in {"path", "registered", "versions"} else Plain(wrap=name == "health")
            self._facts[name].setObjectName(f"overview.{name}")
            self._facts[name].setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            grid.addWidget(self._facts[name], at, 1)
        return grid

    def _link(self, name: str, modules: Sequence[str]) -> None:
        """One link a module; made anew only where the names differ, so that focus stays."""
        if self._linked.get(name) == modules:
            return
        self._linked[name] = modules
        row = self._links[name]
        while (item := row.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        for module in modules:
            link = QPushButton(module)
            link.setObjectName(f"overview.{name}.{module}")
            link.setAccessibleName(self.tr("Inspect {0}").format(module))
            link.setProperty("link", "true")
            link.setCursor(Qt.CursorShape.PointingHandCursor)
            link.clicked.connect(self._link_clicked)
            row.addWidget(link)
        if not modules:
            row.addWidget(Plain(self.tr("nobody") if name == "needed_by" else self.tr("nothing"), tone="muted"))
        row.addStretch(1)

    @Slot()
    def _link_clicked(self) -> None:
        link = self.sender()
        if isinstance(link, QPushButton):
            self.chosen.emit(link.text())

    @Slot()
    def _refresh_problems(self) -> None:
        """The first of its problems, and how many more there are."""
        mine = [row for row in self._problems.rows if self._module and row.module == self._module.name]
        more = self.tr("  (and {0} more under Problems)").format(len(mine) - 1) if len(mine) > 1 else ""
        self._facts["problems"].setText(f"{sentence(mine[0].message, mine[0].module)}{more}" if mine else "")
        self._facts["problems"].setVisible(bool(mine))

    @Slot()
    def _refresh_events(self) -> None:
        if self._module is not None:
            name = self._module.name
            mine = [event for event in self._events.shown if event.module == name]
            self._recent.show(mine[: -_LAST_EVENTS - 1 : -1])


def _load(value: float) -> str:
    return f"{millis(value)} ms/s"


def _memory(value: float) -> str:
    return size(value) if value else "\u2013"


def _rate(value: float) -> str:
    return f"{millis(value)} /s"
