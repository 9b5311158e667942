"""The engine's heartbeat: gaps of its loop, whose module it was in, and the last of them kept."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from host.engine.chronicle import Chronicle
from host.vocabulary.heartbeat import Heartbeat
from host.vocabulary.marker import Entered
from host.vocabulary.views import GapView

KEPT: Final = 50
BEAT_S: Final = 0.1
"""So that a gap of 0.2 s is never missed; one of half that, every second time."""
TOLD_EACH_S: Final = 1.0
"""Seconds between two lines of the log about gaps; all are counted."""


class Pulse:
    """Counts gaps, in the chronicle, while somebody wants it to."""

    def __init__(self, entered: Callable[[], Entered], chronicle: Chronicle) -> None:
        self._entered = entered
        self._chronicle = chronicle
        self._gaps: deque[GapView] = deque(maxlen=KEPT)
        self._told_at = 0.0

    @property
    def gaps(self) -> tuple[GapView, ...]:
        """The last ``KEPT``, newest first."""
        return tuple(reversed(self._gaps))

    @contextmanager
    def beating(self) -> Iterator[None]:
        """Look at the loop that runs, until the end of the block."""
        heartbeat = Heartbeat(self.note, self._entered)
        heartbeat.start()
        heartbeat.beat(BEAT_S)
        beats = asyncio.create_task(_beat(heartbeat))
        try:
            yield
        finally:
            beats.cancel()
            heartbeat.stop()

    def note(self, gap: GapView) -> None:
        """Take one down."""
        self._chronicle.gaps += 1
        self._gaps.append(gap)
        if gap.at - self._told_at >= TOLD_EACH_S:
            self._told_at = gap.at
            self._chronicle.log("", "warn", _told(gap))


async def _beat(heartbeat: Heartbeat) -> None:
    while True:
        await asyncio.sleep(BEAT_S)
        heartbeat.beat(BEAT_S)


def _told(gap: GapView) -> str:
    """Say it in a sentence, by the module, or else by where the host's own code was."""
    where = f"{gap.module} {gap.version} was {gap.inside}" if gap.module else gap.stack[-1] if gap.stack else ""
    return f"for {gap.seconds * 1000:.0f} ms nothing else was done{': ' if where else ''}{where}"
