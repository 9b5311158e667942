"""A heartbeat: whether an event loop turns, and what it did instead when it did not.

The loop beats; a thread sleeps until a beat is overdue and only then looks what the loop's thread is at. While no beat
is late, that thread wakes about seven times a second, to find that it may sleep on.

Source: the watchdog timer. The look is ``faulthandler``'s, which walks the stack of another thread and makes no object
of it.
"""

from __future__ import annotations

import faulthandler
import re
import threading
import time
from collections.abc import Callable
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Final

from host.vocabulary.marker import Entered

if TYPE_CHECKING:
    from host.vocabulary.views import GapView

LATE_S: Final = 0.1
"""Seconds by which a beat has to be late to be a gap."""
DEEPEST: Final = 30
"""Frames that are told, the innermost."""

_REST: Final = float("inf")
_THREAD: Final = re.compile(r"hread 0x([0-9a-f]+)")
_FRAME: Final = re.compile(r'^  File "(.*)", line (\d+) in (.+)$', re.MULTILINE)
"""As ``faulthandler`` writes them, the innermost first."""


class Heartbeat:
    """Beats of one thread, and who looks at them.

    Of a gap that goes on, there is another look each time it has become twice as long, and the last one counts: it is
    of the gap's second half. No frame is held for it: who holds one last frees what is in it, and widgets may be freed
    in their own thread alone.
    """

    def __init__(
        self, on_gap: Callable[[GapView], None], entered: Callable[[], Entered] = Entered, late_s: float = LATE_S
    ) -> None:
        """Prepare; the thread that makes it is the one that beats.

        Args:
            on_gap: told of a gap, in that thread, with the beat that ended it.
            entered: whose Lua that thread is in; called in another one.
            late_s: seconds by which a beat has to be late.
        """
        self._on_gap = on_gap
        self._entered = entered
        self._late = late_s
        self._loop = threading.get_ident()
        self._due = _REST
        self._own = 0.0
        self._look = _REST
        self._seen: tuple[Entered, tuple[str, ...]] | None = None
        self._lock = threading.Condition()
        self._ended = False
        self._thread = threading.Thread(target=self._watch, name="heartbeat", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Look no more; returns when the thread has ended."""
        with self._lock:
            self._ended = True
            self._lock.notify()
        self._thread.join()

    def beat(self, next_s: float) -> None:
        """Say that the loop turns, and will say so again in ``next_s`` seconds; infinite for a rest."""
        with self._lock:
            now, seen = time.monotonic(), self._seen
            late, rested = now - self._due, self._due == _REST
            self._due, self._seen = now + next_s, None
            self._look = self._due + self._late
            if rested:
                self._lock.notify()
        before, self._own = self._own, time.thread_time()
        if late > self._late:
            self._on_gap(_gap(late, min(self._own - before, late), *(seen or (Entered(), ()))))

    def _watch(self) -> None:
        with self._lock:
            while not self._ended:
                now = time.monotonic()
                if now < self._look:
                    self._lock.wait(None if self._look == _REST else self._look - now)
                else:
                    self._seen = (self._entered(), stack_of(self._loop))
                    self._look = now + max(now - self._due, self._late)


def _gap(seconds: float, own_s: float, entered: Entered, stack: tuple[str, ...]) -> GapView:
    from host.vocabulary.views import GapView  # noqa: PLC0415 - the first window does not wait for it

    return GapView(
        at=time.time() - seconds,
        seconds=seconds,
        own_s=own_s,
        module=entered.module,
        version=entered.version,
        inside=entered.phase.words if entered.module else "",
        stack=stack,
    )


def stack_of(thread: int) -> tuple[str, ...]:
    """Name the innermost frames of a thread, the innermost last: ``file.py:41 in read``; none of one that is gone."""
    with TemporaryFile() as file:
        faulthandler.dump_traceback(file, all_threads=True)
        file.seek(0)
        text = file.read().decode("utf-8", "replace")
    own = next((each for each in text.split("\n\n") if _is_of(thread, each)), "")
    return tuple(f"{path}:{line} in {name}" for path, line, name in reversed(_FRAME.findall(own)[:DEEPEST]))


def _is_of(thread: int, part: str) -> bool:
    found = _THREAD.search(part)
    return found is not None and int(found[1], 16) == thread
