"""A whole window, fed by a scripted engine through the real protocol."""

from __future__ import annotations

import asyncio
import functools
import inspect
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from host.desktop.keepers import Attached
from host.desktop.session import Session
from tests.desktop.stage import Stage

Test = Callable[..., Awaitable[None]]


@asynccontextmanager
async def opened(stage: Stage) -> AsyncIterator[Session]:
    """A window on an engine, shown and connected; nothing of it may have gone wrong at the end."""
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    session = Session(application, stage.data)
    session.show()
    running = asyncio.ensure_future(session.run(Attached(stage.data)))
    try:
        async with asyncio.timeout(5):
            await session.link.wait_up()
        yield session
        mistakes = [row.message for row in session.models.problems.rows if row.id.startswith("window:")]
    finally:
        session.window.close()
        async with asyncio.timeout(5):
            await running
    assert mistakes == []
    assert stage.bugs == []


def in_window(test: Test) -> Callable[[Path], Awaitable[None]]:
    """Run a test, which takes ``session`` and perhaps ``stage``, inside of a window.

    Window and test live in one run of the loop: between fixtures and test, pytest-qt lets Qt run where asyncio has no
    loop that runs.
    """
    wanted = set(inspect.signature(test).parameters)

    @functools.wraps(test)
    async def wrapped(tmp_path: Path) -> None:
        stage = Stage(tmp_path)
        async with stage.server, opened(stage) as session:
            given = {"session": session, "stage": stage}
            await test(**{name: given[name] for name in wanted})

    del wrapped.__wrapped__  # pytest would ask for the parameters of the inner one
    return pytest.mark.usefixtures("qapp")(wrapped)
