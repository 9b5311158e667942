"""A fault of the host itself, as a sentence for its log."""

from __future__ import annotations

import os
import traceback


def told(where: str, error: BaseException) -> str:
    """Make the sentence; where ``THESEUS_DEBUG`` is set, print the traceback on stderr, too."""
    show(error)
    return f"a fault of the host in {where}: {type(error).__name__}: {error}"


def show(error: BaseException) -> None:
    """Print a traceback, for whoever asked for it."""
    if os.environ.get("THESEUS_DEBUG"):
        traceback.print_exception(error)
