"""The health of modules: asked for when somebody looks and now and then, told where it changed."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from host.engine.chronicle import Chronicle
from host.engine.roster import Roster
from host.lifecycle.answering import ask_health
from host.lifecycle.instance import Instance
from host.vocabulary.errors import ModuleFault
from host.vocabulary.states import Health, Status
from host.vocabulary.views import ProblemView, Severity

QUICK: Final = 0.001
"""Seconds that an answer may take to be asked for at every look."""
SHARE: Final = 0.02
"""The most of the engine's time that asking all slower ones may take."""
AGAIN: Final = 5.0
"""Seconds until one that failed is asked again."""

_LEVELS: Final = {Health.HEALTHY: "info", Health.DEGRADED: "warn", Health.UNHEALTHY: "error"}


class Probing:
    """Asks active modules that have a ``health``; the answer stands in the instance."""

    def __init__(self, roster: Roster, chronicle: Chronicle, clock: Callable[[], float] = time.monotonic) -> None:
        self._roster = roster
        self._chronicle = chronicle
        self._clock = clock
        self._due: dict[int, float] = {}
        self._slow: set[int] = set()

    def look_at_all(self) -> None:
        """Ask all that are due."""
        now = self._clock()
        self._due = {serial: due for serial, due in self._due.items() if due > now}
        self._slow &= {each.serial for each in self._roster.active.values()}
        for instance in list(self._roster.active.values()):
            self.look(instance)

    def look(self, instance: Instance) -> None:
        """Ask one, if it has an answer, is not being swapped, and is due."""
        start = self._clock()
        able = instance.status is Status.ACTIVE and instance.runtime.has("health")
        if not able or start < self._due.get(instance.serial, 0.0):
            return
        before, pause = instance.health, 0.0
        try:
            instance.health = ask_health(instance)
        except ModuleFault as fault:  # counted and told as any other; one that cannot say how it is, is not well
            instance.health = (Health.UNHEALTHY, str(fault))
            pause = AGAIN
            self._chronicle.settled(f"health:{instance.name}")
        else:
            if instance.health != before:
                self._tell(instance.name, *instance.health, changed=before is None or before[0] != instance.health[0])
        self._due[instance.serial] = start + max(pause, self._pause_after(instance, self._clock() - start))
        if instance.health != before:
            self._chronicle.touch(instance.name)

    def _pause_after(self, instance: Instance, spent: float) -> float:
        """Seconds until one that took so long may be asked again, beside the other slow ones."""
        if spent <= QUICK:
            self._slow.discard(instance.serial)
            return 0.0
        self._slow.add(instance.serial)
        return spent * len(self._slow) / SHARE

    def _tell(self, name: str, health: Health, detail: str, *, changed: bool) -> None:
        said = f"{health}: {detail}" if detail else str(health)
        if changed:
            self._chronicle.log(name, _LEVELS[health], f"its health is {said}")
        if health is not Health.UNHEALTHY:
            self._chronicle.settled(f"health:{name}")
            return
        self._chronicle.stands(
            ProblemView(
                id=f"health:{name}",
                severity=Severity.WARNING,
                message=f"{name} says that it is {said}",
                module=name,
                remedy="Look into its log; reload it, or roll it back.",
                action="reload",
            )
        )
