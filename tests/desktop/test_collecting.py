"""Garbage is collected in the window's own thread and in no other, by the counts by which Python does it."""

from __future__ import annotations

import gc
import threading
import weakref

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from host.desktop import collecting
from host.desktop.collecting import Collecting
from host.desktop.session import Session
from tests.desktop.opened import in_window


class Cycle:
    """Holds itself."""

    def __init__(self) -> None:
        self.itself = self


def litter(count: int) -> weakref.ref[Cycle]:
    cycles = [Cycle() for _ in range(count)]
    return weakref.ref(cycles[0])


def test_another_thread_collects_nothing_and_the_timer_does(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collecting, "PERIOD_MS", 5)
    parent = QObject()
    found: list[weakref.ref[Cycle]] = []
    with Collecting(parent).alone():
        gc.collect()
        thread = threading.Thread(target=lambda: found.append(litter(10_000)))
        thread.start()
        thread.join()
        assert found[0]() is not None
        qtbot.waitUntil(lambda: found[0]() is None)
    assert gc.isenabled()


def test_what_was_switched_off_before_stays_so(qtbot: QtBot) -> None:  # noqa: ARG001 - a timer wants an application
    parent = QObject()
    gc.disable()
    try:
        with Collecting(parent).alone():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_without_garbage_nothing_is_collected(qtbot: QtBot) -> None:  # noqa: ARG001 - as above
    collecting_here = Collecting(QObject())
    gc.collect()
    before = [each["collections"] for each in gc.get_stats()]
    collecting_here.look()
    assert [each["collections"] for each in gc.get_stats()] == before


@in_window
async def test_a_window_collects_by_itself_while_it_lives(session: Session) -> None:
    assert session.window.isVisible()
    assert not gc.isenabled()
