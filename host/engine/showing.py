"""What modules show: their panels as data, what is new of them, and what people do there."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Final

from host.engine.roster import Roster
from host.vocabulary.errors import HostError
from host.vocabulary.states import Status
from host.vocabulary.views import PanelChange, PlainData


class Showing:
    """Looks at the panels of whoever serves; what nobody asks for costs nothing."""

    def __init__(self, roster: Roster) -> None:
        self._roster = roster
        self._waiting: Final[set[asyncio.Event]] = set()

    def wake(self) -> None:
        """Have all that wait look again."""
        for each in self._waiting:
            each.set()

    async def changes(self, seen: Mapping[str, int] | None, wait_s: float) -> tuple[PanelChange, ...]:
        """What is new of some panels, or of all; waits for it where there is nothing."""
        loop = asyncio.get_running_loop()
        until = loop.time() + wait_s
        while True:
            asked = self._all() if seen is None else seen
            found = tuple(change for name, since in asked.items() if (change := self._change(name, since)))
            left = until - loop.time()
            if found or left <= 0:
                return found
            await self._news(min(left, self._due(asked)))

    def operate(self, name: str, panel: str, widget: str, event: str, value: PlainData) -> None:
        """Do what a person does.

        Raises:
            ModuleUnknown: the module is not loaded.
            HostError: it is quarantined, or cannot be told that.
            ModuleFault: its handler failed.
        """
        instance = self._roster.get(name)
        if instance.status is Status.QUARANTINED:
            raise HostError(f"{name} is quarantined, and its panels rest with it; resume it, and do that again")
        instance.panels.operate(panel, widget, event, value)

    def _all(self) -> dict[str, int]:
        active = self._roster.active.items()
        return {f"{name}/{brief.id}": 0 for name, instance in active for brief in instance.panels.briefs}

    def _change(self, name: str, since: int) -> PanelChange | None:
        module, _, panel = name.partition("/")
        instance = self._roster.serving(module)
        if instance is None:
            return PanelChange(module=module, panel=panel, gone=True)
        return instance.panels.changes(module, panel, since)

    def _due(self, asked: Mapping[str, int]) -> float:
        """Seconds until one of some panels has another picture."""
        due = float("inf")
        for name in asked:
            module, _, panel = name.partition("/")
            instance = self._roster.serving(module)
            shown = instance.panels.named(panel) if instance is not None else None
            due = min(due, shown.due if shown is not None else due)
        return due

    async def _news(self, within_s: float) -> None:
        """Wait until something changed, or may be seen."""
        news = asyncio.Event()
        self._waiting.add(news)
        try:
            async with asyncio.timeout(within_s if within_s != float("inf") else None):
                await news.wait()
        except TimeoutError:
            pass
        finally:
            self._waiting.discard(news)
