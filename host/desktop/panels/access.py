"""What a module may do: asked for, granted, used and denied; its limits; and what was done in its name."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from host.desktop.commands import Commands
from host.desktop.models.columns import ACCESS, AUDIT, LIMITS
from host.desktop.models.table import Table
from host.desktop.theme.look import Look
from host.desktop.widgets.labels import Elided, Plain
from host.desktop.widgets.lists import ListView, Placeholder
from host.desktop.widgets.reading import Reading
from host.vocabulary.states import RUNNING

if TYPE_CHECKING:
    from host.vocabulary.views import AccessRow, AuditRow, LimitView, ModuleView

_AUDITED = 50


class AccessSection(QWidget):
    """Permissions can be granted and denied while the module runs; what is not asked for in its manifest cannot."""

    def __init__(self, commands: Commands, look: Look) -> None:
        super().__init__()
        self._commands = commands
        self._module: ModuleView | None = None
        self.setObjectName("access.section")
        self._rows: Table[AccessRow] = Table(ACCESS, lambda row: (row.permission, row.pattern), self)
        self._limits: Table[LimitView] = Table(LIMITS, lambda row: row.name, self)
        self._audit: Table[AuditRow] = Table(AUDIT, lambda row: row.id, self)
        self._view = ListView(
            "access.list", self.tr("Permissions"), self._rows, look, {0: 12, 1: 30, 2: 18, 3: 8, 4: 8}
        )
        Placeholder(self._view, self.tr("Asks for nothing."))
        limits = ListView("access.limits", self.tr("Limits"), self._limits, look, {0: 12, 1: 16, 2: 16, 3: 9})
        Placeholder(limits, self.tr("A module that does not run has no limits."))
        audit = ListView("access.audit", self.tr("Audit"), self._audit, look, {0: 11, 1: 12, 2: 12, 3: 36})
        Placeholder(audit, self.tr("What is done in its name appears here."))
        self._words = Elided(tone="muted")
        self._words.setObjectName("access.words")
        self._allow = self._button("access.allow", self.tr("Allow"), self._allow_chosen)
        self._deny = self._button("access.deny", self.tr("Deny"), self._deny_chosen)
        self._allow_all = self._button("access.allow_all", self.tr("Allow all"), self._allow_everything)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._view, 3)
        column.addWidget(self._made_strip())
        for title, view in ((self.tr("Limits"), limits), (self.tr("Audit"), audit)):
            caption = Plain(title, role="caption")
            caption.setContentsMargins(16, 10, 16, 4)
            column.addWidget(caption)
            column.addWidget(view, 2)
        self.setFocusProxy(self._view)
        self._view.selectionModel().selectionChanged.connect(self._refresh)
        self._reading = Reading(self, commands.errands, self._read)
        self._reading.failed.connect(self._words.setText)
        self._refresh()

    def inspect(self, view: ModuleView) -> None:
        if self._module is None or view.name != self._module.name:
            self._limits.show(())
            self._audit.show(())
            self._reading.again()
        self._module = view
        self._rows.show(view.access)
        self._refresh()

    async def _read(self) -> None:
        module = self._module
        if module is None:
            return
        limits = await self._commands.source.limits(module.name) if module.status in RUNNING else ()
        audit = await self._commands.source.audit(module.name, _AUDITED)
        if self._module is not None and self._module.name == module.name:
            self._limits.show(limits)
            self._audit.show(audit)

    def _made_strip(self) -> QFrame:
        strip = QFrame()
        strip.setProperty("ground", "strip")
        row = QHBoxLayout(strip)
        row.setContentsMargins(12, 6, 8, 6)
        row.setSpacing(8)
        row.addWidget(self._words, 1)
        for button in (self._allow, self._deny, self._allow_all):
            row.addWidget(button)
        return strip

    def _button(self, name: str, text: str, slot: Callable[[], None]) -> QPushButton:
        button = QPushButton(text)
        button.setObjectName(name)
        button.setAccessibleName(text)
        button.clicked.connect(slot)
        return button

    def _chosen(self) -> AccessRow | None:
        return next((self._rows.row(index) for index in self._view.selectionModel().selectedRows()), None)

    @Slot()
    def _refresh(self) -> None:
        rows = self._module.access if self._module else ()
        chosen = self._chosen()
        lacking = [row for row in rows if row.asked and not row.granted_by]
        self._allow.setEnabled(chosen is not None and chosen.asked and not chosen.granted_by)
        self._deny.setEnabled(chosen is not None and chosen.asked and bool(chosen.granted_by))
        self._allow_all.setEnabled(bool(lacking))
        if chosen is not None and not chosen.asked:
            self._words.setText(self.tr("Its manifest does not ask for this, so it cannot be allowed."))
        elif lacking:
            self._words.setText(self.tr("Not granted: {0}").format(len(lacking)))
        else:
            self._words.setText(self.tr("All that it asks for is granted") if rows else "")

    @Slot()
    def _allow_chosen(self) -> None:
        row = self._chosen()
        if row is not None and self._module is not None:
            self._commands.allow(self._module.name, {row.permission: [row.pattern]})

    @Slot()
    def _deny_chosen(self) -> None:
        row = self._chosen()
        if row is not None and self._module is not None:
            self._commands.deny(self._module.name, {row.permission: [row.pattern]})

    @Slot()
    def _allow_everything(self) -> None:
        if self._module is not None:
            self._commands.allow(self._module.name)
