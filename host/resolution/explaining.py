"""Why modules are there, and what holds their newest versions back."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Final

from host.discovery.repository import Repository
from host.resolution.further import plan_swap
from host.resolution.relations import edges_of, why
from host.resolution.resolve import resolve
from host.resolution.standing import Standing, chains_to, leading_to, newest_release
from host.resolution.wording import MOST_LINES, cyclic
from host.vocabulary.errors import ModuleUnknown, ResolutionFailed
from host.vocabulary.explanations import Link, Outdated, Why
from host.vocabulary.manifest import Manifest
from host.vocabulary.version import parse_version
from host.vocabulary.views import Plan

PATIENCE: Final = 0.5
"""Seconds that may be spent on one module of many."""

TOGETHER: Final = 1.5
"""Seconds that may be spent on all of them."""

Modules = Mapping[str, Manifest]


def explain(modules: Modules, asked: Collection[str], name: str) -> Why:
    """Why one of some modules is there.

    Raises:
        ModuleUnknown: it is none of them.
    """
    if name not in modules:
        raise ModuleUnknown(name, tuple(modules))
    edges = edges_of(modules.values())
    chains = (why(modules.values(), [start], name) for start in sorted(asked) if start in modules and start != name)
    return Why(
        name=name,
        version=modules[name].version,
        asked=name in asked,
        chains=tuple(_linked(modules, names) for names in sorted(filter(None, chains), key=len)),
        needed_by=tuple(sorted(other for other, needs in edges.items() if name in needs)),
    )


def explain_on_disk(repository: Repository, name: str) -> Why:
    """Why a module would be loaded: the plans of what loads by itself, and of what nothing else needs, lead to it.

    What loads in its newest version with the newest of all it needs takes one look for all; the others are searched for
    one by one, as far as there is time.

    Raises:
        ModuleUnknown: none is called that.
        HostError: one is, and cannot be used.
    """
    newest = repository.newest(name)
    if newest is None:
        raise repository.unknown(name)
    needed = {need for manifest in repository.modules for need in manifest.dependencies}
    asked = {manifest.name for manifest in repository.modules if manifest.autoload or manifest.name not in needed}
    standing, patience = Standing.of(repository), Patience()
    towards = chains_to(standing.newest, name)
    chains: dict[str, tuple[Link, ...]] = {}
    version = standing.newest[name].version if name in asked & standing.sound else ""
    for start in sorted(asked & leading_to(repository, name)):
        if start in standing.sound:
            if start in towards:
                version = version or standing.newest[name].version
                chains[start] = _linked(standing.newest, _along(towards, start, name))
        elif name in (modules := _planned(repository, start, patience)):
            version = version or modules[name].version
            chains |= {links[0].name: links for links in explain(modules, {start}, name).chains}
    return Why(
        name=name,
        version=version or newest.version,
        asked=name in asked,
        chains=tuple(sorted(chains.values(), key=len)),
        needed_by=tuple(sorted({other.name for other in repository.modules if name in other.dependencies})),
    )


def outdated(repository: Repository, loaded: Modules) -> Iterator[Outdated]:
    """The loaded modules that have a newer release, by name, and what refuses it."""
    patience = Patience()
    for name in sorted(loaded):
        running, newest = loaded[name], newest_release(repository, name)
        if newest is None or parse_version(newest.version) <= parse_version(running.version):
            continue
        wanted = {name: f"=={newest.version}"}
        found = patience.search(newest, partial(plan_swap, repository, wanted, loaded))
        yield _outdated(running.version, newest, found if isinstance(found, ResolutionFailed) else None)


def unreachable(repository: Repository) -> Iterator[Outdated]:
    """The modules whose newest release cannot be loaded from a repository, by name, and why."""
    standing, patience = Standing.of(repository), Patience()
    newest, reached = standing.newest, set(standing.sound)
    refusals: dict[str, ResolutionFailed] = {}
    origins: dict[str, str] = {}
    for name in standing.order:
        if name in reached or name in refusals:
            continue
        if need := standing.bound_to(name, refusals):
            origins[name] = origins.get(need, need)
            refusals[name] = _for_want_of(newest[name], need, origins[name], refusals[origins[name]])
            continue
        found = patience.search(newest[name], partial(resolve, repository, {name: f"=={newest[name].version}"}))
        if isinstance(found, Plan):
            reached.update(step.name for step in found.order if step.version == newest[step.name].version)
        else:
            refusals |= _of_each(found, standing)
            refusals[name] = found
    faulty = {each.name: each.problems[0] for each in reversed(repository.refused) if each.problems}
    for name in sorted({*refusals, *faulty}):
        if name in faulty:
            held_back = (f"mend {faulty[name].file}: it cannot be used ({faulty[name]})",)
            usable = newest[name].version if name in newest else ""
            yield Outdated(name=name, version=usable, newest="", held_back_by=held_back)
        if name not in refusals:
            continue
        loadable = None if standing.single(name) else _planned(repository, name, patience).get(name)
        yield _outdated(loadable.version if loadable else "", newest[name], refusals[name])


class Patience:
    """The time that is left for searches about modules, one after another."""

    def __init__(self, seconds: float = TOGETHER) -> None:
        self._ends = time.monotonic() + seconds

    def search(self, manifest: Manifest, plan: Callable[..., Plan]) -> Plan | ResolutionFailed:
        """Plan, for as long as one may take of what is left.

        Args:
            manifest: what it is about.
            plan: takes ``patience``, in seconds.
        """
        left = self._ends - time.monotonic()
        if left <= 0:
            first = f"theseus resolve {manifest.name}=={manifest.version} tells why, if it cannot load"
            return ResolutionFailed("conflict", f"{first}: there was no time to look beside all others")
        try:
            return plan(patience=min(PATIENCE, left))
        except ResolutionFailed as refusal:
            return refusal


def _planned(repository: Repository, name: str, patience: Patience) -> Modules:
    """What a load of one module would bring, by name; nothing where it cannot be loaded, or there is no time."""
    plan = patience.search(repository.versions(name)[0], partial(resolve, repository, {name: "*"}))
    found = (repository.at(Path(step.path)) for step in plan.order) if isinstance(plan, Plan) else ()
    return {manifest.name: manifest for manifest in found if manifest is not None}


def _for_want_of(manifest: Manifest, need: str, origin: str, refusal: ResolutionFailed) -> ResolutionFailed:
    """Why a module cannot load that needs one which cannot; ``origin`` is the one that the refusal is about."""
    lines = refusal.message.replace(" (asked for)", "").splitlines()[: MOST_LINES - 1]
    which = "which cannot load" if need == origin else f"which cannot load without {origin}"
    last = f"{manifest.key} needs {need} {manifest.dependencies[need].specifier}, {which}"
    return replace(refusal, message="\n".join((*lines, last)))


def _of_each(refusal: ResolutionFailed, standing: Standing) -> dict[str, ResolutionFailed]:
    """For each module on a cycle of a refusal that no other choice avoids, the same with those that it leads to."""
    groups: list[set[str]] = []
    for cycle in refusal.cycles:
        if not all(standing.bound_to(name, (need,)) for name, need in pairwise((*cycle, cycle[0]))):
            continue
        touching = [group for group in groups if not group.isdisjoint(cycle)]
        groups = [*(group for group in groups if group.isdisjoint(cycle)), set(cycle).union(*touching)]
    found: dict[str, ResolutionFailed] = {}
    for group in groups:
        leads = _led_to(standing.newest, min(group))
        own = [cycle for cycle in refusal.cycles if not leads.isdisjoint(cycle)]
        complete = len(own) == len(refusal.cycles)
        found |= dict.fromkeys(group, refusal if complete else cyclic(own, refusal.known, all_found=False))
    return found


def _led_to(newest: Modules, name: str) -> set[str]:
    """A module, and all that it cannot do without."""
    reached, pending = {name}, [name]
    while pending:
        needs = newest[pending.pop()].dependencies.items()
        fresh = {need for need, wanted in needs if not wanted.optional and need in newest} - reached
        reached |= fresh
        pending += fresh
    return reached


def _along(towards: Mapping[str, str], start: str, end: str) -> tuple[str, ...]:
    names = [start]
    while names[-1] != end:
        names.append(towards[names[-1]])
    return tuple(names)


def _outdated(version: str, newest: Manifest, refusal: ResolutionFailed | None = None) -> Outdated:
    return Outdated(
        name=newest.name,
        version=version,
        newest=newest.version,
        held_back_by=tuple(refusal.message.splitlines()) if refusal else (),
        further=refusal.further if refusal else {},
    )


def _linked(modules: Modules, names: tuple[str, ...]) -> tuple[Link, ...]:
    wants = [modules[name].dependencies[after].specifier for name, after in pairwise(names)]
    return tuple(
        Link(name=name, version=modules[name].version, wants=wanted)
        for name, wanted in zip(names, (*wants, ""), strict=True)
    )
