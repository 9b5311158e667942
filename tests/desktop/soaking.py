"""A window that is told something new 30 times a second, for so many seconds; ends with 1 where it was harmed by that.

Run as ``python -m tests.desktop.soaking SECONDS FOLDER``, in a process of its own: what it looks for ends the process.
"""

from __future__ import annotations

import asyncio
import sys
import time
from itertools import cycle
from pathlib import Path
from typing import Final

import qasync
from PySide6.QtWidgets import QApplication

from host.desktop.actions import SECTIONS
from host.desktop.keepers import Attached
from host.desktop.session import Session
from host.vocabulary.events import EventKind
from host.vocabulary.views import ActivityRow
from tests.desktop.stage import Stage, view

PERIOD_S: Final = 1 / 30
LOST: Final = 1_000
"""References to ``None`` that may go meanwhile; a binding that drops one with each call loses thousands a second."""


def main() -> int:
    seconds, folder = float(sys.argv[1]), Path(sys.argv[2])
    application = QApplication(sys.argv[:1])
    application.setQuitOnLastWindowClosed(False)
    loop = qasync.QEventLoop(application)
    try:
        return int(loop.run_until_complete(_soaked(application, seconds, folder)))
    finally:
        loop.close()


async def _soaked(application: QApplication, seconds: float, folder: Path) -> bool:
    stage = Stage(folder)
    async with stage.server:
        session = Session(application, folder)
        session.faults.install(asyncio.get_running_loop())
        session.show()
        running = asyncio.ensure_future(session.run(Attached(folder)))
        await session.link.wait_up()
        before, rounds = sys.getrefcount(None), await _refreshed(session, stage, seconds)
        lost = before - sys.getrefcount(None)
        mistakes = [row.message for row in session.models.problems.rows if row.id.startswith("window:")]
        session.window.close()
        await running
        session.faults.remove()
    print(f"{rounds} rounds, {lost} references to None lost, {len(stage.bugs)} bugs, {mistakes}")  # noqa: T201 - read by the test
    return bool(lost > LOST or mistakes or stage.bugs)


async def _refreshed(session: Session, stage: Stage, seconds: float) -> int:
    stage.put(*(view(f"module_{at}", needs=("module_0",)) for at in range(20)))
    stage.states["module_0"] = {"n": 0, "list": dict.fromkeys(range(1, 50), 0)}
    end, rounds, sections = time.monotonic() + seconds, 0, cycle(SECTIONS)
    while time.monotonic() < end:
        rounds += 1
        stage.states["module_0"]["n"] = rounds
        stage.activities["module_0"] = (ActivityRow(kind="hook", name="onMessage", calls=rounds),)
        stage.change(f"module_{rounds % 20}", calls=rounds, ms_per_s=rounds % 7)
        stage.say(*(("info", "module_0", f"line {rounds}.{at}") for at in range(50)))
        stage.tell(EventKind.MODULE_LOADED, "module_0")
        if rounds % 10 == 0:
            session.window.modules.select("module_0")
            session.window.actions_by_id[f"section.{next(sections)}"].trigger()
        if rounds % 50 == 0:
            session.window.actions_by_id["view.palette"].trigger()
        await asyncio.sleep(PERIOD_S)
    return rounds


if __name__ == "__main__":
    sys.exit(main())
