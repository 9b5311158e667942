"""The window as a program: refuses where it cannot run, starts the engine first, then shows itself."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

from host.desktop.fitness import binding_problem, display_problem
from host.protocol.launching import Launched, launched

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from host.desktop.life import Visit
    from host.desktop.session import Session
    from host.desktop.tree import Node

__all__ = ["CannotShow", "attach", "be_visited", "display_problem", "dump", "made_application", "run"]

_READY_S: Final = 30.0


class CannotShow(Exception):
    """No window can be shown here; the text is one sentence."""


def run(
    *,
    engine_command: Sequence[str],
    data: Path,
    safe_command: Sequence[str] = (),
    on_shown: Callable[[], None] | None = None,
) -> int:
    """Open the workbench with an engine of its own; closing it ends the engine.

    Args:
        engine_command: starts an engine on ``data`` that speaks as ``protocol.beside`` does.
        data: the data folder; made where it is missing.
        safe_command: starts it with nothing loaded, after bad starts.
        on_shown: called once the first frame stands.

    Returns:
        The exit status of the process.

    Raises:
        CannotShow: no display, no Qt, or a Qt that must not be used; nothing runs that was started.
    """
    with _uncollected():
        first = _first(engine_command, data)
        try:
            application = made_application()
        except BaseException:
            if first is not None:
                first.end()
            raise
        from host.desktop.keepers import Supervised  # noqa: PLC0415 - imports Qt, which has to be found fit first
        from host.desktop.life import lived  # noqa: PLC0415 - the same

        return lived(application, data, Supervised(engine_command, data, safe_command, first), on_shown)


def attach(*, data: Path) -> int:
    """Open the workbench on an engine that runs already; closing it leaves the engine running.

    Raises:
        CannotShow: as for ``run``.
    """
    with _uncollected():
        application = made_application()
        from host.desktop.keepers import Attached  # noqa: PLC0415 - imports Qt, which has to be found fit first
        from host.desktop.life import lived  # noqa: PLC0415 - the same

        return lived(application, data, Attached(data))


def dump(*, engine_command: Sequence[str], data: Path) -> Node:
    """Open the workbench with an engine of its own, wait until it shows what the engine has, and close it.

    Returns:
        What was shown, as ``tree.visible_tree`` gives it.

    Raises:
        CannotShow: as for ``run``, or the engine did not come up.
    """
    shown: list[Node] = []
    why = f"the engine was not ready within {_READY_S:g} s"

    async def visit(session: Session) -> None:
        import asyncio  # noqa: PLC0415 - the engine is started first

        from host.desktop.tree import visible_tree  # noqa: PLC0415 - imports Qt, which has to be found fit first

        nonlocal why
        with suppress(TimeoutError):
            async with asyncio.timeout(_READY_S):
                why = await session.ready()
        if not why:
            shown.append(visible_tree(session.window))
        session.window.close()

    be_visited(engine_command=engine_command, data=data, visit=visit)
    if not shown:
        raise CannotShow(why.rstrip("."))
    return shown[0]


def be_visited(*, engine_command: Sequence[str], data: Path, visit: Visit) -> int:
    """Open the workbench with an engine of its own, and let somebody look at it from within while it is open.

    Returns:
        The exit status of the process.

    Raises:
        CannotShow: as for ``run``.
    """
    application = made_application()
    from host.desktop.keepers import Supervised  # noqa: PLC0415 - imports Qt, which has to be found fit first
    from host.desktop.life import lived  # noqa: PLC0415 - the same

    return lived(application, data, Supervised(engine_command, data), visit=visit)


@contextmanager
def _uncollected() -> Iterator[None]:
    """No garbage collection before the first frame, which ends this early: what is made for it all stays."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _first(command: Sequence[str], data: Path) -> Launched | None:
    """The engine, which starts while Qt is imported; none where no window can come, or where it cannot be started."""
    if display_problem() or find_spec("PySide6") is None:
        return None
    with suppress(OSError):
        return launched(command, data)
    return None


def made_application() -> QApplication:
    """Qt's application in the style that our palettes are made for.

    Raises:
        CannotShow: as for ``run``.
    """
    if problem := display_problem():
        raise CannotShow(problem)
    try:
        import PySide6  # noqa: PLC0415 - the window is optional
        from PySide6.QtWidgets import QApplication  # noqa: PLC0415 - the same
    except ImportError as error:
        raise CannotShow(f"Qt cannot be loaded ({error})") from error
    if problem := binding_problem(PySide6.__version__):
        raise CannotShow(problem)
    application = QApplication([*sys.argv[:1], "-style", "Fusion"])  # setStyle returns it: PySide makes every style
    application.setApplicationName("theseus")
    application.setApplicationDisplayName("Theseus")
    application.setDesktopFileName("theseus")
    application.setQuitOnLastWindowClosed(False)  # the engine ends first
    return application
