"""The search that misses nothing: one open module after another, each of its versions, and what follows from it.

It knows no shortcuts, so hard graphs are resolvelib's; but where resolvelib finds nothing, there may be something.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from host.resolution.candidates import Candidates
from host.resolution.needs import Candidate, Need
from host.resolution.propagation import Forced, UnfitError

Chosen = dict[str, Candidate]


class UndecidedError(Exception):
    """A search ended without an answer; ``needs`` were at odds last, as far as it knows."""

    def __init__(self, needs: tuple[Need, ...] = ()) -> None:
        super().__init__(*map(str, needs))
        self.needs = needs


def exhaustive(candidates: Candidates, forced: Forced, expired: Callable[[], bool]) -> Chosen | None:
    """A choice that satisfies every need; ``None`` where there is none.

    Raises:
        UndecidedError: the time is over.
    """
    branches: list[Iterator[Forced]] = [iter((forced,))]
    while branches:
        if expired():
            raise UndecidedError
        state = next(branches[-1], None)
        if state is None:
            branches.pop()
        elif names := state.open_names():
            name = min(names, key=lambda each: len(candidates.choices(each, state.needs[each])))
            branches.append(_branch(candidates, state, name))
        else:
            return state.chosen
    return None


def _branch(candidates: Candidates, state: Forced, name: str) -> Iterator[Forced]:
    for choice in candidates.choices(name, state.needs[name]):
        if isinstance(choice, Candidate):
            try:
                yield state.choosing(choice, candidates)
            except UnfitError:
                continue
