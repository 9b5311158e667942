"""Whether an engine still answers, and if not, in which module it is stuck."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from host.protocol.refusal import Refused
from host.vocabulary.errors import HostUnreachable
from host.vocabulary.marker import MARKER_NAME, MarkerReading, mark_hung, read_marker

if TYPE_CHECKING:
    from host.protocol.client import Client


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


async def until_it_hangs(client: Client, data: Path, care: Care) -> str:
    """Ask the engine again and again whether it answers; return only when it does not, with the reason.

    In which module it hangs is noted for the next engine.

    An engine that is slow outside of modules, or goes from one to the next, is not called hanging.
    """
    while True:
        await asyncio.sleep(care.ask_s)
        asked = asyncio.ensure_future(_answers(client))
        try:
            stuck = await _stuck_in(asked, data / MARKER_NAME, care)
        finally:
            asked.cancel()
        if stuck:
            with suppress(OSError):  # then that counts as any other end
                mark_hung(data / MARKER_NAME, stuck)
            return f"no answer for {care.answer_s:g} s"
        if not asked.result():
            await asyncio.sleep(care.end_s)  # it is ending, and whoever waits for that comes first
            return "it closed the connection and did not end"


async def _answers(client: Client) -> bool:
    try:
        await client.hello()
    except HostUnreachable:
        return False
    except Refused:  # an answer too
        return True
    return True


async def _stuck_in(asked: asyncio.Future[bool], marker: Path, care: Care) -> str:
    """Wait for the answer, or for the time that makes it a hang; the module, or nothing where there was an answer."""
    clock = asyncio.get_running_loop().time
    inside, since = "", clock()
    while not asked.done():
        reading = read_marker(marker)
        module = reading.module if reading is not None else ""
        if not module or module != inside:
            inside, since = module, clock()
        elif clock() - since >= care.answer_s:
            return inside
        await asyncio.wait({asked}, timeout=care.look_s)
    return ""


def last_entered(data: Path, pids: frozenset[int]) -> MarkerReading | None:
    """Return who was being entered when an engine with one of these process ids ended; ``None`` where nobody was."""
    reading = read_marker(data / MARKER_NAME)
    if reading is None or not reading.running or reading.pid not in pids or not reading.module:
        return None
    return reading
