"""Coroutine tests of the window run on Qt's loop."""

from __future__ import annotations

import asyncio
import gc
import os
from collections.abc import Callable, Iterator, Mapping

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import qasync
from PySide6.QtWidgets import QApplication


def _qt_loop() -> asyncio.AbstractEventLoop:
    application = QApplication.instance() or QApplication([])
    assert isinstance(application, QApplication)
    application.setQuitOnLastWindowClosed(False)
    return qasync.QEventLoop(application)  # type: ignore[no-any-return]  # qasync is untyped


def pytest_asyncio_loop_factories(
    config: pytest.Config,  # noqa: ARG001 - the hook's shape
    item: pytest.Item,  # noqa: ARG001 - the hook's shape
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    return {"qt": _qt_loop}


@pytest.fixture(autouse=True, scope="module")
def _no_widget_is_left() -> Iterator[None]:
    """Free what a module's tests left in cycles here: in another thread the collector ends the process by it."""
    yield
    gc.collect()
