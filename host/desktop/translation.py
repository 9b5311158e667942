"""Text that stands in data and is translated where it is shown."""

from __future__ import annotations

from PySide6.QtCore import QT_TRANSLATE_NOOP


def marked(context: str, text: str) -> str:
    """The text itself; ``lupdate`` finds it by ``-tr-function-alias QT_TRANSLATE_NOOP+=marked``."""
    return str(QT_TRANSLATE_NOOP(context, text))
