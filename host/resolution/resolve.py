"""From what was asked to a plan: versions chosen, in load order."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Final, Self

from host.discovery.repository import Repository
from host.resolution.candidates import Candidates
from host.resolution.exhaustive import Chosen, UndecidedError
from host.resolution.needs import Binding, Need, asked
from host.resolution.order import Edges, in_order, one_cycle, with_wishes
from host.resolution.propagation import UnfitError
from host.resolution.provider import search
from host.resolution.relations import edges_of
from host.resolution.wording import cyclic, out_of_time, unfit
from host.vocabulary.constraint import parse_constraint
from host.vocabulary.errors import ResolutionFailed
from host.vocabulary.identity import CONTRACT_VERSION, ModuleKey
from host.vocabulary.manifest import Manifest
from host.vocabulary.views import Plan, PlanStep

Wanted = Mapping[str, str] | Iterable[tuple[str, str]]

PATIENCE: Final = 2.0
"""Seconds that a search may take."""

_NOTHING: Final[Mapping[str, Manifest]] = MappingProxyType({})


def resolve(
    repository: Repository,
    wanted: Wanted,
    *,
    loaded: Mapping[str, Manifest] = _NOTHING,
    upgrade: bool = False,
    host_version: str = CONTRACT_VERSION,
    patience: float = PATIENCE,
) -> Plan:
    """Choose versions for what is wanted and all that it needs.

    The newest that fits is taken, and pre-releases where they are asked for. What is loaded stays as it is where a plan
    allows that; a loaded module whose version must change is part of the plan.

    Args:
        repository: all that may be chosen.
        wanted: names and specifiers (``""`` and ``"*"`` are any version).
        loaded: manifests of what runs, by name.
        upgrade: prefer the newest versions of what is wanted and of what it needs to those that run.
        host_version: of the contract for module authors.
        patience: seconds that the search may take.

    Returns:
        The wanted modules and what they need, loaded or not, and loaded ones that must change; dependencies first.

    Raises:
        ResolutionFailed: there is no such choice.
        SpecifierInvalid: a specifier does not parse.
    """
    request = Request.of(repository, wanted, loaded, host_version, patience)
    if upgrade and loaded:
        return request.upgraded()
    if request.staying:
        # Where what is loaded stands in the way, the search below may move it, and words the refusal.
        with suppress(ResolutionFailed):
            return request.plan(fixed=True)
    return request.plan()


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

    def plan(self, *, fixed: bool = False) -> Plan:
        """Choose and order; ``fixed``: what is loaded and was not asked for keeps its version."""
        return self._ordered(self._choose(fixed=fixed))

    def upgraded(self) -> Plan:
        """Choose and order; of what was asked and what that needs, the newest is preferred to what runs.

        What the asked ones need is known only once their versions are, so it is looked at until nothing new comes up.
        """
        upgraded = frozenset(_names(self.asked))
        while True:
            chosen = self._choose(upgraded=upgraded)
            reached = frozenset(_reached(chosen, _names(self.asked)))
            if reached <= upgraded:
                return self._ordered(chosen)
            upgraded |= reached

    def _ordered(self, chosen: Chosen) -> Plan:
        changed = [name for name in self.staying if not chosen[name].loaded]
        manifests = [chosen[name].manifest for name in _reached(chosen, [*_names(self.asked), *changed])]
        wishes = ((each.name, before) for each in manifests for before in each.load_after)
        ordered = with_wishes(edges_of(manifests), wishes)
        return Plan(
            order=tuple(_step(chosen[name].manifest) for name in ordered.names),
            warnings=tuple(
                f"{name} asks to load after {before}, but loads before it: {before} needs {name}, or waits for it"
                for name, before in ordered.given_up
            ),
        )

    @cached_property
    def staying(self) -> tuple[str, ...]:
        """Names of loaded modules that were not asked for."""
        return tuple(sorted(self.loaded.keys() - {need.name for need in self.asked}))

    def candidates(
        self,
        *,
        fixed: bool = False,
        upgraded: frozenset[str] = frozenset(),
        banned: frozenset[ModuleKey] = frozenset(),
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
        )

    @cached_property
    def _roots(self) -> tuple[Need, ...]:
        anything = parse_constraint("*")
        return (*self.asked, *(Need(name, anything, loaded=True) for name in self.staying))

    def _choose(self, *, fixed: bool = False, upgraded: frozenset[str] = frozenset()) -> Chosen:
        """Choose versions; where they need one another in a cycle, try others for its members.

        Each plan without that cycle lacks one of its members, so leaving out each in turn misses none.
        """
        # Where nothing may move and no answer is found, there is to be time left to look what must move.
        deadline = (time.monotonic() + self.deadline) / 2 if fixed else self.deadline
        cycles: Edges = {}
        pending: deque[frozenset[ModuleKey]] = deque([frozenset()])
        seen = {pending[0]}
        while pending:
            banned = pending.popleft()
            candidates = self.candidates(fixed=fixed, upgraded=upgraded, banned=banned)
            try:
                chosen = search(candidates, self._roots, deadline)
            except UnfitError as fault:
                if not banned:
                    raise unfit(fault.needs, self._roots, candidates, self.host_version) from None
                continue
            except UndecidedError as fault:
                if not banned:
                    raise out_of_time(fault.needs, self._roots, candidates, self.patience) from None
                break
            rest = in_order(edges_of(chosen[name].manifest for name in _reached(chosen, _names(self._roots)))).rest
            if not rest:
                return chosen
            cycles = cycles or rest
            fresh = [banned | {chosen[name].manifest.key} for name in one_cycle(rest)]
            pending += [each for each in fresh if each not in seen]
            seen.update(fresh)
        raise _cyclic(cycles, self.repository.names)


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


def _step(manifest: Manifest) -> PlanStep:
    return PlanStep(name=manifest.name, version=manifest.version, tier=manifest.tier.value, path=str(manifest.folder))


def _cyclic(rest: Edges, known: tuple[str, ...]) -> ResolutionFailed:
    from host.resolution.cycles import cycles  # noqa: PLC0415 - it brings networkx, a fifth of the time of a start

    return cyclic(cycles(rest), known)
