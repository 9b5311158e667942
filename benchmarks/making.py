"""Modules made for a measurement, as files."""

from __future__ import annotations

import random
from pathlib import Path

TIERS = ("extensions", "integrations", "plugins")

KEEPING = """local M = { items = {} }
M.hooks = { onItem = function(item) M.items[#M.items + 1] = item end }
M.exports = { count = function() return #M.items end }
function M:init(config) self.started = config ~= nil end
function M:getState() return { items = self.items } end
function M:setState(state) self.items = state.items end
function M:cleanup() self.items = nil end
return M
"""
"""A module that keeps what it is told."""


def write_module(folder: Path, name: str, version: str, source: str, manifest: str = "") -> Path:
    """Write one module version; ``manifest`` is what follows its name and version. Gives its entry file."""
    folder.mkdir(parents=True)
    folder.joinpath("module.toml").write_text(f'name = "{name}"\nversion = "{version}"\n{manifest}')
    entry = folder / "init.lua"
    entry.write_text(source)
    return entry


def write_many(root: Path, count: int) -> list[str]:
    """Write modules that need up to two earlier ones each, in the tiers that may; gives their names."""
    chance = random.Random(count)
    names = [f"module_{number:04}" for number in range(count)]
    for number, name in enumerate(names):
        needed = sorted(chance.sample(names[:number], min(number, 2)))
        needs = "".join(f'{each} = "^1.0"\n' for each in needed)
        folder = root / TIERS[number % len(TIERS)] / name
        write_module(folder, name, f"1.{number % 7}.0", KEEPING, f'summary = "made"\n[dependencies]\n{needs}')
    return names
