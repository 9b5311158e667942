"""Newest first, exactly: what was asked for, then what that needs, each as new as those before it let it be.

A search that jumps back does not hold to this: what was at odds is looked at first, whatever its name.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final

from host.resolution.candidates import Candidates
from host.resolution.exhaustive import Chosen, UndecidedError, exhaustive
from host.resolution.needs import Absent, Binding, Candidate, Need
from host.resolution.propagation import Forced, UnfitError

MOST_STEPS: Final = 5_000
_WORK: Final = 200_000
"""What all steps together may look at, a step being as long as there are modules: some tenths of a second."""


def newest(
    candidates: Candidates, forced: Forced, asked: Sequence[Need], found: Chosen, expired: Callable[[], bool]
) -> Chosen:
    """A choice that no other comes before, made from any that holds.

    Modules are decided one after another: of those that are needed and open, one that was asked for before others, and
    the first by name. Each takes the version that is preferred to all others with which there is a choice at all. In a
    graph that is large and full of conflicts this ends before it is done; the steps are counted, not timed, so that the
    answer is the same every time.

    Args:
        candidates: with the preferred version first.
        forced: what follows from what was asked.
        asked: what was asked for, and what is loaded.
        found: the choice to begin with; it holds.
        expired: whether the time is over.
    """
    steps = min(MOST_STEPS, _WORK // len(found) + 1)

    def over() -> bool:
        nonlocal steps
        steps -= 1
        return steps < 0 or expired()

    wanted = {need.name for need in asked if not need.loaded}
    opened = {need.name for need in asked}
    pending = [(name not in wanted, name) for name in opened]
    heapq.heapify(pending)
    state = Forced(dict(forced.chosen), {name: list(needs) for name, needs in forced.needs.items()})
    with suppress(UndecidedError):
        while pending:
            _, name = heapq.heappop(pending)
            if name not in state.chosen:
                found = _improved(candidates, state, name, found, over)
                state.take(found[name], candidates)
            for need in found[name].needs:
                if need.binding is Binding.REQUIRED and need.name not in opened:
                    opened.add(need.name)
                    heapq.heappush(pending, (need.name not in wanted, need.name))
    return found


def _improved(candidates: Candidates, state: Forced, name: str, found: Chosen, over: Callable[[], bool]) -> Chosen:
    """The choice with a version of one module that is preferred to the one it has, where there is such a choice."""
    for choice in _before(candidates.choices(name, state.needs[name]), found[name]):
        with suppress(UnfitError):
            better = exhaustive(candidates, state.choosing(choice, candidates), over)
            if better is not None:
                return better
    return found


def _before(choices: Sequence[Candidate | Absent], chosen: Candidate) -> list[Candidate]:
    """The choices that are preferred to one."""
    at = next((at for at, choice in enumerate(choices) if choice is chosen), 0)
    return [choice for choice in choices[:at] if isinstance(choice, Candidate)]
