"""Whether an engine still answers, and if not, in which module it is stuck."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from host.protocol.lifesigns import EngineDown
from host.vocabulary.marker import MARKER_NAME, mark_hung, read_marker


@dataclass(frozen=True, slots=True)
class Care:
    """When what is done, in seconds.

    Attributes:
        ready_s: an engine that starts has to be ready.
        ask_s: between two questions whether it still answers.
        answer_s: without an answer, and inside one and the same module all the while, it hangs.
        look_s: between two looks at the marker meanwhile.
        end_s: one that was asked to end has to be gone.
        pauses_s: before it is started again after the first end, the second ...; after one more it is given up.
        forget_s: an end as long ago as this no longer counts.
    """

    ready_s: float = 15.0
    ask_s: float = 2.0
    answer_s: float = 5.0
    look_s: float = 0.25
    end_s: float = 5.0
    pauses_s: tuple[float, ...] = (0.0, 0.5, 1.0, 2.0)
    forget_s: float = 60.0


class Ends:
    """When an engine ended, so that one which ends again and again is not started without end."""

    def __init__(self, care: Care) -> None:
        self._care: Final = care
        self._at: Final[deque[float]] = deque()

    def add(self, now: float) -> None:
        """Add one; ``now``: seconds of a clock that goes evenly."""
        while self._at and now - self._at[0] > self._care.forget_s:
            self._at.popleft()
        self._at.append(now)

    def too_many(self) -> str:
        """Why it is given up; empty where it is not."""
        if len(self._at) <= len(self._care.pauses_s):
            return ""
        return f"it ended {len(self._at)} times within {self._care.forget_s:g} s"

    def pause(self) -> float:
        """Seconds before it is started again."""
        pauses = self._care.pauses_s
        return pauses[min(len(self._at), len(pauses)) - 1] if self._at else 0.0

    def forget(self) -> None:
        self._at.clear()


async def until_it_hangs(ask: Callable[[], Awaitable[bool]], data: Path, pids: frozenset[int], care: Care) -> str:
    """Ask the engine again and again whether it answers; return only when it does not, with the reason.

    In which module it hangs is noted for the next engine.

    An engine that is slow outside of modules, or goes from one to the next, is not called hanging.

    Args:
        ask: true once it answered, false where it cannot be asked any more.
        data: the data folder.
        pids: those that its marker may name.
        care: when what is done.
    """
    while True:
        await asyncio.sleep(care.ask_s)
        asked = asyncio.ensure_future(ask())
        try:
            stuck = await _stuck_in(asked, data / MARKER_NAME, pids, care)
        finally:
            asked.cancel()
        if stuck:
            with suppress(OSError):  # then that counts as any other end
                mark_hung(data / MARKER_NAME, stuck)
            return f"no answer for {care.answer_s:g} s"
        if not asked.result():
            await asyncio.sleep(care.end_s)  # it is ending, and whoever waits for that comes first
            return "it closed the connection and did not end"


async def _stuck_in(asked: asyncio.Future[bool], marker: Path, pids: frozenset[int], care: Care) -> str:
    """Wait for the answer, or for the time that makes it a hang; the module, or nothing where there was an answer."""
    inside, looks = "", 0  # counted, and not timed: whoever was stopped (Ctrl-Z) has not waited
    while not asked.done():
        reading = read_marker(marker)
        module = reading.module if reading is not None and reading.pid in pids else ""
        if not module or module != inside:
            inside, looks = module, 0
        elif looks * care.look_s >= care.answer_s:
            return inside
        looks += 1
        await asyncio.wait({asked}, timeout=care.look_s)
    return ""


def down_of(how: str, data: Path, pids: frozenset[int], last_words: str = "") -> EngineDown:
    """Tell the end of an engine that had one of these process ids, with whoever was being entered."""
    down = EngineDown(at=time.time(), exit_text=how, last_words=last_words)
    reading = read_marker(data / MARKER_NAME)
    if reading is None or not reading.running or reading.pid not in pids or not reading.suspects:
        return down
    key, phase = reading.suspects[0]
    return replace(down, suspect=key.name, version=key.version, phase=phase.words)
