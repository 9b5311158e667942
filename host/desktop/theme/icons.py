"""Icons of our own: line drawings on a grid of 24, coloured as the theme wants them."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from host.desktop.theme.colours import Colours

FOLDER: Final = Path(__file__).parent.parent / "icons"
_SIZES: Final = (16, 24, 32)


@lru_cache(maxsize=256)
def icon(name: str, colours: Colours) -> QIcon:
    """One icon with its disabled and its chosen look; ``name`` is a file of ``icons/`` without its ending."""
    made = QIcon()
    for mode, state, colour in (
        (QIcon.Mode.Normal, QIcon.State.Off, colours.muted),
        (QIcon.Mode.Active, QIcon.State.Off, colours.text),
        (QIcon.Mode.Normal, QIcon.State.On, colours.accent),
        (QIcon.Mode.Disabled, QIcon.State.Off, colours.frame),
    ):
        for pixmap in pictures(name, colour):
            made.addPixmap(pixmap, mode, state)
    return made


def pictures(name: str, colour: str) -> list[QPixmap]:
    """One icon in one colour, in each size."""
    return [_inked(shape, QColor(colour)) for shape in _shapes(name)]


def _inked(shape: QPixmap, colour: QColor) -> QPixmap:
    """The shape in another colour, which takes less time than drawing it again."""
    pixmap = QPixmap(shape)
    painter = QPainter(pixmap)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceIn)
    painter.fillRect(pixmap.rect(), colour)
    painter.end()
    return pixmap


@lru_cache(maxsize=128)
def _shapes(name: str) -> tuple[QPixmap, ...]:
    """One icon as it is drawn in its file, in each size."""
    renderer = QSvgRenderer(str(FOLDER / f"{name}.svg"))
    return tuple(_picture(renderer, size) for size in _SIZES)


def _picture(renderer: QSvgRenderer, size: int) -> QPixmap:
    pixmap = QPixmap(QSize(size, size))
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    renderer.render(painter, QRectF(0, 0, size, size))
    painter.end()
    return pixmap


def program_icon() -> QIcon:
    """The icon of the program itself, in its own colours."""
    return QIcon(str(FOLDER / "theseus.svg"))
