"""What was asked, beside what is loaded; and the choice of versions for it, in load order."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Final, Self

from host.discovery.repository import Repository
from host.resolution.candidates import Candidates
from host.resolution.exhaustive import Chosen, UndecidedError
from host.resolution.needs import Binding, Need, asked
from host.resolution.order import Edges, in_order, one_cycle, with_wishes
from host.resolution.propagation import UnfitError
from host.resolution.provider import search
from host.resolution.relations import edges_of
from host.resolution.wording import cyclic, or_with, out_of_time, unfit
from host.vocabulary.constraint import parse_constraint
from host.vocabulary.errors import ResolutionFailed
from host.vocabulary.identity import CONTRACT_VERSION, ModuleKey
from host.vocabulary.manifest import Manifest
from host.vocabulary.version import parse_version
from host.vocabulary.views import Plan, PlanStep

Wanted = Mapping[str, str] | Iterable[tuple[str, str]]

PATIENCE: Final = 2.0
"""Seconds that a search may take."""

_CHOOSING: Final = 0.1
"""The part of that time in which a better way round a cycle is looked for."""


@dataclass(frozen=True)
class Request:
    """What was asked, under what circumstances; ``deadline`` as ``time.monotonic`` tells it."""

    repository: Repository
    asked: Sequence[Need]
    loaded: Mapping[str, Manifest]
    host_version: str
    patience: float
    deadline: float

    @classmethod
    def of(
        cls,
        repository: Repository,
        wanted: Wanted,
        loaded: Mapping[str, Manifest],
        host_version: str = CONTRACT_VERSION,
        patience: float = PATIENCE,
    ) -> Self:
        """Read what is wanted; the time begins.

        Raises:
            SpecifierInvalid: a specifier does not parse.
        """
        needs = asked(wanted.items() if isinstance(wanted, Mapping) else wanted)
        return cls(repository, needs, loaded, host_version, patience, time.monotonic() + patience)

    def plan(self, *, fixed: AbstractSet[str] = frozenset()) -> Plan:
        """Choose and order; ``fixed``: names of loaded modules that keep their versions.

        Raises:
            ResolutionFailed: there is no such choice.
        """
        return self._ordered(self._choose(fixed=fixed))

    def upgraded(self) -> Plan:
        """Choose and order; of what was asked and what that needs, the newest is preferred to what runs.

        What the asked ones need is known only once their versions are, so it is looked at until nothing new comes up.
        """
        movable = frozenset(filter(self._other_than_runs, self.loaded))
        upgraded = movable.intersection(_names(self.asked))
        while True:
            chosen = self._choose(upgraded=upgraded)
            reached = movable.intersection(_reached(chosen, _names(self.asked)))
            if reached <= upgraded:
                return self._ordered(chosen)
            upgraded |= reached

    def _other_than_runs(self, name: str) -> bool:
        """Whether there is another version of a loaded module."""
        return any(each.version != self.loaded[name].version for each in self.repository.versions(name))

    def _ordered(self, chosen: Chosen) -> Plan:
        changed = [name for name in self.staying if not chosen[name].loaded]
        manifests = [chosen[name].manifest for name in _reached(chosen, [*_names(self.asked), *changed])]
        wishes = ((each.name, before) for each in manifests for before in each.load_after)
        ordered = with_wishes(edges_of(manifests), wishes)
        return Plan(
            order=tuple(self._step(chosen[name].manifest) for name in ordered.names),
            warnings=tuple(
                f"{name} asks to load after {before}, but loads before it: {before} needs {name}, or waits for it"
                for name, before in ordered.given_up
            ),
        )

    @cached_property
    def staying(self) -> tuple[str, ...]:
        """Names of loaded modules that were not asked for."""
        return tuple(sorted(self.loaded.keys() - set(_names(self.asked))))

    @cached_property
    def keeping(self) -> frozenset[str]:
        """Names of loaded modules whose versions are none that was not asked for."""
        running = {name: parse_version(manifest.version) for name, manifest in self.loaded.items()}
        barred = {each.name for each in self.asked if not each.admits_version(running.get(each.name))}
        return frozenset(running.keys() - barred)

    def moved(self, plan: Plan) -> frozenset[str]:
        """Names of loaded modules that a plan has in another version than runs."""
        return frozenset(step.name for step in plan.order if step.replaces)

    def candidates(
        self,
        *,
        fixed: AbstractSet[str] = frozenset(),
        upgraded: AbstractSet[str] = frozenset(),
        banned: AbstractSet[ModuleKey] = frozenset(),
        prereleases: bool = False,
    ) -> Candidates:
        """What may be chosen, as ``Candidates`` takes it."""
        return Candidates(
            self.repository,
            self.loaded,
            self.host_version,
            staying=self.staying,
            fixed=fixed,
            upgraded=upgraded,
            banned=banned,
            prereleases=prereleases,
        )

    @cached_property
    def _roots(self) -> tuple[Need, ...]:
        anything = parse_constraint("*")
        return (*self.asked, *(Need(name, anything, loaded=True) for name in self.staying))

    def _choose(self, *, fixed: AbstractSet[str] = frozenset(), upgraded: AbstractSet[str] = frozenset()) -> Chosen:
        """Choose versions; where they need one another in a cycle, try others for its members.

        Each plan without that cycle lacks one of its members, so leaving out each in turn misses none. Of those that
        leave out equally many, the one with the most preferred versions is chosen, of what was asked for first.
        """
        # Where nothing may move and no answer is found, there is to be time left to look what must move.
        deadline = (time.monotonic() + self.deadline) / 2 if fixed else self.deadline
        cycles: Edges = {}
        pending: deque[frozenset[ModuleKey]] = deque([frozenset()])
        seen = {pending[0]}
        found: list[Chosen] = []
        fewest = 0
        while pending and not (found and len(pending[0]) > fewest):
            banned = pending.popleft()
            if banned and time.monotonic() > deadline:
                break
            candidates = self.candidates(fixed=fixed, upgraded=upgraded, banned=banned)
            try:
                chosen = search(candidates, self._roots, deadline)
            except UnfitError as fault:
                if not banned:
                    refusal = unfit(fault.needs, self._roots, candidates, self.host_version)
                    raise refusal if fixed else or_with(self._prereleases(upgraded), refusal) from None
                continue
            except UndecidedError as fault:
                if not banned:
                    raise out_of_time(fault.needs, self._roots, candidates, self.patience) from None
                break
            rest = in_order(edges_of(chosen[name].manifest for name in _reached(chosen, _names(self._roots)))).rest
            if not rest:
                found.append(chosen)
                fewest = len(banned)
                deadline = min(deadline, time.monotonic() + _CHOOSING * self.patience)
                continue
            cycles = cycles or rest
            fresh = [banned | {chosen[name].manifest.key} for name in one_cycle(rest)]
            pending += [each for each in fresh if each not in seen]
            seen.update(fresh)
        if not found:
            raise _cyclic(cycles, self.repository.names)
        everything = self.candidates(fixed=fixed, upgraded=upgraded)
        return min(found, key=lambda chosen: self._set_back(chosen, everything)) if len(found) > 1 else found[0]

    def _prereleases(self, upgraded: AbstractSet[str]) -> dict[str, str]:
        """The pre-releases that nothing asks for and that would do, by name; empty where none would."""
        if not any(parse_version(each.version).is_prerelease for each in self.repository.modules):
            return {}
        try:
            chosen = search(self.candidates(upgraded=upgraded, prereleases=True), self._roots, self.deadline)
        except (UnfitError, UndecidedError):
            return {}
        reached = [chosen[name] for name in _reached(chosen, _names(self._roots))]
        if in_order(edges_of(each.manifest for each in reached)).rest:
            return {}
        fresh = [each for each in reached if each.version.is_prerelease and not each.loaded]
        named = {
            need.name
            for need in (*self.asked, *chain.from_iterable(each.needs for each in reached))
            if need.asks_for_prerelease
        }
        return {each.name: each.manifest.version for each in fresh if each.name not in named}

    def _step(self, manifest: Manifest) -> PlanStep:
        runs = self.loaded.get(manifest.name)
        return PlanStep(
            name=manifest.name,
            version=manifest.version,
            tier=manifest.tier.value,
            path=str(manifest.folder),
            replaces=runs.version if runs is not None and runs.version != manifest.version else "",
        )

    def _set_back(self, chosen: Chosen, candidates: Candidates) -> tuple[list[int], int]:
        """How many preferred versions a choice passes over: of each module that was asked for, and of the others."""
        wanted = sorted(set(_names(self.asked)))
        places = {
            name: [each.manifest.key for each in candidates.of(name)].index(chosen[name].manifest.key)
            for name in _reached(chosen, _names(self._roots))
        }
        return [places[name] for name in wanted], sum(places.values())


def _names(needs: Iterable[Need]) -> list[str]:
    return [need.name for need in needs]


def _reached(chosen: Chosen, start: Iterable[str]) -> list[str]:
    """Some modules and all that they need; a search may have chosen more on its way."""
    reached: dict[str, None] = dict.fromkeys(start)
    pending = list(reached)
    for name in pending:
        needed = [need.name for need in chosen[name].needs if need.binding is Binding.REQUIRED]
        fresh = [need for need in dict.fromkeys(needed) if need not in reached]
        reached |= dict.fromkeys(fresh)
        pending += fresh
    return pending


def _cyclic(rest: Edges, known: tuple[str, ...]) -> ResolutionFailed:
    from host.resolution.cycles import cycles  # noqa: PLC0415 - it brings networkx, a fifth of the time of a start

    found, complete = cycles(rest)
    return cyclic(found, known, all_found=complete)
