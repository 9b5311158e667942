"""What replaced instances miss while they wait whether they come back: the events that they would have answered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
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
        self._owners: dict[str, list[str]] = {}
        for instance in sorted(instances, key=lambda each: each.rank):
            for event in instance.events:
                self._owners.setdefault(event, []).append(instance.name)

    def total(self, owner: str) -> int:
        """How many events it was for a module."""
        return self.kept[owner] + self.lost[owner]

    def close(self, owner: str) -> None:
        """Hear no more for a module that goes back: what comes from now on waits for it."""
        for owners in self._owners.values():
            if owner in owners:
                owners.remove(owner)

    def hear(self, event: str, shape: Shape, payload: Payload | Fields) -> None:
        """Keep one event."""
        owners = self._owners.get(event)
        if not owners:
            return
        if isinstance(payload, Fields):
            shape, payload = payload.packed()
        size = len(payload) if isinstance(payload, bytes) else 0
        for owner in owners:
            if owner in self._twice and self.kept[owner] < MOST and self._size[owner] + size <= MOST_BYTES:
                self.events.append((owner, event, shape, payload, self._calling.behalf))
                self.kept[owner] += 1
                self._size[owner] += size
            else:
                self.lost[owner] += 1
