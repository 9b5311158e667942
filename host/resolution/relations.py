"""Who needs whom among modules that were chosen or run."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from itertools import chain

from host.resolution.order import Edges, in_order
from host.vocabulary.manifest import Manifest


def needs_of(manifest: Manifest, present: Container[str], *, optional: bool = True) -> frozenset[str]:
    """The modules that one needs, of those that are present."""
    needs = manifest.dependencies.items()
    return frozenset(name for name, need in needs if (optional or not need.optional) and name in present)


def edges_of(manifests: Iterable[Manifest], *, optional: bool = True) -> Edges:
    """What each module needs, by name; an optional need counts where the module is there."""
    by_name = {manifest.name: manifest for manifest in manifests}
    return {name: needs_of(manifest, by_name, optional=optional) for name, manifest in by_name.items()}


def dependents(manifests: Iterable[Manifest], name: str, *, optional: bool = False) -> tuple[str, ...]:
    """All that need a module, at however many steps, those that nothing needs first: the order to unload them in.

    Args:
        manifests: of what is there; one for each name.
        name: the module.
        optional: count needs that are optional too: what is affected, not what breaks.
    """
    edges = edges_of(manifests, optional=optional)
    backwards = _backwards(edges)
    reached = {name}
    pending = [name]
    while pending:
        fresh = backwards.get(pending.pop(), frozenset()) - reached
        reached |= fresh
        pending += sorted(fresh)
    ordered = in_order({each: edges[each] & reached for each in reached if each in edges})
    return tuple(each for each in reversed((*ordered.names, *sorted(ordered.rest))) if each != name)


def tied(manifests: Iterable[Manifest]) -> list[frozenset[str]]:
    """The groups into which modules fall of which one needs the other; several manifests may be of one module."""
    given = tuple(manifests)
    names = {manifest.name for manifest in given}
    groups: list[frozenset[str]] = []
    for manifest in given:
        group = needs_of(manifest, names) | {manifest.name}
        touching = [each for each in groups if each & group]
        groups = [*(each for each in groups if not each & group), group.union(*touching)]
    return groups


def why(manifests: Iterable[Manifest], requested: Iterable[str], name: str) -> tuple[str, ...]:
    """A shortest chain from something that was asked for to a module; empty where none leads to it."""
    edges = edges_of(manifests)
    came_from = {start: "" for start in sorted(requested) if start in edges}
    pending = list(came_from)
    for here in pending:
        if here == name:
            return _chain(came_from, name)
        fresh = [need for need in sorted(edges[here]) if need not in came_from]
        came_from |= dict.fromkeys(fresh, here)
        pending += fresh
    return ()


def _chain(came_from: Mapping[str, str], end: str) -> tuple[str, ...]:
    names = [end]
    while came_from[names[-1]]:
        names.append(came_from[names[-1]])
    return tuple(reversed(names))


def _backwards(edges: Edges) -> Edges:
    found: dict[str, set[str]] = {name: set() for name in chain(edges, *edges.values())}
    for name, needs in edges.items():
        for need in needs:
            found[need].add(name)
    return {name: frozenset(names) for name, names in found.items()}
