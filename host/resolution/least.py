"""The fewest changes to what is loaded that make a request legal.

Source: the bounded search tree of parameterised algorithms. A need that does not hold is between two modules, so one of
them changes in every solution; trying each, with a bound on the changes that grows by one, finds a smallest solution.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain, product
from typing import Final

from host.resolution.exhaustive import UndecidedError
from host.resolution.needs import Candidate, Need
from host.resolution.order import in_order, one_cycle
from host.resolution.relations import edges_of
from host.resolution.request import Request
from host.vocabulary.views import Plan

Versions = Mapping[str, Candidate]


@dataclass(frozen=True, slots=True)
class _State:
    """What a branch has settled: ``decided`` stays so in it, and of it the loaded modules ``moved`` change."""

    decided: Versions
    moved: frozenset[str] = frozenset()


class LeastChange:
    """Looks for the fewest changes with which one request is legal, in half of the time that it has left."""

    def __init__(self, request: Request) -> None:
        self._asked = request.asked
        self._loaded: Final = request.loaded.keys()
        self._names: Final = sorted({need.name for need in request.asked})
        self._deadline = (time.monotonic() + request.deadline) / 2
        self._candidates = request.candidates()
        self._running: Final = {name: self._candidates.of(name)[0] for name in request.staying}
        self._admitted: Final[dict[tuple[int, int], bool]] = {}
        self._about: Final[dict[str, list[Need]]] = {}
        for need in chain.from_iterable(each.needs for each in self._running.values()):
            self._about.setdefault(need.name, []).append(need)

    def smallest(self, below: float = math.inf) -> Versions:
        """What was asked for, and the fewest changes beside it, to releases.

        Empty where there are none, no fewer than ``below`` with those of what was asked for, or no time.
        """
        most: float = 1
        with suppress(UndecidedError):
            while most < below:
                found, most = self._within(most)
                if found is not None:
                    return {name: found.decided[name] for name in (*self._names, *sorted(found.moved))}
        return {}

    def settled(self, plan: Plan) -> Versions:
        """What was asked for, and the changes beside it, as a plan has them."""
        versions = {step.name: step.version for step in plan.order}
        found = chain.from_iterable(self._candidates.of(name) for name in versions)
        chosen = [each for each in found if each.manifest.version == versions[each.name]]
        return {each.name: each for each in chosen if each.name in self._names or self._moves(each)}

    def obstacles(self, settled: Versions, further: Iterable[str]) -> list[Need]:
        """The needs that would not hold if one of the further ones stayed as it is, the others changed."""
        found: dict[Need, None] = {}
        for name in further:
            rest = {other: each for other, each in settled.items() if other != name}
            broken = [need for need in self._broken(rest) if name in {need.name, _owner(need)}]
            # What another says only in the version that is offered is no obstacle, unless there is no other.
            now = [need for need in broken if _owner(need) not in rest or _owner(need) in self._names]
            found |= dict.fromkeys(now or broken)
        return list(found)

    def _within(self, most: float) -> tuple[_State | None, float]:
        """A legal state of at most so many changes; and where there is none, how many the least promising branch takes.

        Raises:
            UndecidedError: the time is over.
        """
        beyond = math.inf
        branches: list[Iterator[_State]] = [self._beginnings()]
        while branches:
            if time.monotonic() > self._deadline:
                raise UndecidedError
            state = next(branches[-1], None)
            if state is None:
                branches.pop()
                continue
            broken = list(self._broken(state.decided))
            # Whoever needs what is settled now, and was not itself, has to change.
            least = len(state.moved) + len({_owner(need) for need in broken} - state.decided.keys())
            if least > most:
                beyond = min(beyond, least)
            elif broken:
                branches.append(self._mended(state, broken[0]))
            elif cycle := self._cycle(state):
                branches.append(self._opened(state, cycle))
            else:
                return state, most
        return None, beyond

    def _beginnings(self) -> Iterator[_State]:
        """Every choice of what was asked for."""
        wishes = {name: [need for need in self._asked if need.name == name] for name in self._names}
        for chosen in product(*(self._candidates.choices(name, needs) for name, needs in wishes.items())):
            decided = {each.name: each for each in chosen if isinstance(each, Candidate)}
            moved = (name for name, each in decided.items() if name in self._loaded and not each.loaded)
            yield _State(decided, frozenset(moved))

    def _broken(self, decided: Versions) -> Iterator[Need]:
        """Needs that do not hold; only those from or about what was decided can be."""
        for name, choice in decided.items():
            for need in choice.needs:
                if not self._admits(need, self._present(need.name, decided)):
                    yield need
            for need in self._about.get(name, ()):
                if _owner(need) not in decided and not self._admits(need, choice):
                    yield need

    def _admits(self, need: Need, choice: Candidate | None) -> bool:
        """Asked again at each step, and most often the same; both live as long as the search."""
        key = id(need), id(choice)
        known = self._admitted.get(key)
        if known is None:
            known = self._admitted[key] = need.admits_version(choice.version if choice else None)
        return known

    def _mended(self, state: _State, need: Need) -> Iterator[_State]:
        """Every other version of either side; where it is that of the other side, the one who needs it stays."""
        owner = _owner(need)
        if need.name not in state.decided:
            staying = self._staying(state, [owner])
            others = filter(need.admits, self._others(need.name))
            yield from (self._with(staying, each) for each in others)
        if owner not in state.decided:
            yield from (self._with(state, each) for each in self._others(owner))

    def _opened(self, state: _State, cycle: tuple[str, ...]) -> Iterator[_State]:
        """Every other version of each member of a cycle, those before it staying."""
        for at, name in enumerate(cycle):
            if name not in state.decided:
                staying = self._staying(state, cycle[:at])
                yield from (self._with(staying, each) for each in self._others(name))

    def _cycle(self, state: _State) -> tuple[str, ...]:
        present = {**self._running, **state.decided}
        rest = in_order(edges_of(each.manifest for each in present.values())).rest
        return one_cycle(rest) if rest else ()

    def _present(self, name: str, decided: Versions) -> Candidate | None:
        return decided.get(name) or self._running.get(name)

    def _moves(self, choice: Candidate) -> bool:
        return self._running.get(choice.name, choice) is not choice

    def _staying(self, state: _State, names: Iterable[str]) -> _State:
        kept = {name: self._running[name] for name in names if name not in state.decided}
        return _State({**state.decided, **kept}, state.moved)

    def _with(self, state: _State, choice: Candidate) -> _State:
        moved = {choice.name} & self._running.keys()
        return _State({**state.decided, choice.name: choice}, state.moved | moved)

    def _others(self, name: str) -> Iterator[Candidate]:
        """Releases that do not run, the newest first."""
        return (each for each in self._candidates.of(name) if not each.loaded and not each.version.is_prerelease)


def _owner(need: Need) -> str:
    return need.wanted_by.partition(" ")[0]
