"""A mistake of the window's own becomes a row, and the window lives on."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, QTimer, Signal, Slot, qWarning
from PySide6.QtWidgets import QApplication

from host.desktop.errands import Errands
from host.desktop.faults import Faults
from host.desktop.models.host import HostModels
from host.desktop.muting import Muting
from host.desktop.settings import Settings
from host.vocabulary.views import Severity
from tests.desktop.waiting import until


class Clumsy(QObject):
    """Fails in a slot."""

    called = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.called.connect(self.fail)

    @Slot()
    def fail(self) -> None:
        raise ZeroDivisionError("a plank is missing")


@pytest.fixture
def faults(qapp: QApplication, capsys: pytest.CaptureFixture[str]) -> Iterator[Faults]:  # noqa: ARG001 - both are wanted
    made = Faults()
    yield made
    made.remove()


@pytest.fixture
def rows(faults: Faults, tmp_path: Path) -> HostModels:
    models = HostModels(Muting(Settings(tmp_path)))
    faults.changed.connect(models.take_faults)
    return models


async def test_an_exception_in_a_slot_becomes_a_problem(faults: Faults, rows: HostModels) -> None:
    faults.install(asyncio.get_running_loop())
    clumsy = Clumsy()
    QTimer.singleShot(0, clumsy.called.emit)
    await until(rows.problems.rowCount)
    problem = rows.problems.rows[0]
    assert problem.message == "The window made a mistake (ZeroDivisionError: a plank is missing)"
    assert problem.file.endswith("test_faults.py")
    assert problem.severity is Severity.ERROR


async def test_the_same_mistake_again_is_counted(faults: Faults, rows: HostModels) -> None:
    faults.install(asyncio.get_running_loop())
    clumsy = Clumsy()
    for _ in range(3):
        QTimer.singleShot(0, clumsy.called.emit)
    await until(lambda: rows.problems.rows and rows.problems.rows[0].count == 3)
    assert rows.problems.rowCount() == 1


async def test_an_exception_in_a_thread_becomes_a_problem(faults: Faults, rows: HostModels) -> None:
    faults.install(asyncio.get_running_loop())
    clumsy = Clumsy()
    thread = threading.Thread(target=clumsy.fail)
    thread.start()
    thread.join()
    await until(rows.problems.rowCount)
    assert "a plank is missing" in rows.problems.rows[0].message


async def test_an_exception_that_a_loop_finds_becomes_a_problem(faults: Faults, rows: HostModels) -> None:
    loop = asyncio.get_running_loop()
    faults.install(loop)
    clumsy = Clumsy()
    loop.call_soon(clumsy.fail)
    await until(rows.problems.rowCount)
    assert "a plank is missing" in rows.problems.rows[0].message


async def test_a_warning_of_qt_becomes_a_warning(faults: Faults, rows: HostModels) -> None:
    faults.install(asyncio.get_running_loop())
    qWarning("no such font")
    await until(rows.problems.rowCount)
    assert rows.problems.rows[0].message == "Qt: no such font"
    assert rows.problems.rows[0].severity is Severity.WARNING


async def test_a_mistake_in_one_errand_leaves_the_others_running(faults: Faults, rows: HostModels) -> None:
    finished = asyncio.Event()

    async def fail() -> None:
        raise ZeroDivisionError("a plank is missing")

    async def go_on() -> None:
        await asyncio.sleep(0.01)
        finished.set()

    async with Errands(faults.report) as errands:
        errands.run(fail(), "fail")
        errands.run(go_on(), "go on")
        async with asyncio.timeout(5):
            await finished.wait()
    assert rows.problems.rowCount() == 1


async def test_errands_that_still_run_are_ended_with_the_window(faults: Faults) -> None:
    ended = asyncio.Event()

    async def wait_for_ever() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async with Errands(faults.report) as errands:
        errands.run(wait_for_ever(), "wait")
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    assert ended.is_set()


async def test_an_errand_that_is_given_early_starts_when_the_window_lives(faults: Faults) -> None:
    done = asyncio.Event()

    async def finish() -> None:
        done.set()

    errands = Errands(faults.report)
    errands.run(finish(), "early")
    assert not done.is_set()
    async with errands, asyncio.timeout(5):
        await done.wait()


async def test_python_is_left_as_it_was_found(faults: Faults) -> None:
    faults.install(asyncio.get_running_loop())
    faults.remove()
    assert sys.excepthook is sys.__excepthook__
    assert threading.excepthook is threading.__excepthook__
