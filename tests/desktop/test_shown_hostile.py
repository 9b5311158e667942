"""Modules that flood their panels, in a real engine: the window misses no click."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from host.desktop.session import Session
from host.desktop.shown.card import Card
from host.desktop.shown.painted import Head
from tests.desktop.test_whole_program import living
from tests.desktop.waiting import found, until

pytestmark = [pytest.mark.usefixtures("qapp"), pytest.mark.integration]

CLICKS = 20
MODULES = {
    "calm": """
local clicks, panel = 0, nil
panel = host.ui.panel { id = "main", children = {
    { kind = "value", id = "clicks", label = "Clicks", value = 0 },
    { kind = "button", id = "go", text = "Go", onClick = function()
        clicks = clicks + 1
        panel:update { clicks = clicks }
    end },
} }
return {}
""",
    "storm": """
local children = {}
for at = 1, 499 do children[at] = { kind = "value", id = "w" .. at, value = 0 } end
local panel, round = assert(host.ui.panel { id = "main", children = children }), 0
host.every(5, function()
    round = round + 1
    local changes = {}
    for at = 1, 499 do changes["w" .. at] = round end
    panel:update(changes)
    host.log.info(("x"):rep(1000))
end)
return {}
""",
    "rebuilder": """
local panel, round = assert(host.ui.panel { id = "main", children = { { kind = "column", id = "c" } } }), 0
host.every(50, function()
    round = round + 1
    local children = {}
    for at = 1, 50 do children[at] = { kind = "field", id = "f" .. round .. "_" .. at, label = ("y"):rep(500) } end
    panel:update { c = { children = children } }
end)
return {}
""",
    "glutton": """
local children = {}
for at = 1, 10000 do children[at] = { kind = "label", text = ("z"):rep(50) } end
local panel, why = host.ui.panel { id = "main", children = children }
host.log.warn(why)
host.ui.panel { id = "text", children = { { kind = "text", text = ("w "):rep(60000) } } }
return {}
""",
    "stubborn": """
local panel
panel = host.ui.panel { id = "main", children = {
    { kind = "button", id = "loop", text = "Loop", onClick = function() while true do panel:update { n = 1 } end end },
    { kind = "value", id = "n" },
} }
return {}
""",
}


def written(folder: Path) -> Path:
    for name, lua in MODULES.items():
        place = folder / "plugins" / name
        place.mkdir(parents=True)
        (place / "module.toml").write_text(f'name = "{name}"\nversion = "1.0.0"\nautoload = true\n')
        (place / "init.lua").write_text(lua)
    return folder


def card_of(session: Session, module: str) -> Card | None:
    return next((card for card in session.window.findChildren(Card) if card.module == module), None)


def drawn(session: Session, module: str, widgets: int) -> bool:
    card = card_of(session, module)
    return card is not None and len(card.findChildren(Head)) >= widgets


async def test_a_window_among_floods_misses_no_click(tmp_path: Path) -> None:
    async with living(written(tmp_path / "modules"), tmp_path / "data") as session:
        await until(lambda: drawn(session, "storm", 499) and drawn(session, "calm", 1), 30)
        await until(lambda: drawn(session, "rebuilder", 50) and drawn(session, "stubborn", 1), 30)
        calm = card_of(session, "calm")
        assert calm is not None
        go, clicks = found(calm, QPushButton, "shown.calm.main.go"), found(calm, Head, "shown.calm.main.clicks")
        for _ in range(CLICKS):
            QTest.mouseClick(go, Qt.MouseButton.LeftButton)
            await asyncio.sleep(0.02)
        await until(lambda: clicks.accessibleName() == f"Clicks: {CLICKS}", 20)


async def test_a_click_without_end_is_refused_in_its_panel_and_the_next_one_elsewhere_works(tmp_path: Path) -> None:
    async with living(written(tmp_path / "modules"), tmp_path / "data") as session:
        await until(lambda: drawn(session, "stubborn", 1) and drawn(session, "calm", 1), 30)
        loop = found(session.window, QPushButton, "shown.stubborn.main.loop")
        QTest.mouseClick(loop, Qt.MouseButton.LeftButton)
        QTest.mouseClick(found(session.window, QPushButton, "shown.calm.main.go"), Qt.MouseButton.LeftButton)
        await until(lambda: found(session.window, Head, "shown.calm.main.clicks").accessibleName() == "Clicks: 1", 20)
        await until(lambda: session.models.problems.rows, 20)
        assert any("onClick in panel main" in row.message for row in session.models.problems.rows)
