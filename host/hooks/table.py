"""The hook table: which handlers answer which event, in order. It never changes; a change is another table."""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from host.hooks.fielded import FieldWays
from host.hooks.handler import Handler
from host.hooks.together import Together


def _nothing() -> Mapping[str, tuple[Handler, ...]]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class HookTable:
    """Handlers by event: higher priority first, then dependencies before dependents, then order of registration.

    Attributes:
        ranks: place of each owner in the load order.
        events: by owner, where it answers.
        together: who is told at the same time, found while the table is in force.
        field_ways: made while the table is in force.
    """

    handlers: Mapping[str, tuple[Handler, ...]] = field(default_factory=_nothing)
    ranks: Mapping[str, int] = field(default_factory=dict)
    events: Mapping[str, frozenset[str]] = field(default_factory=dict)
    together: Together = field(default_factory=Together, init=False, repr=False, compare=False)
    field_ways: FieldWays = field(default_factory=FieldWays, init=False, repr=False, compare=False)

    def of(self, event: str) -> tuple[Handler, ...]:
        return self.handlers.get(event, ())

    def replacing(self, owner: str, handlers: Iterable[Handler], rank: int | None = None) -> HookTable:
        """Make the table in which ``handlers`` are all that ``owner`` has.

        Args:
            owner: the module.
            handlers: in the order of their registration.
            rank: its place in the load order; where it is absent, the one it has, which it keeps without handlers.
        """
        fresh = tuple(handlers)
        ranks = dict(self.ranks)
        ranks[owner] = ranks.get(owner, len(ranks)) if rank is None else rank
        placed: dict[str, list[Handler]] = {event: [] for event in self.events.get(owner, ())}
        for handler in fresh:
            placed.setdefault(handler.event, []).append(handler)
        table = dict(self.handlers)

        def place(handler: Handler) -> tuple[float, int, int]:
            return -handler.priority, ranks[handler.owner], handler.order

        for event, added in placed.items():
            answering = [handler for handler in table.get(event, ()) if handler.owner != owner]
            # The others stand in order already: sorting 1,000 anew for each of 1,000 loads took 0.15 of their 0.7 s.
            for handler in added:
                insort(answering, handler, key=place)
            if answering:
                table[event] = tuple(answering)
            else:
                table.pop(event, None)
        events = dict(self.events)
        events[owner] = frozenset(handler.event for handler in fresh)
        return HookTable(table, ranks, events)

    def without(self, owner: str) -> HookTable:
        """Make the table in which nothing of ``owner`` is left."""
        table = self.replacing(owner, ())
        return HookTable(
            table.handlers,
            {name: rank for name, rank in table.ranks.items() if name != owner},
            {name: events for name, events in table.events.items() if name != owner},
        )

    def ranked(self, ranks: Mapping[str, int]) -> HookTable:
        """Make the table with another load order."""
        order = {owner: ranks[owner] for owner in self.ranks}
        table = {
            event: tuple(sorted(handlers, key=lambda each: (-each.priority, order[each.owner], each.order)))
            for event, handlers in self.handlers.items()
        }
        return HookTable(table, order, self.events)
