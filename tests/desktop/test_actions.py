from __future__ import annotations

import re
from collections import Counter

import pytest
from PySide6.QtWidgets import QMenu, QToolButton

from host.desktop.actions import DOCKS, MENUS, SECTIONS, SPECS
from host.desktop.session import Session
from host.desktop.theme.icons import icon
from host.desktop.widgets.command_palette import CommandPalette, Entry, answering, ranked
from host.desktop.widgets.lists import ListView
from tests.desktop.opened import in_window
from tests.desktop.stage import Stage, view
from tests.desktop.waiting import found, until


def test_ids_are_unique_and_say_area_and_verb() -> None:
    assert [name for name, count in Counter(spec.id for spec in SPECS).items() if count > 1] == []
    assert [spec.id for spec in SPECS if not re.fullmatch(r"[a-z]+\.[a-z_]+", spec.id)] == []


def test_no_key_means_two_things() -> None:
    keys = Counter(key for spec in SPECS for key in spec.keys)
    assert [key for key, count in keys.items() if count > 1] == []


def test_every_action_has_a_key() -> None:
    assert [spec.id for spec in SPECS if not spec.keys] == []


def test_every_action_stands_in_a_menu() -> None:
    assert [spec.id for spec in SPECS if spec.menu not in MENUS] == []


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("view.palette", "Ctrl+K"),
        ("module.filter", "Ctrl+F"),
        ("module.toggle", "Space"),
        ("module.inspect", "Return"),
        ("module.reload", "F5"),
        ("module.swap", "Ctrl+R"),
        ("module.rollback", "Ctrl+Alt+R"),
        ("view.next_panel", "F6"),
        ("help.keys", "F1"),
        ("view.dismiss", "Escape"),
        ("section.graph", "Ctrl+G"),
        ("section.console", "Ctrl+`"),
        ("edit.undo", "Ctrl+Z"),
        ("edit.redo", "Ctrl+Shift+Z"),
        *((f"section.{name}", f"Ctrl+{at}") for at, name in enumerate(SECTIONS[:9], start=1)),
        ("section.profiler", "Ctrl+Shift+P"),
        *((f"dock.{name}", f"Alt+{at}") for at, name in enumerate(DOCKS, start=1)),
    ],
)
def test_an_action_has_its_key(name: str, key: str) -> None:
    assert key in next(spec for spec in SPECS if spec.id == name).keys


@in_window
async def test_every_action_is_in_its_menu_and_has_a_name(session: Session) -> None:
    window = session.window
    for spec in SPECS:
        menu = window.findChild(QMenu, f"menu.{spec.menu}")
        assert menu is not None
        assert window.actions_by_id[spec.id] in menu.actions()
        assert window.actions_by_id[spec.id].objectName() == spec.id


@in_window
async def test_every_action_does_something(session: Session) -> None:
    for name, action in session.window.actions_by_id.items():
        assert action.receivers("2triggered(bool)") > 0, name


@in_window
async def test_the_palette_offers_every_action_that_can_be_done_and_every_module(
    session: Session, stage: Stage
) -> None:
    stage.put(view("chat"), view("clock"))
    await until(lambda: session.models.view("clock") is not None)
    offered = {entry.id for entry in session.steering.entries()}
    doable = {name for name, action in session.window.actions_by_id.items() if action.isEnabled()}
    assert offered == doable - {"view.palette"} | {"inspect.chat", "inspect.clock"}


@in_window
async def test_acts_are_offered_only_where_they_can_be_done(session: Session, stage: Stage) -> None:
    stage.put(view("chat", rollback_to="1.0.0"))
    await until(lambda: session.models.view("chat") is not None)
    actions = session.window.actions_by_id

    def doable(*names: str) -> list[bool]:
        return [actions[f"module.{name}"].isEnabled() for name in names]

    assert doable("load", "unload", "reload", "swap", "rollback") == [False] * 5
    session.window.modules.select("chat")
    assert doable("load", "unload", "reload", "swap", "rollback") == [False, True, True, True, True]
    await stage.unload("chat")
    await until(actions["module.load"].isEnabled)
    assert doable("unload", "reload", "swap") == [False, False, False]


@pytest.mark.parametrize(
    ("sought", "best"),
    [("ro", "Roll back"), ("rb", "Roll back"), ("chat", "advanced_chat"), ("load", "Load"), ("unl", "Unload")],
)
def test_the_palette_puts_the_best_answer_first(sought: str, best: str) -> None:
    texts = ("Unload", "Load", "Load or unload", "Reload", "Roll back", "Go to Problems", "advanced_chat", "clock")
    entries = [Entry(text, text, "", list) for text in texts]
    assert ranked(answering(sought, entries))[0].text == best


def test_the_palette_shows_nothing_that_does_not_answer() -> None:
    assert ranked(answering("xyz", [Entry("a", "Load", "", list)])) == []


@in_window
async def test_icons_change_with_the_theme_everywhere(session: Session) -> None:
    for theme in ("light", "dark"):
        session.window.actions_by_id[f"theme.{theme}"].trigger()
        shown = found(session.window, QToolButton, "rail.state").icon().pixmap(16, 16).toImage()
        wanted = icon("state", session.look.colours).pixmap(16, 16).toImage()
        assert shown == wanted


@in_window
async def test_icons_in_menus_are_there_when_a_menu_opens_in_either_theme(session: Session) -> None:
    menu = session.window.findChild(QMenu, "menu.help")
    assert menu is not None
    about = session.window.actions_by_id["help.about"]
    for theme in ("light", "dark"):
        session.window.actions_by_id[f"theme.{theme}"].trigger()
        menu.aboutToShow.emit()
        wanted = icon("about", session.look.colours).pixmap(16, 16).toImage()
        assert about.icon().pixmap(16, 16).toImage() == wanted


@pytest.mark.parametrize("sought", ["^]", "a-z", "\\d", "[x", "a" * 40 + "b"])
def test_what_is_typed_is_never_taken_for_a_pattern(sought: str) -> None:
    entries = [Entry("a", f"x{'.'.join(sought)}x", "", list), Entry("b", "a" * 60, "", list)]
    assert [entry.id for entry in ranked(answering(sought, entries))] == ["a"]


@in_window
async def test_a_longer_text_finds_what_it_finds_alone(session: Session) -> None:
    palette = found(session.window, CommandPalette, "palette.sheet")
    session.window.actions_by_id["view.palette"].trigger()
    rows = found(session.window, ListView, "palette.list").model()

    def shown() -> list[str]:
        return [rows.index(row, 0).data() for row in range(rows.rowCount())]

    for text in ("g", "go", "gog", "go", "go to lo", "lo", ""):
        palette.search(text)
        step_by_step = shown()
        palette.search("")
        palette.search(text)
        assert shown() == step_by_step
