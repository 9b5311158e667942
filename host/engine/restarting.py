"""Isolated modules whose process ended: they come back with their last checkpoint, and events meanwhile wait for them.

Source: Erlang/OTP ``supervisor``, with its intensity of restarts, and a quarantine in place of giving up.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from typing import Final

from host.engine.chronicle import Chronicle
from host.engine.keeping import Keeping
from host.engine.loading import Loading
from host.engine.probations import Probations
from host.engine.quarantining import Quarantining
from host.engine.roster import Roster
from host.lifecycle.bring_up import put_in_force
from host.lifecycle.instance import Instance
from host.lifecycle.take_down import discard
from host.swap.waiting import Waiting
from host.vocabulary import bugs
from host.vocabulary.errors import LoadFailed
from host.vocabulary.events import EventKind
from host.vocabulary.states import Status

MOST: Final = 3
"""Ends of a module's process within the time below after which it is quarantined; after twice as many it is failed."""
WITHIN: Final = 300.0
"""Seconds."""


class Restarting:
    """Follows processes that end; one restart after another, none while anything else changes."""

    def __init__(
        self,
        roster: Roster,
        loading: Loading,
        keeping: Keeping,
        quarantining: Quarantining,
        probations: Probations,
        chronicle: Chronicle,
        changing: asyncio.Lock,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._roster = roster
        self._loading = loading
        self._keeping = keeping
        self._quarantining = quarantining
        self._probations = probations
        self._chronicle = chronicle
        self._changing = changing
        self._clock = clock
        self._gone: asyncio.Queue[Instance] = asyncio.Queue()
        self._waiting: dict[int, Waiting] = {}
        self._ends: dict[str, tuple[int, deque[float]]] = {}

    def ended(self, instance: Instance) -> None:
        """Have what it would answer wait, until it is there again; may be told in the middle of an event.

        Of one that ended while it was held still, it is told again as soon as it is put in force.
        """
        waiting = self._waiting.get(instance.serial)
        if waiting is None:
            waiting = self._waiting[instance.serial] = Waiting(self._roster.dispatch, instance.held)
            self._gone.put_nowait(instance)
        if instance.live:
            instance.live = False
            instance.timers.pause()
            instance.tasks.pause()
            waiting.stand_in_for([instance])
            self._probations.waits(instance)

    async def follow(self) -> None:
        """Bring back what ended, until it is cancelled."""
        while True:
            instance = await self._gone.get()
            async with self._changing:
                waiting = self._waiting.pop(instance.serial)
                try:
                    await self._bring_back(instance, waiting)
                except Exception as mistake:  # noqa: BLE001 - the host's own; the next one is brought back
                    self._chronicle.log(instance.name, "error", bugs.told("starting its process again", mistake))

    async def _bring_back(self, dead: Instance, waiting: Waiting) -> None:
        serving = self._roster.serving(dead.name)
        if serving is not dead:  # a swap came first
            if serving is not None:
                waiting.deliver([serving])
            return
        ends = self._count(dead)
        if ends > 2 * MOST:
            reason = f"its process ended {ends} times in {WITHIN / 60:.0f} minutes; the last fault: {dead.last_fault}"
            self._give_up(dead, LoadFailed(dead.name, dead.version, "init", reason))
            return
        await self._roster.runtimes.ready([dead.manifest])
        checkpoint = (await self._keeping.checkpoints.of(frozenset({dead.name}))).get(dead.name)
        try:
            fresh = self._loading.made(dead.manifest, dead.bundle, dead.config, checkpoint)
        except LoadFailed as error:
            self._give_up(dead, error)
            return
        self._take_over(fresh, dead, waiting)
        self._ends[fresh.name] = (fresh.serial, self._ends[fresh.name][1])
        text = f"{fresh.name} {fresh.version} was started again" + (", with its last state" if checkpoint else "")
        self._chronicle.tell(EventKind.MODULE_RESTARTED, text, module=fresh.name, version=fresh.version)
        if ends >= MOST and fresh.status is not Status.QUARANTINED:
            self._quarantining.put(fresh, f"its process ended {ends} times")

    def _give_up(self, dead: Instance, error: LoadFailed) -> None:
        """Have what ran before it come back, if that waits; else it is lost."""
        if not self._probations.lost(dead.name, f"it did not come up again: {error}"):
            self._loading.lose(dead, error)

    def _take_over(self, fresh: Instance, dead: Instance, waiting: Waiting) -> None:
        fresh.rank, fresh.superseded, fresh.along = dead.rank, dead.superseded, dead.along
        fresh.unsaved = dead.unsaved
        fresh.faults, fresh.last_fault = dead.faults, dead.last_fault
        fresh.muted.update(_counterparts(dead, fresh))
        quarantined = dead.status is Status.QUARANTINED
        self._roster.admit([fresh])
        self._probations.restarted(dead, fresh)
        discard(dead)
        fresh.turn(Status.ACTIVE)
        waiting.deliver([fresh])
        put_in_force(fresh)
        fresh.panels.inherit(dead.panels)
        if quarantined:
            self._quarantining.put(fresh, "its process had ended, and it was quarantined before")

    def _count(self, dead: Instance) -> int:
        """Count an end; one that was loaded or swapped in since has none before."""
        serial, ends = self._ends.get(dead.name, (0, deque()))
        if serial != dead.serial:
            ends = deque(maxlen=2 * MOST + 1)
        self._ends[dead.name] = (dead.serial, ends)
        now = self._clock()
        ends.append(now)
        return sum(1 for at in ends if now - at <= WITHIN)


def _counterparts(dead: Instance, fresh: Instance) -> set[int]:
    """Numbers of the hooks and timers that are what was muted: of the same kind and label, in the same place."""
    found: set[int] = set()
    for kind in ("hook", "timer"):
        now = list(fresh.ledger.of(kind).items())
        for number, label in dead.ledger.of(kind).items():
            if number not in dead.muted:
                continue
            place = sum(1 for other, same in dead.ledger.of(kind).items() if same == label and other < number)
            found.update([other for other, same in now if same == label][place : place + 1])
    return found
