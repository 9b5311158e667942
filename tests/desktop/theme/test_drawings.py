from __future__ import annotations

import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from host.desktop.actions import SPECS
from host.desktop.theme.glyphs import TONES, paint_glyph
from host.desktop.theme.icons import FOLDER, pictures
from host.vocabulary.states import Status

pytestmark = pytest.mark.usefixtures("qapp")


MARKS = ("isolated", "locked", "watched", "unwatched", "degraded", "unhealthy")


def _drawn(kind: str) -> bytes:
    image = QImage(32, 32, QImage.Format.Format_ARGB32)
    image.fill(0)
    painter = QPainter(image)
    paint_glyph(painter, kind, QRectF(0, 0, 32, 32), QColor("#000000"))
    painter.end()
    return bytes(image.constBits())


def test_states_are_told_apart_without_colour() -> None:
    assert len({_drawn(status) for status in Status}) == len(Status)


def test_marks_are_told_apart_from_one_another_and_from_states() -> None:
    assert len({_drawn(each) for each in (*Status, *MARKS)}) == len(Status) + len(MARKS)


def test_every_state_has_a_tone() -> None:
    assert set(Status) <= set(TONES)


@pytest.mark.parametrize("name", sorted({spec.icon for spec in SPECS if spec.icon} | {"close", "follow", "clear"}))
def test_an_icon_takes_the_colour_it_is_asked_for(name: str) -> None:
    assert (FOLDER / f"{name}.svg").is_file()
    image = pictures(name, "#ff0000")[-1].toImage()
    inks = {
        image.pixelColor(x, y).name() for x in range(32) for y in range(32) if image.pixelColor(x, y).alpha() == 255
    }
    assert inks == {"#ff0000"}
