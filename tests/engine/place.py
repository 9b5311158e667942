"""A place where a host runs: a folder of modules, a data folder, and ways to look at what happens there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

from host import Host
from host.engine.chronicle import Chronicle
from host.vocabulary.events import Event, EventKind

DEADLINE: Final = 10.0
"""Seconds after which what was waited for counts as not happening."""


class Place:
    """Folders below one that is empty at first."""

    def __init__(self, folder: Path, *, isolated: bool = False) -> None:
        """Make it.

        Args:
            folder: in which all lies.
            isolated: whether each module that says nothing of it has a process of its own.
        """
        self.isolated: Final = isolated
        self.root: Final = folder / "modules"
        self.data: Final = folder / "data"
        self.root.mkdir()

    def module(
        self,
        name: str,
        lua: str = "return {}",
        version: str = "1.0.0",
        *,
        more: str = "",
        tier: str = "plugins",
        folder: str = "",
    ) -> Path:
        """Write ``<tier>/<name>[/<folder>]`` with a manifest and an entry file; gives the folder."""
        path = self.root / tier / name / folder
        path.mkdir(parents=True, exist_ok=True)
        if self.isolated and "isolation" not in more:
            more = f'isolation = "process"\n{more}'
        (path / "module.toml").write_text(f'name = "{name}"\nversion = "{version}"\n{more}')
        (path / "init.lua").write_text(lua)
        return path

    def host(
        self,
        *,
        autoload: bool = False,
        watch: bool = False,
        restore: bool = False,
        quarantine: tuple[int, float] | None = (5, 10.0),
    ) -> Host:
        return Host([self.root], self.data, autoload=autoload, watch=watch, restore=restore, quarantine=quarantine)


async def until(events: AsyncIterator[Event], kind: EventKind, module: str = "") -> Event:
    """Wait for an event."""
    async with asyncio.timeout(DEADLINE):
        async for event in events:
            if event.event is kind and module in {"", event.module}:
                return event
    raise AssertionError(f"the host ended before {kind}")


def kinds(chronicle: Chronicle, module: str = "") -> list[EventKind]:
    """What happened so far."""
    return [event.event for event in chronicle.events_since(0) if module in {"", event.module}]


def lines(chronicle: Chronicle, module: str = "") -> list[str]:
    """What was logged so far."""
    return [line.text for line in chronicle.log_since(0) if module in {"", line.module}]


async def until_logged(chronicle: Chronicle, text: str, times: int = 1) -> None:
    """Wait until a line was logged so often."""
    async with asyncio.timeout(DEADLINE):
        while lines(chronicle).count(text) < times:
            await chronicle.newer_than(chronicle.revision, DEADLINE)
