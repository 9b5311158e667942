"""How a plan gets to a module: the chain of needs from what was asked."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence

from host.resolution.candidates import Candidates
from host.resolution.needs import Binding, Need


class Chains:
    """The shortest chain to each version that what was asked can lead to."""

    def __init__(self, candidates: Candidates, asked: Iterable[Need]) -> None:
        self._came_from: dict[str, Need] = {}
        pending = list(asked)
        for need in pending:
            if need.binding is not Binding.REQUIRED:
                continue
            for found in candidates.in_range(need.name, (need,)):
                if str(found) not in self._came_from:
                    self._came_from[str(found)] = need
                    pending += found.needs

    def to(self, need: Need) -> tuple[Need, ...]:
        """The needs that lead to one, from what was asked to it."""
        chain = [need]
        while chain[-1].wanted_by and (before := self._came_from.get(chain[-1].wanted_by)) is not None:
            chain.append(before)
        return tuple(reversed(chain))


def chain_text(chain: Sequence[Need], running: Container[str]) -> str:
    """``chat 2.1.0 (asked for) -> http 1.0.0 -> state ^1.0``; each needs the next, or conflicts with it.

    Args:
        chain: from what was asked, or is loaded.
        running: the keys of what is loaded; the chain may begin with another version of that.
    """
    origin = " (asked for)"
    if chain[0].loaded:
        origin = " (loaded)" if len(chain) == 1 or chain[1].wanted_by in running else " (if swapped in)"
    last = chain[-1]
    way = [need.wanted_by for need in chain[1:]]
    if not way:
        return f"{last}{origin}"
    way[0] += origin
    return " -> ".join(way) + (" conflicts with " if last.binding is Binding.CONFLICT else " -> ") + last.wish
