"""What happened and what stands: events, log lines and problems, each with the revision after it."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator
from typing import Final, TypeVar

from msgspec.structs import replace

from host.vocabulary.events import Event, EventKind
from host.vocabulary.views import LogLine, ProblemView

Noted = TypeVar("Noted", Event, LogLine)

KEPT: Final = 10_000
LEVELS: Final = frozenset({"debug", "info", "warn", "error"})


class Chronicle:
    """Grows by one revision with everything that can be seen.

    Attributes:
        revision: the newest.
        touched: by module, the revision in which it last changed.
        gone: by module, the revision in which it stopped being known.
        problems_at: the revision in which the problems last changed.
        gaps: how often the loop of the engine did not turn, while that is looked at.
    """

    def __init__(self) -> None:
        self.revision = 0
        self.touched: Final[dict[str, int]] = {}
        self.gone: Final[dict[str, int]] = {}
        self.problems_at = 0
        self.gaps = 0
        self._events: deque[Event] = deque(maxlen=KEPT)
        self._log: deque[LogLine] = deque(maxlen=KEPT)
        self._problems: dict[str, ProblemView] = {}
        self._closed = False
        self._news: set[asyncio.Event] = set()

    def tell(
        self,
        kind: EventKind,
        text: str,
        *,
        module: str = "",
        version: str = "",
        pause_s: float | None = None,
        error: str = "",
        reason: str = "",
        traceback: str = "",
    ) -> Event:
        """Note an event; the arguments are the fields of Event."""
        event = Event(
            event=kind,
            at=time.time(),
            revision=self._next(),
            text=text,
            module=module,
            version=version,
            pause_s=pause_s,
            error=error,
            reason=reason,
            traceback=traceback,
        )
        self._events.append(event)
        if event.module:
            self.touched[event.module] = event.revision
        return event

    def log(self, module: str, level: str, text: str) -> None:
        """Note a line; a level that is none counts as ``info``."""
        known = level if level in LEVELS else "info"
        self._log.append(LogLine(revision=self._next(), at=time.time(), level=known, module=module, text=text))

    def touch(self, module: str) -> None:
        """Note that a module looks different."""
        self.gone.pop(module, None)
        self.touched[module] = self._next()

    def forget(self, module: str) -> None:
        """Note that a module is no longer known."""
        self.touched.pop(module, None)
        self.gone[module] = self._next()

    def stands(self, problem: ProblemView) -> None:
        """Note a problem; one that stands already is counted and brought up to date."""
        before = self._problems.get(problem.id)
        if before is None:
            fresh = replace(problem, since=time.time())
        else:
            fresh = replace(problem, since=before.since, count=before.count + 1)
        self._problems[problem.id] = fresh
        self.problems_at = self._next()

    def settled(self, *problems: str) -> None:
        """Note that problems are gone; those that do not stand are passed over."""
        if [self._problems.pop(each) for each in problems if each in self._problems]:
            self.problems_at = self._next()

    @property
    def problems(self) -> tuple[ProblemView, ...]:
        """All that stand, oldest first."""
        return tuple(self._problems.values())

    def events_since(self, revision: int) -> tuple[Event, ...]:
        return _newer(self._events, revision)

    def log_since(self, revision: int) -> tuple[LogLine, ...]:
        return _newer(self._log, revision)

    def follow(self, since: int | None = None) -> AsyncIterator[Event]:
        """Yield events from now on, or those newer than a revision, until :meth:`close`.

        Who falls behind by more than is kept misses the oldest.
        """
        return self._following(self.revision if since is None else since)

    async def _following(self, seen: int) -> AsyncIterator[Event]:
        while True:
            newest = self.revision
            for event in self.events_since(seen):
                yield event
            seen = newest
            if self._closed and self.revision == newest:
                return
            await self.newer_than(newest, None)

    async def newer_than(self, revision: int, wait_s: float | None) -> bool:
        """Wait until there is anything newer, or until :meth:`close`; whether there is."""
        if self.revision > revision or self._closed or (wait_s is not None and wait_s <= 0):
            return self.revision > revision
        news = asyncio.Event()
        self._news.add(news)
        try:
            async with asyncio.timeout(wait_s):
                await news.wait()
        except TimeoutError:
            return False
        finally:
            self._news.discard(news)
        return self.revision > revision

    def close(self) -> None:
        """End all that follow."""
        self._closed = True
        for news in self._news:
            news.set()

    def _next(self) -> int:
        self.revision += 1
        for news in self._news:
            news.set()
        return self.revision


def _newer(kept: deque[Noted], revision: int) -> tuple[Noted, ...]:
    """From the newest back, so that asking often costs what is new and not what is kept."""
    found = []
    for each in reversed(kept):
        if each.revision <= revision:
            break
        found.append(each)
    return tuple(reversed(found))
