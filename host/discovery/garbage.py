"""No garbage collection while very many objects are made that all stay."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Leave the collector out; it would look at ten thousand manifests again and again, and find no garbage.

    Several may overlap, on any threads: the collector is back at the latest when the first that saw it running ends.
    Source: Mercurial's ``nogc``.
    """
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()
