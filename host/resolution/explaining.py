"""Why modules are there, and what holds their newest versions back."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import chain, pairwise
from pathlib import Path
from typing import Final

from host.discovery.repository import Repository
from host.resolution.further import plan_swap
from host.resolution.order import in_order
from host.resolution.relations import edges_of, why
from host.resolution.resolve import resolve
from host.vocabulary.errors import ModuleUnknown, ResolutionFailed
from host.vocabulary.explanations import Link, Outdated, Why
from host.vocabulary.manifest import Manifest
from host.vocabulary.version import parse_version

PATIENCE: Final = 0.5
"""Seconds that may be spent on one module of many."""

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

    Raises:
        ModuleUnknown: none is called that.
    """
    newest = repository.newest(name)
    if newest is None:
        raise ModuleUnknown(name, repository.names)
    needed = {need for manifest in repository.modules for need in manifest.dependencies}
    asked = {manifest.name for manifest in repository.modules if manifest.autoload or manifest.name not in needed}
    plans = (_planned(repository, start) for start in sorted(asked))
    found = [explain(modules, asked, name) for modules in plans if name in modules]
    chains = {links[0].name: links for each in found for links in each.chains}
    return Why(
        name=name,
        version=found[0].version if found else newest.version,
        asked=name in asked,
        chains=tuple(sorted(chains.values(), key=len)),
        needed_by=tuple(sorted({other.name for other in repository.modules if name in other.dependencies})),
    )


def outdated(repository: Repository, loaded: Modules) -> Iterator[Outdated]:
    """The loaded modules that have a newer release, by name, and what refuses it."""
    for name in sorted(loaded):
        running, newest = loaded[name], newest_release(repository, name)
        if newest is None or parse_version(newest.version) <= parse_version(running.version):
            continue
        try:
            plan_swap(repository, {name: f"=={newest.version}"}, loaded, patience=PATIENCE)
        except ResolutionFailed as refusal:
            yield _outdated(running.version, newest, refusal)
        else:
            yield _outdated(running.version, newest)


def unreachable(repository: Repository) -> Iterator[Outdated]:
    """The modules whose newest release cannot be loaded from a repository, by name, and why."""
    newest = {name: found for name in repository.names if (found := newest_release(repository, name)) is not None}
    refusals: dict[str, ResolutionFailed] = {}
    reached: set[str] = set()
    for name in _dependents_first(newest.values()):  # so that one plan answers for all that is in it
        if name in reached or name in refusals:
            continue
        try:
            plan = resolve(repository, {name: f"=={newest[name].version}"}, patience=PATIENCE)
        except ResolutionFailed as refusal:
            refusals |= dict.fromkeys((name, *chain.from_iterable(refusal.cycles)), refusal)
        else:
            reached.update(step.name for step in plan.order if step.version == newest[step.name].version)
    for name in sorted(refusals):
        loadable = _planned(repository, name).get(name)
        yield _outdated(loadable.version if loadable else "", newest[name], refusals[name])


def newest_release(repository: Repository, name: str) -> Manifest | None:
    """The newest version that is no pre-release; where there is none, the newest."""
    releases = (each for each in repository.versions(name) if not parse_version(each.version).is_prerelease)
    return next(releases, repository.newest(name))


def _dependents_first(manifests: Iterable[Manifest]) -> list[str]:
    ordered = in_order(edges_of(manifests))
    return [*ordered.names, *sorted(ordered.rest, reverse=True)][::-1]


def _planned(repository: Repository, name: str) -> Modules:
    """What a load of one module would bring, by name; nothing where it cannot be loaded."""
    try:
        plan = resolve(repository, {name: "*"}, patience=PATIENCE)
    except ResolutionFailed:
        return {}
    found = (repository.at(Path(step.path)) for step in plan.order)
    return {manifest.name: manifest for manifest in found if manifest is not None}


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
