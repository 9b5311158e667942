"""Why modules are there, and what holds their newest versions back."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Final

from host.discovery.repository import Repository
from host.resolution.further import plan_swap
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
        chains=tuple(_linked(modules, chain) for chain in sorted(filter(None, chains), key=len)),
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
    chains = {chain[0].name: chain for each in found for chain in each.chains}
    return Why(
        name=name,
        version=found[0].version if found else newest.version,
        asked=name in asked,
        chains=tuple(sorted(chains.values(), key=len)),
        needed_by=tuple(sorted({other for each in found for other in each.needed_by})),
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
    for name in repository.names:
        newest = newest_release(repository, name)
        if newest is None:
            continue
        try:
            resolve(repository, {name: f"=={newest.version}"}, patience=PATIENCE)
        except ResolutionFailed as refusal:
            loadable = _planned(repository, name).get(name)
            yield _outdated(loadable.version if loadable else "", newest, refusal)


def newest_release(repository: Repository, name: str) -> Manifest | None:
    """The newest version that is no pre-release; where there is none, the newest."""
    releases = (each for each in repository.versions(name) if not parse_version(each.version).is_prerelease)
    return next(releases, repository.newest(name))


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


def _linked(modules: Modules, chain: tuple[str, ...]) -> tuple[Link, ...]:
    wants = [modules[name].dependencies[after].specifier for name, after in pairwise(chain)]
    return tuple(
        Link(name=name, version=modules[name].version, wants=wanted)
        for name, wanted in zip(chain, (*wants, ""), strict=True)
    )
