"""The settings of a module: a form made from its schema, or the same as JSON."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPlainTextEdit, QPushButton, QScrollArea, QStackedWidget, QWidget

from host.desktop.commands import Commands, Done, Way
from host.desktop.form.field import Field, Path, Spot, as_text
from host.desktop.form.nested import ObjectField
from host.desktop.form.schema import flat
from host.desktop.theme.look import Look
from host.desktop.widgets.labels import Plain
from host.desktop.widgets.lists import stack_in
from host.desktop.widgets.reading import Reading
from host.vocabulary.errors import HostError
from host.vocabulary.states import RUNNING

if TYPE_CHECKING:
    from host.vocabulary.views import ModuleView

_REST_MS = 250
"""After the last key, before what was typed is judged."""
_NEVER_S = 3600.0


class ConfigSection(QWidget):
    """Edits what the user set; nothing is in force before *Apply*, and *Revert* takes back what was not applied."""

    def __init__(self, commands: Commands, look: Look) -> None:
        super().__init__()
        self._commands = commands
        self._look = look
        self._name = ""
        self._version = ""
        self._stale = False
        self._schema: dict[str, Any] | None = None
        self._settings: dict[str, Any] = {}
        self._form: Field | None = None
        self.setObjectName("config.section")
        self._message = Plain(wrap=True, tone="muted")
        self._message.setObjectName("config.message")
        self._message.setContentsMargins(16, 8, 16, 8)
        self._apply = self._button("apply", self.tr("Apply"), self.tr("Apply the settings"))
        self._apply.setProperty("primary", "true")
        self._revert = self._button("revert", self.tr("Revert"), self.tr("Take back what was not applied"))
        self._as_json = self._button("as_json", self.tr("As JSON"), self.tr("Edit the settings as JSON"))
        self._as_json.setCheckable(True)
        self._area = QScrollArea()
        self._area.setObjectName("config.area")
        self._area.setAccessibleName(self.tr("Settings"))
        self._area.setWidgetResizable(True)
        self._text = QPlainTextEdit()
        self._text.setObjectName("config.text")
        self._text.setAccessibleName(self.tr("Settings as JSON"))
        self._text.setTabChangesFocus(True)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._area)
        self._stack.addWidget(self._text)
        self.setFocusProxy(self._area)
        stack_in(self, self._made_bar(), self._message, self._stack, grows=self._stack)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MS)
        self._rest.timeout.connect(self._judge)
        self._reading = Reading(self, commands.errands, self._read, _NEVER_S)
        self._reading.failed.connect(self._say)
        self._text.textChanged.connect(self._rest.start)
        self._apply.clicked.connect(self._apply_now)
        self._revert.clicked.connect(self._show_settings)
        self._as_json.clicked.connect(self._turn)
        commands.done.connect(self._done)
        look.changed.connect(self._draw)
        self._draw()
        self._clear(self.tr("No settings. Add config.schema.json."))

    @Slot(object)
    def _done(self, done: Done) -> None:
        """Settings that were taken back are shown as they now are."""
        if done.module == self._name and done.way is not Way.DO:
            self._stale = True
            self._reading.again()

    def inspect(self, view: ModuleView) -> None:
        """Show one module; what was typed and not applied stays while it is the same."""
        name = view.name if view.status in RUNNING else ""
        if name == self._name and name:
            if view.version != self._version:
                self._version, self._stale = view.version, True
                self._reading.again()
            return
        self._name, self._version = name, view.version
        words = self.tr("Reading the settings of {0}\u2026") if name else self.tr("Load {0} to see its settings.")
        self._clear(words.format(view.name))
        if name:
            self._reading.again()

    def _button(self, name: str, words: str, title: str) -> QPushButton:
        button = QPushButton(words)
        button.setObjectName(f"config.{name}")
        button.setAccessibleName(title)
        return button

    def _made_bar(self) -> QFrame:
        bar = QFrame()
        line = QHBoxLayout(bar)
        line.setContentsMargins(16, 8, 16, 8)
        line.setSpacing(8)
        line.addWidget(self._apply)
        line.addWidget(self._revert)
        line.addStretch(1)
        line.addWidget(self._as_json)
        return bar

    async def _read(self) -> None:
        name = self._name
        if not name or (self._form is not None and not self._stale):
            return
        answer = await self._commands.source.settings(name)
        if name == self._name:
            typed = self._form.value() if self._form is not None else self._settings
            changed = self._form is not None and typed != self._settings
            self._schema, self._settings, self._stale = answer["schema"], answer["settings"], False
            self._show_settings()
            if changed:
                self._fill(typed)
                self._rest.start()

    @Slot()
    def _show_settings(self) -> None:
        """Show what is in force."""
        self._fill(self._settings)
        self._say("" if self._schema or self._settings else self.tr("No settings. Add config.schema.json."))

    def _fill(self, settings: dict[str, Any]) -> None:
        root = self._schema or {}
        page = QWidget()
        page.setProperty("ground", "canvas")
        page.setObjectName("config.page")
        self._form = ObjectField(Spot((), self.tr("Settings"), root, _Names()), flat(root, root), settings)
        self._form.changed.connect(self._rest.start)
        filler = QWidget()
        head = [_said(root, "title", role="title"), _said(root, "description", tone="muted")]
        stack_in(page, *head, self._form, filler, grows=filler).setSpacing(8)
        page.layout().setContentsMargins(20, 12, 20, 12)  # type: ignore[union-attr]  # made a line above
        self._area.setWidget(page)
        self._text.setPlainText(as_text(settings))
        self._rest.stop()
        for control in (self._apply, self._revert, self._as_json):
            control.setEnabled(True)

    def _clear(self, message: str) -> None:
        self._form = None
        self._area.setWidget(QWidget())
        self._text.clear()
        self._rest.stop()
        for control in (self._apply, self._revert, self._as_json):
            control.setEnabled(False)
        self._say(message)

    def _typed(self) -> Any:  # noqa: ANN401 - any JSON value
        """What stands there.

        Raises:
            ValueError: as text, and it is no JSON.
        """
        if self._as_json.isChecked():
            return json.loads(self._text.toPlainText())
        return self._form.value() if self._form is not None else {}

    @Slot()
    def _turn(self) -> None:
        """From the form to JSON or back; what is no JSON object stays to be mended."""
        to_text = self._as_json.isChecked()
        if to_text and self._form is not None:
            self._text.setPlainText(as_text(self._form.value()))
        elif not to_text:
            try:
                settings = json.loads(self._text.toPlainText())
            except (ValueError, RecursionError):
                settings = None
            if not isinstance(settings, dict):
                self._as_json.setChecked(True)
                self._say(self.tr("This is no JSON object; mend it, or revert."))
                return
            self._fill(settings)
        self._stack.setCurrentIndex(int(to_text))
        self._rest.start()

    @Slot()
    def _judge(self) -> None:
        self._commands.errands.run(self._judged(), "judge settings")

    async def _judged(self) -> None:
        try:
            settings = self._typed()
        except (ValueError, RecursionError) as error:
            self._say(self.tr("This is no JSON ({0}).").format(error))
            return
        await self._reading.attempt(self._ask(self._name, settings))

    async def _ask(self, name: str, settings: object) -> None:
        faults = await self._commands.source.check_settings(name, settings)
        if name != self._name or self._form is None:
            return
        self._form.show_faults(faults)
        by_text = self._as_json.isChecked()
        lines = [f"{'.'.join(map(str, each.path))}: {each.message}".removeprefix(": ") for each in faults]
        count = self.tr("{0} to mend before this can be applied.").format(len(faults))
        self._say("\n".join(lines) if by_text else count if faults else "")

    @Slot()
    def _apply_now(self) -> None:
        self._commands.errands.run(self._applied(self._name), "apply settings")

    async def _applied(self, name: str) -> None:
        await self._judged()
        try:
            settings = self._typed()
            await self._commands.configure(name, settings)
        except (ValueError, RecursionError):  # told by the judging
            return
        except HostError as refusal:
            self._say(str(refusal))
            return
        self._settings = settings
        self._say(self.tr("Applied; {0} runs with these settings.").format(name))

    @Slot(str)
    def _say(self, text: str) -> None:
        self._message.setText(text)
        self._message.setVisible(bool(text))

    @Slot()
    def _draw(self) -> None:
        self._text.setFont(self._look.monospace())


def _said(schema: dict[str, Any], key: str, *, role: str = "", tone: str = "") -> Plain:
    """What the schema says of itself; no more than a place where it says nothing."""
    said = schema.get(key)
    label = Plain(said if isinstance(said, str) else "", role=role, tone=tone, wrap=True)
    label.setVisible(bool(label.text()))
    return label


class _Names:
    """A name of its own for each control of one form, from its place."""

    def __init__(self) -> None:
        self._taken: dict[str, int] = {}

    def __call__(self, path: Path, kind: str) -> str:
        words = (re.sub(r"[^a-z0-9_]", "_", str(each).lower()) or "_" for each in path)
        name = ".".join(("config.form", *words, kind))
        count = self._taken[name] = self._taken.get(name, 0) + 1
        return name if count == 1 else f"{name}_{count}"
