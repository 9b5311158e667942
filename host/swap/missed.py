"""What replaced instances miss while they wait whether they come back: the events that they would have answered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from host.lifecycle.instance import Instance, Waited
from host.vocabulary.payload import Fields, Payload, Shape

MOST: Final = 10_000
"""Events that are kept of one module; of those after them, only the number is."""
MOST_BYTES: Final = 8 << 20
"""Bytes of their arguments for one module, at most."""


class Missed:
    """Events in the order in which they came, once for each instance that would have answered.

    Attributes:
        events: as they can be delivered later.
        kept, lost: how many are kept and how many are not, by module.
    """

    def __init__(self, instances: Sequence[Instance]) -> None:
        """Keep what these would have answered; of one that wants nothing twice, only how much it was."""
        self.events: Final[list[Waited]] = []
        self.kept, self.lost = Counter[str](), Counter[str]()
        self._twice = {each.name for each in instances if each.manifest.swap.replay}
        self._calling = instances[0].exchange.calling
        self._size = Counter[str]()
        self._waiting: dict[str, frozenset[str]] = {}
        self._owners: dict[str, list[str]] = {}
        for instance in sorted(instances, key=lambda each: each.rank):
            for event in instance.events:
                self._owners.setdefault(event, []).append(instance.name)

    def wait(self, owner: str, events: frozenset[str]) -> None:
        """Hear no more of some events for a module whose process ended: they wait for whatever comes in its place."""
        self._waiting[owner] = events

    def go_on(self, owner: str, waited: Iterable[Waited]) -> None:
        """Hear them again for what was started in its place, and first those that waited for that."""
        self._waiting.pop(owner, None)
        for each in waited:
            if owner in self._owners.get(each[1], ()):
                self._add(each)

    def hear(self, event: str, shape: Shape, payload: Payload | Fields) -> None:
        """Keep one event."""
        owners = self._owners.get(event)
        if not owners:
            return
        if isinstance(payload, Fields):
            shape, payload = payload.packed()
        for owner in owners:
            if event not in self._waiting.get(owner, ()):
                self._add((owner, event, shape, payload, self._calling.behalf))

    def _add(self, missed: Waited) -> None:
        owner, payload = missed[0], missed[3]
        size = len(payload) if isinstance(payload, bytes) else 0
        if owner in self._twice and self.kept[owner] < MOST and self._size[owner] + size <= MOST_BYTES:
            self.events.append(missed)
            self.kept[owner] += 1
            self._size[owner] += size
        else:
            self.lost[owner] += 1
