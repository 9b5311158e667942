"""Profiles: a file for what is to run; switching shows its plan first, and can be taken back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QPushButton, QWidget

from host.desktop.profiles import FOLDER, LARGEST, Profile, ProfileInvalid, names, read, write
from host.desktop.session import Session
from host.desktop.widgets.labels import Plain
from host.desktop.widgets.lists import ListView
from host.vocabulary.errors import ResolutionFailed
from host.vocabulary.states import Status
from host.vocabulary.views import Plan, PlanStep
from tests.desktop.opened import in_window
from tests.desktop.stage import Stage, view
from tests.desktop.waiting import found, until

RAID = Profile(
    "Raid", {"chat": "2.1.0", "hud": "^1"}, {"chat": {"limit": 20, "rooms": ["a", "b"], "deep": {"on": True}}}
)


def placed(data: Path, name: str, text: str) -> None:
    (data / FOLDER).mkdir(exist_ok=True)
    (data / FOLDER / f"{name}.toml").write_text(text, encoding="utf-8")


def test_what_was_kept_is_read_again_whole(tmp_path: Path) -> None:
    assert names(tmp_path) == ()
    write(tmp_path, RAID)
    write(tmp_path, Profile("at home", {}))
    assert names(tmp_path) == ("at home", "Raid")
    assert read(tmp_path, "Raid") == RAID
    write(tmp_path, Profile("Raid", {"clock": "*"}))
    assert read(tmp_path, "Raid").modules == {"clock": "*"}
    assert [path.suffix for path in (tmp_path / FOLDER).iterdir()] == [".toml", ".toml"]


def test_a_bare_version_is_that_version_and_all_else_is_a_range() -> None:
    texts = ("2.1.0", "1.0.0-rc.1", "^1", "*", ">=1,<2", "1.2.x", "==3")
    wanted = Profile("p", {f"m{at}": text for at, text in enumerate(texts)}).wanted()
    assert list(wanted.values()) == ["==2.1.0", "==1.0.0-rc.1", "^1", "*", ">=1,<2", "1.2.x", "==3"]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("modules = 3", "modules must be a table of versions by name"),
        ("[modules]\nchat = 2", "modules.chat must be text"),
        ('[modules]\n"../x" = "1"', "modules.../x is no name of a module"),
        ("[modles]\nchat = '1'", "unknown key 'modles' (did you mean 'modules'?)"),
        ("[settings]\nchat = 1", "settings must be a table of tables, one for each module"),
        ("[modules", "is no TOML"),
        ("a = " + "[" * 5000, "is no TOML"),
        ("\udcff", "is no TOML"),
        ("#" * (LARGEST + 1), "is larger than 256 KiB"),
    ],
)
def test_a_profile_that_cannot_be_used_says_all_that_is_wrong_with_it(tmp_path: Path, text: str, fault: str) -> None:
    placed(tmp_path, "Raid", "")
    (tmp_path / FOLDER / "Raid.toml").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(ProfileInvalid) as refusal:
        read(tmp_path, "Raid")
    assert fault in str(refusal.value)
    assert "Raid.toml" in str(refusal.value)


def test_a_profile_that_is_gone_says_so(tmp_path: Path) -> None:
    with pytest.raises(ProfileInvalid, match="cannot be read"):
        read(tmp_path, "Raid")


@pytest.mark.parametrize("name", ["", "a/b", "..", ".x", "x.", "x ", "a\nb", "x" * 61, "..\\x"])
def test_a_name_that_is_none_for_a_file_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ProfileInvalid, match="a profile is named by"):
        write(tmp_path, Profile(name, {}))
    assert names(tmp_path) == ()


@pytest.mark.parametrize("settings", [{"a": None}, {"a": [None]}])
def test_settings_that_toml_cannot_say_leave_what_was_kept(tmp_path: Path, settings: Any) -> None:
    write(tmp_path, RAID)
    with pytest.raises(ProfileInvalid, match="what TOML cannot say"):
        write(tmp_path, Profile("Raid", {}, {"chat": settings}))
    assert read(tmp_path, "Raid") == RAID


def test_a_folder_that_takes_no_file_says_so(tmp_path: Path) -> None:
    (tmp_path / FOLDER).write_text("")
    with pytest.raises(ProfileInvalid, match="cannot be written"):
        write(tmp_path, RAID)


async def opened(session: Session, stage: Stage, profile: Profile = RAID) -> None:
    """The chat runs in 1.0.0, the clock too, the hud not; the sheet is open."""
    write(stage.data, profile)
    stage.put(view("chat"), view("clock"), view("hud", version="1.2", status=Status.FOUND))
    chat = PlanStep(name="chat", version="2.1.0", tier="plugins", path="/c", replaces="1.0.0")
    stage.plans["chat"] = Plan(order=(chat, PlanStep(name="hud", version="1.2", tier="plugins", path="/h")))
    await until(lambda: session.models.view("hud"))
    session.window.actions_by_id["profile.choose"].trigger()


def accept(session: Session) -> QPushButton:
    return found(session.window, QPushButton, "profile.accept")


def said(session: Session, fact: str) -> str:
    return found(session.window, Plain, f"profile.{fact}").text()


def acts(stage: Stage) -> list[tuple[Any, ...]]:
    kinds = {"load", "unload", "swap", "rollback", "configure"}
    return [ask for ask in stage.asked if ask[0] in kinds]


@in_window
async def test_the_plan_is_shown_before_anything_is_done(session: Session, stage: Stage) -> None:
    await opened(session, stage)
    await until(accept(session).isEnabled)
    assert said(session, "unload") == "clock"
    assert said(session, "load") == "hud 1.2"
    assert said(session, "swap") == "chat 1.0.0 -> 2.1.0"
    assert said(session, "configure") == "chat"
    assert acts(stage) == []


@in_window
async def test_a_switch_unloads_loads_and_configures_and_is_one_act_to_take_back(
    session: Session, stage: Stage
) -> None:
    await opened(session, stage)
    await until(accept(session).isEnabled)
    QTest.mouseClick(accept(session), Qt.MouseButton.LeftButton)
    await until(lambda: session.window.inspector.notice.text == "Profile Raid is in force")
    assert acts(stage) == [
        ("load", "chat", "==2.1.0", False),
        ("load", "hud", "^1", False),
        ("configure", "chat", RAID.settings["chat"]),
        ("unload", "clock", True),
    ]
    assert session.window.actions_by_id["profile.choose"].text() == "Profile: Raid"
    stage.change("chat", version="2.1.0", rollback_to="1.0.0")
    session.window.actions_by_id["edit.undo"].trigger()
    await until(lambda: stage.modules["clock"].status is Status.ACTIVE and stage.modules["chat"].version == "1.0.0")
    assert stage.modules["hud"].status is Status.UNLOADED
    assert stage.settings_of["chat"] == {}


@in_window
async def test_a_profile_that_is_in_force_says_so(session: Session, stage: Stage) -> None:
    await opened(session, stage, Profile("Now", {"chat": "1.0.0", "clock": "1.0.0"}))
    steps = [PlanStep(name=name, version="1.0.0", tier="plugins", path="/") for name in ("chat", "clock")]
    stage.plans["chat"] = Plan(order=tuple(steps))
    session.window.sheets.profile.offer("Now")
    await until(lambda: said(session, "words") == "All is as it is in this profile.")
    assert not found(session.window, QWidget, "profile.load").isVisible()


@in_window
async def test_what_cannot_be_planned_or_read_says_why_and_cannot_be_switched_to(
    session: Session, stage: Stage
) -> None:
    placed(stage.data, "Bad", "modules = 1")
    stage.refusal = ResolutionFailed("missing", "chat needs log ^1, which no module provides")
    await opened(session, stage)
    sheet = found(session.window, ListView, "profile.list")
    await until(lambda: "modules must be a table" in said(session, "words"))
    assert not accept(session).isEnabled()
    sheet.selectRow(1)
    await until(lambda: said(session, "words") == "chat needs log ^1, which no module provides")
    assert not accept(session).isEnabled()


@in_window
async def test_what_runs_is_kept_with_its_settings_under_a_name(session: Session, stage: Stage) -> None:
    stage.settings_of["chat"] = {"limit": 3}
    stage.put(view("chat"), view("hud", status=Status.FOUND))
    await until(lambda: session.models.view("hud"))
    session.window.actions_by_id["profile.choose"].trigger()
    field = found(session.window, QLineEdit, "profile.name")
    QTest.keyClicks(field, "Evening")
    QTest.keyClick(field, Qt.Key.Key_Return)
    await until(lambda: names(stage.data) == ("Evening",))
    assert read(stage.data, "Evening") == Profile("Evening", {"chat": "1.0.0"}, {"chat": {"limit": 3}})
    assert session.window.actions_by_id["profile.choose"].text() == "Profile: Evening"


@in_window
async def test_a_name_that_cannot_be_kept_is_refused_in_the_sheet(session: Session, stage: Stage) -> None:
    await opened(session, stage)
    field = found(session.window, QLineEdit, "profile.name")
    field.setText("a/b")
    QTest.keyClick(field, Qt.Key.Key_Return)
    await until(lambda: said(session, "words").startswith("a profile is named by"))
    assert field.text() == "a/b"


@in_window
async def test_a_profile_that_was_replaced_comes_back_by_undo(session: Session, stage: Stage) -> None:
    await opened(session, stage, Profile("Raid", {"hud": "1.2"}))
    before = (stage.data / FOLDER / "Raid.toml").read_text()
    keep, name = found(session.window, QPushButton, "profile.keep"), found(session.window, QLineEdit, "profile.name")
    assert keep.text() == "Keep what runs"
    QTest.keyClicks(name, "Raid")
    assert keep.text() == "Replace it"
    QTest.keyClick(name, Qt.Key.Key_Return)
    await until(lambda: (stage.data / FOLDER / "Raid.toml").read_text() != before)
    undo, redo = (session.window.actions_by_id[f"edit.{way}"] for way in ("undo", "redo"))
    await until(undo.isEnabled)
    undo.trigger()
    await until(lambda: (stage.data / FOLDER / "Raid.toml").read_text() == before)
    await until(redo.isEnabled)
    redo.trigger()
    await until(lambda: "chat" in (stage.data / FOLDER / "Raid.toml").read_text())


@in_window
async def test_a_profile_that_is_new_goes_again_by_undo(session: Session, stage: Stage) -> None:
    await opened(session, stage)
    QTest.keyClicks(found(session.window, QLineEdit, "profile.name"), "Fresh")
    found(session.window, QPushButton, "profile.keep").click()
    await until(session.window.actions_by_id["edit.undo"].isEnabled)
    assert "Fresh" in names(stage.data)
    session.window.actions_by_id["edit.undo"].trigger()
    await until(lambda: "Fresh" not in names(stage.data))
