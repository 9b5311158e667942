"""The engine's side of running beside a window: says that it is ready, and sees the window go.

The window holds the engine's stdin and reads its stdout. Stdin ends with the window, however that ends.
"""

from __future__ import annotations

import asyncio
import faulthandler
import os
import threading
from contextlib import suppress
from typing import Final

READY: Final = b"ready\n"
"""The first line on the engine's stdout, once clients can connect. What it prints later goes to its log."""

STUCK_S: Final = 30.0
"""Seconds without a turn of the loop after which an engine ends itself; a window that is there is quicker."""

_STDIN: Final = 0
_STDOUT: Final = 1


def tell_ready() -> None:
    """Tell the window that it can connect now."""
    with suppress(BrokenPipeError):  # it is gone already, which window_gone tells
        os.write(_STDOUT, READY)


def window_gone() -> asyncio.Future[None]:
    """Make a future that is done when the window ends, or asks for the engine's end by closing its stdin."""
    loop = asyncio.get_running_loop()
    gone: asyncio.Future[None] = loop.create_future()

    def tell() -> None:
        if not gone.done():
            gone.set_result(None)

    def read_to_the_end() -> None:
        with suppress(OSError):  # a stdin that cannot be read has ended
            while os.read(_STDIN, 4096):
                pass
        with suppress(RuntimeError):  # the loop was closed first: nobody waits any more
            loop.call_soon_threadsafe(tell)

    threading.Thread(target=read_to_the_end, name="window", daemon=True).start()
    return gone


async def end_when_stuck(after_s: float = STUCK_S) -> None:
    """End the process when the loop stands still for so long; runs until it is cancelled.

    An engine that hangs inside Lua hears neither signals nor the end of its window. The clock that runs here is a
    thread of C, which needs no interpreter: it writes where the engine hung to stderr and ends it.
    """
    try:
        while True:
            faulthandler.dump_traceback_later(after_s, exit=True)
            await asyncio.sleep(after_s / 4)
    finally:
        faulthandler.cancel_dump_traceback_later()
