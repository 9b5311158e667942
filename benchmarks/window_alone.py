"""Measures the window in a process of its own and prints what it found as one line of JSON.

``parts``: its models and panels, each at work on much. ``flood``: the whole of it, while modules load and log.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import qasync
from PySide6.QtCore import QCoreApplication, QObject, Slot
from PySide6.QtWidgets import QApplication, QMainWindow, QTreeWidget, QTreeWidgetItem, QWidget

from benchmarks.beating import Heartbeat
from host.desktop.keepers import Supervised
from host.desktop.models.columns import LOG
from host.desktop.models.ring import CAPACITY, Ring
from host.desktop.models.state import PAGE, PageRequest, StateTree
from host.desktop.panels.log import LogPanel
from host.desktop.session import Session
from host.desktop.theme.look import Look, ThemeChoice
from host.desktop.widgets.command_palette import CommandPalette, Entry
from host.desktop.widgets.state_view import StateView
from host.vocabulary.states import Status
from host.vocabulary.views import Changes, LogLine, StatePage, StateRow

NODES = 100_000
BATCH = 667
"""Lines of one answer, at 30 answers and 20,000 lines a second."""
ENTRIES = 2_000
TYPED = "swap module 1234"


def main() -> int:
    what, rounds, *rest = sys.argv[1:]
    application = QApplication(sys.argv[:1])
    application.setQuitOnLastWindowClosed(False)
    if what == "parts":
        found: dict[str, Any] = parts(application, int(rounds))
    else:
        loop = qasync.QEventLoop(application)
        try:
            found = loop.run_until_complete(flood(application, int(rounds), Path(rest[0]), float(rest[1])))
        finally:
            loop.close()
    print(json.dumps(found))
    return 0


# -- parts ---------------------------------------------------------------------------------------------------------


def parts(application: QApplication, rounds: int) -> dict[str, Any]:
    look = Look(application, ThemeChoice.DARK, 100)
    look.apply()
    return {
        "state": [_opened(look) for _ in range(rounds)],
        "filled": [_filled() for _ in range(rounds)],
        "log": [each for _ in range(rounds) for each in _logged(look)],
        "palette": [_typed(look) for _ in range(rounds)],
    }


@contextmanager
def _shown(panel: QWidget, width: int, height: int) -> Iterator[None]:
    """Show a panel in a window, painted."""
    window = QMainWindow()
    window.setCentralWidget(panel)
    window.resize(width, height)
    window.show()
    _draw(panel)
    yield
    window.close()


def _draw(widget: QWidget) -> None:
    """Let the window take in what changed, and paint it."""
    widget.update()
    QCoreApplication.processEvents()


def _opened(look: Look) -> float:
    """Seconds until a table of 100,000 entries stands open with its first page."""
    tree = StateTree()
    view = StateView(tree, look)
    rows = tuple(StateRow(key=at, kind="number", text=str(at)) for at in range(1, PAGE + 1))
    table = StateRow(key="items", kind="table", text=f"{NODES} entries", children=NODES)
    with _shown(view, 800, 600):
        began = time.perf_counter()
        tree.fill(PageRequest(()), StatePage(digest="", total=1, rows=(table,)))
        items = tree.index(0, 0)
        view.expand(items)
        view.expand(tree.index(0, 0, items))
        tree.fill(PageRequest(("items",)), StatePage(digest="", total=NODES, rows=rows))
        _draw(view)
        return time.perf_counter() - began


def _filled() -> float:
    """The same for a widget that holds all its items."""
    tree = QTreeWidget()
    tree.setColumnCount(4)
    with _shown(tree, 800, 600):
        began = time.perf_counter()
        table = QTreeWidgetItem(["items", f"{NODES} entries", "table", ""])
        table.addChildren([QTreeWidgetItem([str(at), str(at), "number", ""]) for at in range(NODES)])
        tree.addTopLevelItem(table)
        table.setExpanded(True)
        _draw(tree)
        return time.perf_counter() - began


def _logged(look: Look) -> Iterator[float]:
    """Seconds for each line of a full log that follows."""
    ring = Ring[LogLine](LOG)
    panel = LogPanel(ring, look)
    text = "a line of some length, as they are"
    with _shown(panel, 800, 300):
        for number in range(30):
            at = range(number * BATCH, (number + 1) * BATCH)
            batch = [LogLine(revision=each, at=float(each), level="info", module="chat", text=text) for each in at]
            began = time.perf_counter()
            ring.append(batch)
            _draw(panel)
            if ring.total == CAPACITY:
                yield (time.perf_counter() - began) / BATCH


def _typed(look: Look) -> list[tuple[float, float]]:
    """Seconds for each key typed into the palette, and of the processor's time."""
    entries = [Entry(f"inspect.m{at}", f"swap module_{at:04}_of_some_name", "module", int) for at in range(ENTRIES)]
    below = QWidget()
    palette = CommandPalette(look, below, lambda: entries)
    took = []
    with _shown(below, 1000, 700):
        palette.summon()
        _draw(palette)
        for at in range(1, len(TYPED) + 1):
            began, spent = time.perf_counter(), time.process_time()
            palette.search(TYPED[:at])
            _draw(palette)
            took.append((time.perf_counter() - began, time.process_time() - spent))
    return took


# -- flood -----------------------------------------------------------------------------------------------------------


async def flood(application: QApplication, modules: int, roots: Path, seconds: float) -> dict[str, Any]:
    """The gaps of a window from its first frame until all modules run, and for some seconds of their logging."""
    with tempfile.TemporaryDirectory(prefix="theseus-bench-") as data:
        engine = [sys.executable, "-m", "host", "engine", "--modules", str(roots), "--data", data]
        keeper = Supervised(engine, Path(data))
        await keeper.start()
        session = Session(application, Path(data))
        session.show()
        session.window.focus_dock("log")
        heart = Heartbeat()
        await asyncio.sleep(0.2)
        heart.start()
        running = asyncio.ensure_future(session.run(keeper))
        async with asyncio.timeout(60):
            while len(_active(session)) < modules:  # noqa: ASYNC110 - the window tells nobody
                await asyncio.sleep(0.05)
        loading, lines = list(heart.gaps), _Counter(session)
        heart.start()
        began = time.perf_counter()
        await asyncio.sleep(seconds)
        rate = lines.count / (time.perf_counter() - began)
        resident = psutil.Process().memory_info().rss
        if len(_active(session)) < modules:
            raise RuntimeError("; ".join(row.message for row in session.models.problems.rows))
        session.window.close()
        await running
    return {"loading": loading, "logging": list(heart.gaps), "rate": rate, "resident": resident}


class _Counter(QObject):
    """Counts the lines of the log that come from now on."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.count = 0
        session.mirror.changed.connect(self._add)

    @Slot(object)
    def _add(self, changes: Changes) -> None:
        self.count += len(changes.log)


def _active(session: Session) -> list[str]:
    return [name for name, view in session.models.modules.views.items() if view.status is Status.ACTIVE]


if __name__ == "__main__":
    sys.exit(main())
