"""The window as a program: refuses where it cannot run, starts the engine first, then shows itself."""

from __future__ import annotations

import asyncio
import gc
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from host.desktop.fitness import binding_problem, display_problem

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from host.desktop.keepers import Keeper

__all__ = ["attach", "display_problem", "run"]


class CannotShow(Exception):
    """No window can be shown here; the text is one sentence."""


def _nothing() -> None:
    """Nobody wants to know."""


def run(*, engine_command: Sequence[str], data: Path, on_shown: Callable[[], None] = _nothing) -> int:
    """Open the workbench with an engine of its own; closing it ends the engine.

    Args:
        engine_command: starts an engine on ``data`` that speaks as ``protocol.beside`` does.
        data: the data folder; made where it is missing.
        on_shown: called once the first frame stands.

    Returns:
        The exit status of the process.

    Raises:
        CannotShow: no display, no Qt, or a Qt that must not be used; nothing was started.
    """
    with _uncollected():
        application = _made_application()
        from host.desktop.keepers import Supervised  # noqa: PLC0415 - imports Qt, which has to be found fit first

        return _lived(application, data, Supervised(engine_command, data), on_shown)


def attach(*, data: Path) -> int:
    """Open the workbench on an engine that runs already; closing it leaves the engine running.

    Raises:
        CannotShow: as for ``run``.
    """
    with _uncollected():
        application = _made_application()
        from host.desktop.keepers import Attached  # noqa: PLC0415 - imports Qt, which has to be found fit first

        return _lived(application, data, Attached(data), _nothing)


@contextmanager
def _uncollected() -> Iterator[None]:
    """No garbage collection before the first frame, which ends this early: what is made for it all stays."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _made_application() -> QApplication:
    if problem := display_problem():
        raise CannotShow(problem)
    try:
        import PySide6  # noqa: PLC0415 - the window is optional
        from PySide6.QtWidgets import QApplication  # noqa: PLC0415 - the same
    except ImportError as error:
        raise CannotShow(f"Qt cannot be loaded ({error})") from error
    if problem := binding_problem(PySide6.__version__):
        raise CannotShow(problem)
    application = QApplication(sys.argv[:1])
    application.setApplicationName("theseus")
    application.setApplicationDisplayName("Theseus")
    application.setDesktopFileName("theseus")
    application.setQuitOnLastWindowClosed(False)  # the engine ends first
    return application


def _lived(application: QApplication, data: Path, keeper: Keeper, on_shown: Callable[[], None]) -> int:
    import qasync  # noqa: PLC0415 - imports Qt, which has to be found fit first

    loop = qasync.QEventLoop(application)
    asyncio.set_event_loop(loop)
    try:
        loop.run_until_complete(_live(application, data, keeper, on_shown))
    finally:
        loop.close()
        asyncio.set_event_loop(None)
    return 0


async def _live(application: QApplication, data: Path, keeper: Keeper, on_shown: Callable[[], None]) -> None:
    """The engine starts while the rest of the window is still being imported and built."""
    await keeper.start()
    await asyncio.sleep(0)  # lets the engine be started before anything long is done here
    from host.desktop.session import Session  # noqa: PLC0415 - half of the start time; the engine starts meanwhile

    session = Session(application, data)
    session.faults.install(asyncio.get_running_loop())
    try:
        session.show()
        await asyncio.sleep(0)  # Qt draws before it runs what waits
        on_shown()
        gc.freeze()  # types and widgets that live as long as the window; later collections pass them over
        gc.enable()
        await session.run(keeper)
    finally:
        session.faults.remove()
