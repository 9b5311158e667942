"""Painting that ends when it is done."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget


@contextmanager
def painting(widget: QWidget) -> Iterator[QPainter]:
    """Paint on a widget, within its ``paintEvent``.

    A painter ends with its last reference, and the frame that holds it may be held in turn, by a heartbeat
    that looks where the window is: Qt would then end the picture before its painter, and complain.
    """
    painter = QPainter(widget)
    try:
        yield painter
    finally:
        painter.end()
