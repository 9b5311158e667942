"""A painter ends with its picture, whoever still looks at the frame that painted."""

from __future__ import annotations

import sys
from types import FrameType
from typing import Any

import pytest
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from host.desktop.theme.painting import painting


class Watched(QWidget):
    """Keeps the frame of its painting, as a heartbeat does that looks where the window is."""

    def __init__(self) -> None:
        super().__init__()
        self.frames: list[FrameType] = []
        self.seen: list[QPainter] = []

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - as Qt has it
        with painting(self) as painter:
            self.seen.append(painter)
            self.frames.append(sys._getframe())  # noqa: SLF001 - the documented way to a frame
            painter.drawLine(0, 0, 9, 9)


@pytest.mark.usefixtures("qapp")
def test_a_frame_that_is_held_leaves_no_painter_at_work(qtlog: Any) -> None:
    widget = Watched()
    widget.show()
    assert not widget.grab().isNull()
    assert not widget.grab().isNull()
    assert widget.frames
    assert not any(painter.isActive() for painter in widget.seen)
    assert not any("painter" in str(record.message) for record in qtlog.records)
