"""Waiting for what a window shows, with a deadline."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

Kind = TypeVar("Kind", bound=QObject)


async def until(claim: Callable[[], object], within_s: float = 5.0) -> None:
    """Let the window live until a claim holds."""
    async with asyncio.timeout(within_s):
        while not claim():  # noqa: ASYNC110 - widgets have no event to wait for
            await asyncio.sleep(0.005)


def found(window: QWidget, kind: type[Kind], name: str) -> Kind:
    """The one object of a window that has this name."""
    matches = window.findChildren(kind, name)
    assert len(matches) == 1, f"{name}: {len(matches)} found"
    return matches[0]
