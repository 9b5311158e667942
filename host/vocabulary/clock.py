"""Times of day as people read them."""

from __future__ import annotations

import time


def clock(at: float) -> str:
    """``14:02:31`` in local time, of a Unix time; empty for 0, which means never."""
    return time.strftime("%H:%M:%S", time.localtime(at)) if at else ""
