"""Every action there is: one registry feeds menus, toolbar, palette and keys."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QCoreApplication, QObject, Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QWidget

from host.desktop.theme.colours import LIGHT, Colours
from host.desktop.theme.icons import icon
from host.desktop.translation import marked

MENUS: Final = {
    "file": marked("Actions", "&File"),
    "edit": marked("Actions", "&Edit"),
    "module": marked("Actions", "&Module"),
    "profile": marked("Actions", "&Profile"),
    "develop": marked("Actions", "&Develop"),
    "view": marked("Actions", "&View"),
    "help": marked("Actions", "&Help"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionSpec:
    """One action.

    Attributes:
        id: ``area.verb``: its objectName, its id in the palette and of its key.
        menu: the menu it stands in; ``ends_group`` puts a line below it.
        toolbar: stands in the toolbar too.
        group: actions of one group exclude each other.
        local: its key works only where a panel takes it up, since the key means something else elsewhere.
    """

    id: str
    text: str
    tip: str = ""
    keys: tuple[str, ...] = ()
    icon: str = ""
    menu: str = ""
    ends_group: bool = False
    toolbar: bool = False
    checkable: bool = False
    group: str = ""
    local: bool = False


SECTIONS: Final = (
    "overview",
    "state",
    "activity",
    "history",
    "source",
    "graph",
    "config",
    "console",
    "access",
    "profiler",
)
DOCKS: Final = ("modules", "problems", "log", "events", "timeline", "panels")


def _one_of(group: str, picture: str, first: int, *choices: tuple[str, str]) -> Iterator[ActionSpec]:
    """Actions of which one is in force, by Ctrl+Alt and a number from the first on; the first has the icon."""
    for at, (name, text) in enumerate(choices):
        yield ActionSpec(
            id=f"{group}.{name}",
            text=text,
            keys=(f"Ctrl+Alt+{first + at}",),
            menu="view",
            checkable=True,
            group=group,
            icon=picture if at == 0 else "",
            ends_group=at == len(choices) - 1,
        )


_NUMBERED: Final = 9
_MORE_KEYS: Final = {"graph": ("Ctrl+G",), "console": ("Ctrl+`",), "profiler": ("Ctrl+Shift+P",)}

SPECS: Final = (
    ActionSpec(
        id="file.rescan",
        text=marked("Actions", "Look for modules again"),
        keys=("Ctrl+F5",),
        icon="scan",
        menu="file",
    ),
    ActionSpec(
        id="file.new",
        text=marked("Actions", "Make a module from a template\u2026"),
        tip=marked("Actions", "Make a module that loads, keeps a state, answers a hook and has a test"),
        keys=("Ctrl+N",),
        icon="new",
        menu="develop",
    ),
    ActionSpec(
        id="file.install",
        text=marked("Actions", "Install a package\u2026"),
        tip=marked("Actions", "Choose a package; it, or a module's folder, can also be dropped on the list of modules"),
        keys=("Ctrl+O",),
        icon="install",
        menu="file",
        ends_group=True,
    ),
    ActionSpec(id="file.quit", text=marked("Actions", "Quit"), keys=("Ctrl+Q",), icon="quit", menu="file"),
    ActionSpec(id="edit.undo", text=marked("Actions", "Undo"), keys=("Ctrl+Z",), icon="undo", menu="edit"),
    ActionSpec(
        id="edit.redo", text=marked("Actions", "Redo"), keys=("Ctrl+Shift+Z", "Ctrl+Y"), icon="redo", menu="edit"
    ),
    ActionSpec(
        id="module.load",
        text=marked("Actions", "Load"),
        keys=("Ctrl+L",),
        tip=marked("Actions", "Load the chosen modules, and first what they need"),
        icon="load",
        menu="module",
        toolbar=True,
    ),
    ActionSpec(
        id="module.unload",
        text=marked("Actions", "Unload"),
        keys=("Ctrl+U",),
        tip=marked("Actions", "Unload the chosen modules; their state is kept for the next load"),
        icon="unload",
        menu="module",
        toolbar=True,
    ),
    ActionSpec(
        id="module.toggle",
        text=marked("Actions", "Load or unload"),
        keys=("Space",),
        menu="module",
        local=True,
        ends_group=True,
    ),
    ActionSpec(
        id="module.reload",
        text=marked("Actions", "Reload"),
        tip=marked("Actions", "Read the module's files again; its state stays"),
        keys=("F5",),
        icon="reload",
        menu="module",
        toolbar=True,
    ),
    ActionSpec(
        id="module.swap",
        text=marked("Actions", "Swap\u2026"),
        tip=marked("Actions", "Replace the module by another version while it runs"),
        keys=("Ctrl+R",),
        icon="swap",
        menu="module",
        toolbar=True,
    ),
    ActionSpec(
        id="module.rollback",
        text=marked("Actions", "Roll back"),
        tip=marked("Actions", "Go back to what ran before the last swap"),
        keys=("Ctrl+Alt+R",),
        icon="rollback",
        menu="module",
        toolbar=True,
        ends_group=True,
    ),
    ActionSpec(
        id="module.lock",
        text=marked("Actions", "Lock its version"),
        tip=marked("Actions", "Keep the module at this version: no plan chooses another, saves go on live"),
        keys=("Ctrl+Alt+L",),
        icon="lock",
        menu="module",
        checkable=True,
    ),
    ActionSpec(
        id="module.watch",
        text=marked("Actions", "Watch its files"),
        tip=marked(
            "Actions", "Have what is saved of the module run by itself; else its saves wait until this is on again"
        ),
        keys=("Ctrl+Alt+W",),
        icon="watch",
        menu="module",
        checkable=True,
    ),
    ActionSpec(
        id="module.quarantine",
        text=marked("Actions", "Quarantine"),
        tip=marked("Actions", "Switch the module's hooks and timers off; it keeps its state and answers calls"),
        keys=("Ctrl+Shift+U",),
        icon="quarantine",
        menu="module",
    ),
    ActionSpec(
        id="module.resume",
        text=marked("Actions", "Resume"),
        keys=("Ctrl+Shift+R",),
        tip=marked("Actions", "Switch the hooks and timers of a quarantined module on again"),
        menu="module",
    ),
    ActionSpec(
        id="module.why",
        text=marked("Actions", "Why?"),
        tip=marked("Actions", "Why the module is as it is, and what may mend it"),
        keys=("Ctrl+.",),
        icon="why",
        menu="module",
        ends_group=True,
    ),
    ActionSpec(
        id="module.bisect",
        text=marked("Actions", "Find a bad module"),
        tip=marked("Actions", "Switch ever fewer modules on until what is bad is found; afterwards all runs as before"),
        keys=("Ctrl+Shift+B",),
        icon="bisect",
        menu="develop",
        ends_group=True,
    ),
    ActionSpec(
        id="module.inspect",
        text=marked("Actions", "Inspect"),
        keys=("Return", "Enter"),
        menu="module",
        local=True,
    ),
    ActionSpec(
        id="module.filter",
        text=marked("Actions", "Filter modules"),
        keys=("Ctrl+F",),
        icon="find",
        menu="module",
    ),
    ActionSpec(
        id="profile.choose",
        text=marked("Actions", "Profile"),
        tip=marked("Actions", "Switch to another set of modules, versions and settings, or keep this one"),
        keys=("Ctrl+P",),
        icon="profile",
        menu="profile",
    ),
    ActionSpec(
        id="view.palette",
        text=marked("Actions", "Find a command or module\u2026"),
        keys=("Ctrl+K",),
        icon="find",
        menu="view",
        ends_group=True,
    ),
    *(
        ActionSpec(
            id=f"section.{name}",
            text=text,
            keys=(*((f"Ctrl+{at}",) if at <= _NUMBERED else ()), *_MORE_KEYS.get(name, ())),
            icon=name,
            menu="view",
            ends_group=name == SECTIONS[-1],
        )
        for at, (name, text) in enumerate(
            zip(
                SECTIONS,
                (
                    marked("Actions", "Overview"),
                    marked("Actions", "State"),
                    marked("Actions", "Activity"),
                    marked("Actions", "History"),
                    marked("Actions", "Source"),
                    marked("Actions", "Graph"),
                    marked("Actions", "Config"),
                    marked("Actions", "Console"),
                    marked("Actions", "Access"),
                    marked("Actions", "Profiler"),
                ),
                strict=True,
            ),
            start=1,
        )
    ),
    *(
        ActionSpec(
            id=f"dock.{name}", text=text, keys=(f"Alt+{at}",), icon=name, menu="view", ends_group=name == DOCKS[-1]
        )
        for at, (name, text) in enumerate(
            zip(
                DOCKS,
                (
                    marked("Actions", "Go to Modules"),
                    marked("Actions", "Go to Problems"),
                    marked("Actions", "Go to Log"),
                    marked("Actions", "Go to Events"),
                    marked("Actions", "Go to Timeline"),
                    marked("Actions", "Go to Panels"),
                ),
                strict=True,
            ),
            start=1,
        )
    ),
    ActionSpec(id="view.next_panel", text=marked("Actions", "Next panel"), keys=("F6",), menu="view"),
    ActionSpec(
        id="view.previous_panel",
        text=marked("Actions", "Previous panel"),
        keys=("Shift+F6",),
        menu="view",
        ends_group=True,
    ),
    ActionSpec(
        id="view.notices",
        text=marked("Actions", "Notifications"),
        tip=marked("Actions", "What happened by itself since the window was opened, and whose you do not want to hear"),
        keys=("Ctrl+B",),
        icon="bell",
        menu="view",
        ends_group=True,
    ),
    ActionSpec(
        id="view.gaps",
        text=marked("Actions", "Gaps"),
        tip=marked("Actions", "When the window or the engine did nothing else for more than 0.1 s, and what it was at"),
        keys=("Ctrl+Shift+G",),
        icon="gaps",
        menu="develop",
    ),
    ActionSpec(
        id="view.freeze",
        text=marked("Actions", "Freeze"),
        tip=marked(
            "Actions", "Keep state, activity, profile, log and events as they are shown; what comes meanwhile waits"
        ),
        keys=("F8",),
        menu="develop",
        checkable=True,
        ends_group=True,
    ),
    *_one_of(
        "theme",
        "theme",
        1,
        ("system", marked("Actions", "Theme of the system")),
        ("light", marked("Actions", "Light theme")),
        ("dark", marked("Actions", "Dark theme")),
    ),
    *_one_of(
        "arrange",
        "modules",
        4,
        ("tier", marked("Actions", "Modules by tier")),
        ("need", marked("Actions", "Modules by who needs whom")),
        ("load", marked("Actions", "Modules in load order")),
    ),
    ActionSpec(
        id="text.larger",
        text=marked("Actions", "Larger text"),
        keys=("Ctrl++", "Ctrl+="),
        icon="larger",
        menu="view",
    ),
    ActionSpec(
        id="text.smaller",
        text=marked("Actions", "Smaller text"),
        keys=("Ctrl+-",),
        icon="smaller",
        menu="view",
    ),
    ActionSpec(id="text.normal", text=marked("Actions", "Text at 100 %"), keys=("Ctrl+0",), menu="view"),
    ActionSpec(id="view.dismiss", text=marked("Actions", "Close sheet or filter"), keys=("Escape",), menu="view"),
    ActionSpec(id="help.keys", text=marked("Actions", "Keys"), keys=("F1",), icon="keys", menu="help"),
    ActionSpec(
        id="help.tour",
        text=marked("Actions", "Tour"),
        tip=marked("Actions", "Load a module, change it, see it live, break it and take it back, in five steps"),
        keys=("Ctrl+F1",),
        icon="tour",
        menu="help",
    ),
    ActionSpec(id="help.about", text=marked("Actions", "About Theseus"), keys=("Shift+F1",), icon="about", menu="help"),
)


class Actions(Mapping[str, QAction]):
    """The actions of one window, by id."""

    def __init__(self, owner: QWidget) -> None:
        self._actions: dict[str, QAction] = {}
        self._colours = LIGHT
        self._undrawn: list[ActionSpec] = []
        self._groups: dict[str, QActionGroup] = {}
        for spec in SPECS:
            self._actions[spec.id] = self._made(spec, owner)

    def __getitem__(self, name: str) -> QAction:
        return self._actions[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._actions)

    def __len__(self) -> int:
        return len(self._actions)

    def connect(self, name: str, slot: Callable[[], object]) -> None:
        """Run a bound method when the action is triggered, whether it is checked or not."""
        self._actions[name].triggered.connect(slot)

    def draw(self, colours: Colours) -> None:
        """Give those that are always in sight their icons in these colours; the others wait for ``draw_rest``."""
        self._colours = colours
        self._undrawn = [spec for spec in SPECS if spec.icon]
        self._draw_those(
            [spec for spec in self._undrawn if spec.toolbar or spec.id.startswith(("section.", "profile."))]
        )

    def draw_rest(self) -> None:
        """Give the others theirs: before a menu opens, and not before the first window."""
        self._draw_those(self._undrawn)

    def _draw_those(self, specs: Iterable[ActionSpec]) -> None:
        drawn = list(specs)
        for spec in drawn:
            self._actions[spec.id].setIcon(icon(spec.icon, self._colours))
        self._undrawn = [spec for spec in self._undrawn if spec not in drawn]

    def _made(self, spec: ActionSpec, owner: QObject) -> QAction:
        text = QCoreApplication.translate("Actions", spec.text)
        action = QAction(text, owner)
        action.setObjectName(spec.id)
        action.setCheckable(spec.checkable)
        action.setShortcuts([QKeySequence(keys) for keys in spec.keys])
        if spec.local:
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        tip = QCoreApplication.translate("Actions", spec.tip) if spec.tip else text
        action.setToolTip(f"{tip} ({spec.keys[0]})" if spec.keys else tip)
        if spec.group:
            group = self._groups.setdefault(spec.group, QActionGroup(owner))
            group.addAction(action)
        return action
