"""Who takes part in a swap: modules that change, and those that come along."""

from __future__ import annotations

from collections.abc import Sequence

from host.swap.arrival import Arrival
from host.swap.change import Change

Member = Change | Arrival


def changes_of(members: Sequence[Member]) -> tuple[Change, ...]:
    """Those that were loaded before, in the same order."""
    return tuple(member for member in members if isinstance(member, Change))


def arrivals_of(members: Sequence[Member]) -> tuple[Arrival, ...]:
    """Those that were not."""
    return tuple(member for member in members if isinstance(member, Arrival))
