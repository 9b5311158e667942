"""The install sheet: what a package is, what it asks for, and what would become of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QCheckBox, QComboBox, QGridLayout, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from host.desktop.commands import Commands
from host.desktop.translation import marked
from host.desktop.widgets.labels import Plain
from host.desktop.widgets.scrolled import Scrolled
from host.desktop.widgets.sliding import Sheet
from host.desktop.wording import size
from host.vocabulary.errors import HostError
from host.vocabulary.identity import Tier

if TYPE_CHECKING:
    from host.vocabulary.views import PackageView

_TERMS: Final = {
    "unsigned": marked("InstallSheet", "Install it though nobody signed it"),
    "trust_key": marked("InstallSheet", "Install it though earlier packages of it were signed by another"),
    "replace": marked("InstallSheet", "Put it in the place of the same version, which goes to the trash"),
}
_TRUST: Final = {
    "known": marked("InstallSheet", "{0}, as its packages before"),
    "new": marked("InstallSheet", "{0}, a key that was not seen before; compare it with what its author says"),
    "changed": marked("InstallSheet", "{0}, another key than before"),
    "revoked": marked("InstallSheet", "{0}, a key that you revoked"),
    "unsigned": marked("InstallSheet", "nobody"),
}
_FACTS: Final = (
    ("by", marked("InstallSheet", "By")),
    ("signed", marked("InstallSheet", "Signed by")),
    ("asks", marked("InstallSheet", "Asks for")),
    ("loses", marked("InstallSheet", "Will not have")),
    ("files", marked("InstallSheet", "Files")),
    ("runs", marked("InstallSheet", "Runs")),
    ("loads", marked("InstallSheet", "Loads")),
    ("there", marked("InstallSheet", "There already")),
)


class InstallSheet(Sheet):
    """Looks at one package or folder, and installs what it showed and nothing else; it can be taken back."""

    def __init__(self, commands: Commands, below: QWidget) -> None:
        super().__init__("install.sheet", self.tr("Install a package"), below)
        self._commands = commands
        self._file = ""
        self._view: PackageView | None = None
        self._title = Plain(role="title", wrap=True)
        self._title.setObjectName("install.title")
        self._summary = Plain(tone="muted", wrap=True)
        self._summary.setObjectName("install.summary")
        self._refused = Plain(tone="bad", wrap=True)
        self._refused.setObjectName("install.refused")
        self._tier = QComboBox()
        self._tier.setObjectName("install.tier")
        self._tier.setAccessibleName(self.tr("Tier"))
        self._tier.addItems([str(tier) for tier in Tier if tier is not Tier.CORE])
        self._tier.currentTextChanged.connect(self._look)
        self._ticks = {name: self._tick(name, words) for name, words in _TERMS.items()}
        self._install = self._button("install.accept", self.tr("Install"), primary=True)
        self._install.clicked.connect(self._install_now)
        close = self._button("install.close", self.tr("Close"))
        close.clicked.connect(self.dismiss)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self._tier)
        buttons.addStretch(1)
        buttons.addWidget(self._install)
        buttons.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(12)
        column.addWidget(self._title)
        column.addWidget(self._summary)
        column.addWidget(Scrolled("install.scrolled", self._made_facts()), 1)
        for tick in self._ticks.values():
            column.addWidget(tick)
        column.addWidget(self._refused)
        column.addLayout(buttons)

    def offer(self, file: str) -> None:
        """Open for a package, or the folder of a module."""
        self._file = file
        for tick in self._ticks.values():
            tick.blockSignals(True)  # each would look again
            tick.setChecked(False)
            tick.blockSignals(False)
        self._tell(None, "")
        self._title.setText(self.tr("Looking at {0}\u2026").format(file))
        self.open()
        self._look()
        self._install.setFocus(Qt.FocusReason.PopupFocusReason)

    def _made_facts(self) -> QWidget:
        page = QWidget()
        page.setAccessibleName(self.tr("What it is"))
        grid = QGridLayout(page)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(16)
        grid.setColumnStretch(1, 1)
        self._facts: dict[str, tuple[Plain, Plain]] = {}
        for at, (name, words) in enumerate(_FACTS):
            key, fact = Plain(self.tr(words), role="key"), Plain(wrap=True)
            fact.setObjectName(f"install.{name}")
            grid.addWidget(key, at, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(fact, at, 1)
            self._facts[name] = key, fact
        return page

    def _tick(self, name: str, words: str) -> QCheckBox:
        tick = QCheckBox(self.tr(words))
        tick.setObjectName(f"install.{name}_tick")
        tick.setAccessibleName(tick.text())
        tick.toggled.connect(self._look)
        return tick

    def _button(self, name: str, text: str, *, primary: bool = False) -> QPushButton:
        button = QPushButton(text)
        button.setObjectName(name)
        button.setAccessibleName(text)
        if primary:
            button.setProperty("primary", "true")
        return button

    def _terms(self) -> dict[str, bool]:
        return {name: tick.isChecked() and not tick.isHidden() for name, tick in self._ticks.items()}

    @Slot()
    def _look(self) -> None:
        self._install.setEnabled(False)
        if self._file:
            asked = (self._file, self._tier.currentText(), self._terms())
            self._commands.errands.run(self._looked(*asked), "look at a package")

    async def _looked(self, file: str, tier: str, terms: dict[str, bool]) -> None:
        said: PackageView | str
        try:
            said = await self._commands.source.inspect_package(
                file,
                tier=tier,
                unsigned=terms["unsigned"],
                trust_key=terms["trust_key"],
                replace=terms["replace"],
            )
        except HostError as refusal:
            said = str(refusal)
        if (file, tier, terms) != (self._file, self._tier.currentText(), self._terms()):
            return
        if isinstance(said, str):
            self._title.setText(self.tr("{0} is not installed").format(file))
            self._tell(None, said)
        else:
            self._tell(said, "")

    def _tell(self, view: PackageView | None, refused: str) -> None:
        self._view = view
        if view is not None:
            self._title.setText(self.tr("Install {0} {1}").format(view.name, view.version))
        self._summary.setText(view.summary if view else "")
        self._summary.setVisible(bool(view and view.summary))
        facts = dict(self._told(view)) if view else {}
        for name, (key, fact) in self._facts.items():
            fact.setText(facts.get(name, ""))
            for label in (key, fact):
                label.setVisible(name in facts)
        for name, tick in self._ticks.items():
            tick.setVisible(view is not None and name in _needed(view))
        lacking = view is not None and any(not self._ticks[name].isChecked() for name in _needed(view))
        text = (
            self.tr("Tick what you allow, and it can be installed.") if lacking else view.refused if view else refused
        )
        self._refused.setText(text)
        self._refused.set_tone("muted" if lacking else "bad")
        self._refused.setVisible(bool(text))
        self._install.setEnabled(view is not None and not view.refused)
        self.fit()

    def _told(self, view: PackageView) -> Iterator[tuple[str, str]]:
        if view.authors or view.license:
            yield "by", ", ".join(filter(None, (*view.authors, view.license)))
        yield "signed", self.tr(_TRUST[view.trust]).format(view.signed_by)
        asks = "\n".join(f"{name}: {', '.join(patterns)}" for name, patterns in view.permissions.items())
        yield "asks", asks or self.tr("no permissions")
        if view.withdrawn:
            yield "loses", self.tr("what {0} was granted: {1}").format(view.name, ", ".join(view.withdrawn))
        whole = size(sum(each.size for each in view.files))
        yield "files", self.tr("{0} with {1}, to {2}").format(len(view.files), whole, view.place)
        alone = self.tr("in a process of its own, as all that comes from outside")
        asked = self.tr("up to {0} of memory, calls of up to {1} s").format(size(view.memory), f"{view.call_s:g}")
        auto = self.tr("; loaded whenever the host starts") if view.autoload else ""
        yield "runs", f"{alone}; {asked}{auto}"
        yield "loads", ", ".join(view.plan) or self.tr("not: {0}").format(view.unresolved)
        if view.installed:
            yield "there", ", ".join(view.installed)

    @Slot()
    def _install_now(self) -> None:
        if self._view is not None and self._install.isEnabled():
            self._commands.install(self._file, self._tier.currentText(), self._terms(), self._view.digest)
            self.dismiss()


def _needed(view: PackageView) -> list[str]:
    """What the user has to allow first."""
    asked = {
        "unsigned": view.trust == "unsigned",
        "trust_key": bool(view.trusted) and view.signed_by != view.trusted,
        "replace": view.version in view.installed,
    }
    return [name for name, needed in asked.items() if needed]
