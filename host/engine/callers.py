"""Who called what of a module last: noted while somebody looks at the module, and not a moment longer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from host.engine.roster import Roster
from host.lifecycle.instance import Instance
from host.trust.caller import Caller
from host.vocabulary.payload import Fields, Payload, Shape

LEASE_S: Final = 5.0
"""Seconds after the last look in which calls are still noted."""
HOST: Final = "the host"
"""Who calls where no module does: a person, a script, a client."""

What = tuple[str, str]
"""``hook`` or ``export``, and its name."""
Last = tuple[str, float]
"""Who called, and when, seconds since the Unix epoch."""


@dataclass(slots=True)
class _Watch:
    """What is noted of one instance, and until when, by the monotonic clock."""

    instance: Instance
    until: float = 0.0
    events: frozenset[str] = frozenset()
    last: dict[What, Last] = field(default_factory=dict)

    def note(self, what: What, caller: Caller | None) -> None:
        self.last[what] = (caller.name if caller is not None else HOST, time.time())


class Callers:
    """Hears events and calls of the instances that are looked at."""

    def __init__(self, roster: Roster) -> None:
        self._roster = roster
        self._watches: dict[int, _Watch] = {}
        self._stop_hearing: Callable[[], None] | None = None

    @property
    def noting(self) -> bool:
        """Whether anything is noted now."""
        return bool(self._watches)

    def look(self, instance: Instance) -> Mapping[What, Last]:
        """What is known of the callers of an instance; what it registered since is noted from now on, too."""
        watch = self._watches.get(instance.serial)
        if watch is None:
            watch = self._watches[instance.serial] = _Watch(instance)
            asyncio.get_running_loop().call_later(LEASE_S, self._expire, instance.serial)
        watch.until = time.monotonic() + LEASE_S
        watch.events = instance.events
        instance.called = partial(self._called, watch)
        for name, (_, direct) in instance.directs.items():
            direct.heard = partial(watch.note, ("export", name))
        if self._stop_hearing is None:
            self._stop_hearing = self._roster.dispatch.hear(self._heard)
            self._roster.dispatch.filtering = self._filtered
        return watch.last

    def _called(self, watch: _Watch, export: str) -> None:
        watch.note(("export", export), self._roster.calling.behalf)

    def _heard(self, event: str, _shape: Shape, _payload: Payload | Fields) -> None:
        self._filtered(event)

    def _filtered(self, event: str) -> None:
        for watch in self._watches.values():
            if event in watch.events:
                watch.note(("hook", event), self._roster.calling.behalf)

    def _expire(self, serial: int) -> None:
        watch = self._watches[serial]
        left = watch.until - time.monotonic()
        if left > 0:
            asyncio.get_running_loop().call_later(left, self._expire, serial)
            return
        del self._watches[serial]
        watch.instance.called = None
        for _, direct in watch.instance.directs.values():
            direct.heard = None
        if not self._watches and self._stop_hearing is not None:
            self._stop_hearing()
            self._stop_hearing = self._roster.dispatch.filtering = None
