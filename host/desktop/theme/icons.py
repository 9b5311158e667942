"""Icons of our own: line drawings on a grid of 24, coloured as the theme wants them."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Final

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from host.desktop.theme.colours import Colours

FOLDER: Final = Path(__file__).parent.parent / "icons"
_INK: Final = b"#000000"
_SIZES: Final = (16, 24, 32)


def icon(name: str, colours: Colours) -> QIcon:
    """One icon with its disabled and its chosen look; ``name`` is a file of ``icons/`` without its ending."""
    made = QIcon()
    for mode, state, colour in (
        (QIcon.Mode.Normal, QIcon.State.Off, colours.muted),
        (QIcon.Mode.Active, QIcon.State.Off, colours.text),
        (QIcon.Mode.Normal, QIcon.State.On, colours.accent),
        (QIcon.Mode.Disabled, QIcon.State.Off, colours.frame),
    ):
        for size in _SIZES:
            made.addPixmap(picture(name, colour, size), mode, state)
    return made


@lru_cache(maxsize=512)
def picture(name: str, colour: str, size: int) -> QPixmap:
    """One icon in one colour, ``size`` pixels square."""
    renderer = QSvgRenderer(QByteArray(_drawing(name).replace(_INK, colour.encode())))
    pixmap = QPixmap(QSize(size, size))
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    renderer.render(painter, QRectF(0, 0, size, size))
    painter.end()
    return pixmap


@lru_cache(maxsize=128)
def _drawing(name: str) -> bytes:
    return (FOLDER / f"{name}.svg").read_bytes()


def program_icon() -> QIcon:
    """The icon of the program itself, in its own colours."""
    return QIcon(str(FOLDER / "theseus.svg"))
