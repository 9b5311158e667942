"""What the last swap of each module did to its state, as long as that instance runs."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from msgspec import structs

from host.engine.comparing import differences, entries_by_key, same, shown
from host.lifecycle.instance import Instance
from host.runtime.codec import decode
from host.vocabulary.errors import NotData
from host.vocabulary.views import LastSwap, PlainData

LARGEST: Final = 1 << 18
"""Bytes of a state above which it is not compared."""
MOST: Final = 1 << 24
"""Bytes of states that are kept of all modules; beyond that, those of the oldest swaps are let go."""

Key = str | int | float | bool
Mark = tuple[str, str]
"""``kept``, ``changed``, ``added`` or nothing, and the value before in a few words."""


@dataclass(frozen=True, slots=True)
class _Known:
    """A swap with the states around it; these are absent where they are not compared."""

    serial: int
    told: LastSwap
    states: tuple[bytes, bytes] | None
    compared: bool = False

    @property
    def size(self) -> int:
        return sum(map(len, self.states or ()))


class LastSwaps:
    """Keeps the state before and after, encoded; the last one looked at stays decoded until :meth:`let_go`."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._decoded: tuple[int, PlainData, PlainData] | None = None

    def note(self, instance: Instance, told: LastSwap, before: bytes | None, after: bytes | None) -> None:
        """Take a swap down that was done: what the old instance gave, and what the new one had of it at once."""
        states, message = None, ""
        if before is None or after is None:
            message = "It keeps no state, or kept none before."
        elif max(len(before), len(after)) > LARGEST:
            message = f"Its state is not compared: it is larger than {LARGEST >> 10} KiB."
        else:
            states = (before, after)
        self._known.pop(instance.name, None)
        self._known[instance.name] = _Known(instance.serial, structs.replace(told, message=message), states)
        for name, each in list(self._known.items())[:-1]:
            if sum(other.size for other in self._known.values()) <= MOST:
                break
            if each.states is not None:
                gone = structs.replace(each.told, message="What it changed is no longer kept.")
                self._known[name] = replace(each, told=gone, states=None)

    def of(self, instance: Instance) -> LastSwap:
        """What is told of it; ``at`` is 0.0 where what runs came by no swap."""
        known = self._of(instance)
        if known is None:
            return LastSwap()
        states = None if known.compared else self._states(known)
        if states is None:
            return known.told
        found, beyond = differences(*states)
        told = structs.replace(known.told, differences=found, beyond=beyond)
        self._known[instance.name] = replace(known, told=told, compared=True)
        return told

    def words(self, instance: Instance, at: float) -> str:
        """What the act of a moment did to the state, as ``1 changed, 1 dropped``; empty where it is not the last."""
        told = self.of(instance)
        if not at or told.at != at or told.message:
            return ""
        kinds = Counter(
            "added" if not each.before else "changed" if each.after else "dropped" for each in told.differences
        )
        counts = [f"{kinds[kind]:,} {kind}" for kind in ("changed", "added", "dropped") if kinds[kind]]
        more = f" and {told.beyond:,} more" if told.beyond else ""
        return f"{', '.join(counts)}{more}" or "state kept as it was"

    def marks(self, instance: Instance, path: Sequence[Key]) -> Callable[[PlainData], Mark]:
        """Give what says of an entry of one table, by its key, what became of it."""
        known = self._of(instance)
        states = self._states(known) if known is not None else None
        if states is None:
            return lambda _key: ("", "")
        before, after = (_at(state, path) for state in states)

        def mark(key: PlainData) -> Mark:
            place = (isinstance(key, bool), key)
            if place not in after:
                return "", ""
            if place not in before:
                return "added", ""
            old, new = before[place], after[place]
            if same(old, new):
                return "kept", ""
            return "changed", "" if _is_table(old) and _is_table(new) else shown(old)

        return mark

    def let_go(self) -> None:
        """Keep nothing decoded."""
        self._decoded = None

    def _of(self, instance: Instance) -> _Known | None:
        known = self._known.get(instance.name)
        return known if known is not None and known.serial == instance.serial else None

    def _states(self, known: _Known) -> tuple[PlainData, PlainData] | None:
        if known.states is None:
            return None
        if self._decoded is None or self._decoded[0] != known.serial:
            try:
                self._decoded = (known.serial, *map(decode, known.states))
            except NotData:  # what a pause let through, as it looks through no large state; it is told elsewhere
                return None
        return self._decoded[1:]


def _at(state: PlainData, path: Sequence[Key]) -> dict[tuple[bool, PlainData], PlainData]:
    """Entries of the table that a path leads to; none where there is no table."""
    for key in path:
        state = entries_by_key(state).get((isinstance(key, bool), key))
    return entries_by_key(state)


def _is_table(value: PlainData) -> bool:
    return isinstance(value, list | dict)
