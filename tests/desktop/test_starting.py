"""What the first frame waits for."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from pathlib import Path

import pytest

from host.desktop.app import CannotShow, run

SPEAKS = {"msgspec", "host.protocol.client", "host.protocol.messages", "host.vocabulary.views", "host.engine"}
LATER = {"networkx", "jsonschema", "host.desktop.form", "host.desktop.panels.timeline", "host.desktop.panels.source"}
DRAWN = """
import asyncio, sys
from pathlib import Path
import qasync
from host.desktop.app import made_application
from host.desktop.keepers import Supervised
from host.desktop.session import Session
application = made_application()
async def show():
    session = Session(application, Path(sys.argv[1]))
    session.show()
    await asyncio.sleep(0)
    print(*sys.modules)
    print(*vars(sys.modules["PySide6.QtWidgets"]), flush=True)
    session.window.close()
qasync.QEventLoop(application).run_until_complete(show())
"""
"""Prints what is imported with the first frame, and the classes of Qt that PySide has made until then."""


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> tuple[set[str], set[str]]:
    command = [sys.executable, "-c", DRAWN, str(tmp_path_factory.mktemp("data"))]
    imported, made = subprocess.check_output(command, text=True).splitlines()
    return set(imported.split()), set(made.split())


def test_nothing_that_speaks_to_the_engine_is_imported_before_the_first_frame(drawn: tuple[set[str], set[str]]) -> None:
    imported, _ = drawn
    assert "host.desktop.session" in imported
    assert imported & (SPEAKS | LATER) == set()


def test_pyside_makes_classes_of_qt_only_as_they_are_used(drawn: tuple[set[str], set[str]]) -> None:
    """A call that returns a widget, an event or a style made elsewhere would have it make all there are of these."""
    _, made = drawn
    assert "QTreeView" in made
    assert made & {"QCalendarWidget", "QWizard", "QStyle", "QCommonStyle", "QFileDialog"} == set()


def test_the_engine_is_started_before_anything_is_imported_that_takes_long() -> None:
    command = [sys.executable, "-c", "import host.cli, host.cli.running, host.desktop.app, sys; print(*sys.modules)"]
    imported = set(subprocess.check_output(command, text=True).split())
    assert "host.protocol.launching" in imported
    assert imported & {"asyncio", "PySide6", "qasync"} == set()


def test_an_engine_that_was_started_ends_where_qt_turns_out_not_to_load(tmp_path: Path) -> None:
    broken = tmp_path / "PySide6"
    broken.mkdir()
    (broken / "__init__.py").write_text("raise ImportError('a library of the system is missing')")
    engine = f"import sys; sys.stdin.read(); open({str(tmp_path / 'ended')!r}, 'w').close()"
    opens = f"""
from pathlib import Path
from host.desktop.app import CannotShow, run
try:
    run(engine_command=[{sys.executable!r}, "-c", {engine!r}], data=Path({str(tmp_path)!r}))
except CannotShow as why:
    print(why)
"""
    here = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])}
    said = subprocess.check_output([sys.executable, "-c", opens], text=True, env=here)
    assert said == "Qt cannot be loaded (a library of the system is missing)\n"
    assert (tmp_path / "ended").exists()


def test_a_window_that_cannot_show_leaves_the_garbage_collector_on(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    assert gc.isenabled()
    with pytest.raises(CannotShow):
        run(engine_command=["false"], data=tmp_path)
    assert gc.isenabled()
