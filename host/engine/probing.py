"""The health of modules: asked for when somebody looks and now and then, told where it changed."""

from __future__ import annotations

import time
from typing import Final

from host.engine.chronicle import Chronicle
from host.engine.roster import Roster
from host.lifecycle.instance import Instance
from host.vocabulary.errors import ModuleFault
from host.vocabulary.states import Health, Status
from host.vocabulary.views import ProblemView, Severity

QUICK: Final = 0.001
"""Seconds that an answer may take to be asked for at every look."""
SHARE: Final = 0.02
"""The most of the engine's time that asking a slower one may take."""
AGAIN: Final = 5.0
"""Seconds until one that failed is asked again."""

_LEVELS: Final = {Health.HEALTHY: "info", Health.DEGRADED: "warn", Health.UNHEALTHY: "error"}


class Probing:
    """Asks active modules that have a ``health``; the answer stands in the instance."""

    def __init__(self, roster: Roster, chronicle: Chronicle) -> None:
        self._roster = roster
        self._chronicle = chronicle
        self._due: dict[int, float] = {}

    def look_at_all(self) -> None:
        """Ask all that are due."""
        now = time.monotonic()
        self._due = {serial: due for serial, due in self._due.items() if due > now}
        for instance in list(self._roster.active.values()):
            self.look(instance)

    def look(self, instance: Instance) -> None:
        """Ask one, if it has an answer, is not being swapped, and is due."""
        start = time.monotonic()
        able = instance.status is Status.ACTIVE and instance.runtime.has("health")
        if not able or start < self._due.get(instance.serial, 0.0):
            return
        before = instance.health
        try:
            instance.health = instance.ask_health()
        except ModuleFault as fault:  # counted and told as any other; one that cannot say how it is, is not well
            instance.health = (Health.UNHEALTHY, str(fault))
            self._due[instance.serial] = start + AGAIN
            self._chronicle.settled(f"health:{instance.name}")
        else:
            spent = time.monotonic() - start
            if spent > QUICK:
                self._due[instance.serial] = start + spent / SHARE
            if instance.health != before:
                self._tell(instance.name, *instance.health, changed=before is None or before[0] != instance.health[0])
        if instance.health != before:
            self._chronicle.touch(instance.name)

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
