"""The life of the window's process once there is Qt: its loop, the first frame, and all until it closes."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any

import qasync
from PySide6.QtWidgets import QApplication

from host.desktop.keepers import Keeper

if TYPE_CHECKING:
    from host.desktop.session import Session

    Visit = Callable[[Session], Coroutine[Any, Any, None]]


def lived(
    application: QApplication,
    data: Path,
    keeper: Keeper,
    on_shown: Callable[[], None] | None = None,
    visit: Visit | None = None,
) -> int:
    """Show the window and live until it is closed.

    Args:
        application: Qt's.
        data: the data folder.
        keeper: of the engine.
        on_shown: called once the first frame stands.
        visit: looks at the window from within while it is open.

    Returns:
        The exit status of the process.
    """
    loop = qasync.QEventLoop(application)
    asyncio.set_event_loop(loop)
    try:
        loop.run_until_complete(_live(application, data, keeper, on_shown, visit))
    finally:
        loop.close()
        asyncio.set_event_loop(None)
    return 0


async def _live(
    application: QApplication, data: Path, keeper: Keeper, on_shown: Callable[[], None] | None, visit: Visit | None
) -> None:
    """The engine starts while the rest of the window is still being imported and built."""
    await keeper.start()
    await asyncio.sleep(0)  # lets the engine be started before anything long is done here
    from host.desktop.session import Session  # noqa: PLC0415 - half of the start time; the engine starts meanwhile

    session = Session(application, data)
    session.faults.install(asyncio.get_running_loop())
    try:
        session.show()
        await asyncio.sleep(0)  # Qt draws before it runs what waits
        if on_shown is not None:
            on_shown()
        gc.freeze()  # types and widgets that live as long as the window; later collections pass them over
        gc.enable()
        if visit is not None:
            session.errands.run(visit(session), "visit the window")
        await session.run(keeper)
    finally:
        session.faults.remove()
