"""The search for modules that are bad, alone or only together, by asking of ever smaller sets whether those are.

Each set holds all that its modules need, so each can be loaded. In load order every beginning of the list is such a
set. The shortest beginning that is bad ends with a module without which it would not be, so that one is found by
halves; then the same with that one always on, until what was found is bad by itself.

Source: delta debugging (A. Zeller, R. Hildebrandt: Simplifying and Isolating Failure-Inducing Input), where what is
tried can only be what is closed under its needs.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

Names = frozenset[str]
_Search = Generator[Names, bool, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Trial:
    """What to switch on, and nothing else, for the next answer; ``most``: questions left if one module is bad alone."""

    on: Names
    most: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """Who is bad, each only with the others there; nobody where it is bad with all of them off."""

    guilty: tuple[str, ...]


def after(needs: Mapping[str, AbstractSet[str]], answers: Sequence[bool]) -> Trial | Verdict:
    """What is next after some answers; with all modules on it is bad, or nobody would look.

    Args:
        needs: what each module needs, by name, in load order: whatever is needed stands before what needs it.
        answers: of the trials so far, whether it was bad; those beyond the verdict are passed over.
    """
    search = _asking_once(needs)
    given = iter(answers)
    try:
        trial = next(search)
        for bad in given:
            trial = search.send(bad)
    except StopIteration as end:
        return Verdict(end.value)
    return Trial(trial, _most_left(needs, len(answers)))


def _asking_once(needs: Mapping[str, AbstractSet[str]]) -> Generator[Names, bool, tuple[str, ...]]:
    """The search without what is known: more of what is bad is bad, less of what is good is good."""
    search = _search(needs)
    bad: list[Names] = [frozenset(needs)]
    good: list[Names] = []
    try:
        trial = next(search)
        while True:
            if any(each <= trial for each in bad):
                trial = search.send(True)
            elif any(trial <= each for each in good):
                trial = search.send(False)
            else:
                answer = yield trial
                (bad if answer else good).append(trial)
                trial = search.send(answer)
    except StopIteration as end:
        guilty: tuple[str, ...] = end.value
        return guilty


def _search(needs: Mapping[str, AbstractSet[str]]) -> _Search:
    if (yield frozenset()):
        return ()
    guilty: list[str] = []
    on: Names = frozenset()
    order = list(needs)
    while True:
        low, high = 0, len(order)
        while high - low > 1:
            middle = (low + high) // 2
            if (yield on.union(order[:middle])):
                high = middle
            else:
                low = middle
        last = order[high - 1]
        guilty.append(last)
        on |= _with_needs(needs, last)
        order = [name for name in order[: high - 1] if name not in on]
        if (yield on):
            return tuple(guilty)


def _with_needs(needs: Mapping[str, AbstractSet[str]], name: str) -> Names:
    found = {name}
    pending = [name]
    while pending:
        fresh = needs[pending.pop()] - found
        found |= fresh
        pending += fresh
    return frozenset(found)


def _most_left(needs: Mapping[str, AbstractSet[str]], asked: int) -> int:
    """Nothing on, the halves, and the one that is left by itself."""
    return max(2 + max(len(needs) - 1, 0).bit_length() - asked, 1)
