"""The graph around one module as it would be drawn: its places, its faults, and what a change of it leads to."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import pairwise
from types import MappingProxyType
from typing import Final

from host.discovery.reading import Refused
from host.resolution.layers import layout
from host.resolution.order import in_order
from host.resolution.relations import dependents
from host.vocabulary.constraint import parse_constraint
from host.vocabulary.errors import ModuleUnknown
from host.vocabulary.graph import Graph, GraphArrow, GraphNode, Tie
from host.vocabulary.manifest import Manifest
from host.vocabulary.version import parse_version

GAP: Final = 5.0
_NOTHING: Final[Mapping[str, Refused]] = MappingProxyType({})
_PADDING: Final = 6
"""Characters beside the words in a box."""


def picture(
    there: Mapping[str, Manifest], running: Container[str], name: str = "", *, faulty: Mapping[str, Refused] = _NOTHING
) -> Graph:
    """Lay out who needs whom.

    Args:
        there: one version of each module: the one that runs, or would.
        running: the names of those that run.
        name: the module that it is about; without one, all are drawn.
        faulty: modules of which no version can be used.
    """
    graph = outline(there, running, name, faulty=faulty)
    linked: dict[str, set[str]] = {node.name: set() for node in graph.nodes}
    for arrow in graph.arrows:
        linked[arrow.start].add(arrow.end)
    widths = {node.name: node.width for node in graph.nodes}
    laid = layout({each: frozenset(ends) for each, ends in linked.items()}, widths, GAP)
    return replace(
        graph,
        nodes=tuple(replace(node, spot=laid.places[node.name]) for node in graph.nodes),
        arrows=tuple(_placed(arrow, laid.ways[arrow.start, arrow.end]) for arrow in graph.arrows),
        width=laid.width,
    )


def outline(
    there: Mapping[str, Manifest], running: Container[str], name: str = "", *, faulty: Mapping[str, Refused] = _NOTHING
) -> Graph:
    """The same without places: all spots are the first, and no arrow has a way."""
    drawn = _around(there, name) if name else set(there) | set(_missing(there, there))
    arrows = list(_arrows({each: there[each] for each in drawn if each in there}, drawn))
    circles = _cycles(arrows)
    turning = {pair for circle in circles for pair in pairwise((*circle, circle[0]))}
    affected = set(dependents(there.values(), name, optional=True)) if name else set()
    broken: dict[str, GraphArrow] = {}
    for arrow in arrows:
        if arrow.broken and arrow.end in there:
            broken.setdefault(arrow.start, arrow)
    nodes = (
        GraphNode(
            name=each,
            version=there[each].version if each in there else "",
            tier=str(there[each].tier if each in there else faulty[each].tier if each in faulty else ""),
            spot=(0.0, 0),
            width=_width(there.get(each), each),
            running=each in running,
            fault=_fault(each, there, broken.get(each), circles, faulty),
            affected=each in affected,
        )
        for each in sorted(drawn)
    )
    return Graph(
        nodes=tuple(nodes),
        arrows=tuple(replace(each, in_cycle=True) if (each.start, each.end) in turning else each for each in arrows),
        notes=tuple(_consequences(there, running, name)),
    )


def below(graph: Graph, names: Collection[str]) -> Graph:
    """Of a graph some modules and what they need or use, at however many steps; all of it where none is named.

    Places stay as they were.

    Raises:
        ModuleUnknown: a name is in no box of it.
    """
    if not names:
        return graph
    known = {node.name: node for node in graph.nodes}
    if unknown := next((name for name in names if name not in known), ""):
        raise ModuleUnknown(unknown, tuple(known))
    leads: dict[str, list[str]] = {}
    for arrow in graph.arrows:
        if arrow.tie is not Tie.CONFLICTS:
            leads.setdefault(arrow.start, []).append(arrow.end)
    reached = dict.fromkeys(names)
    pending = list(names)
    for name in pending:
        fresh = [end for end in leads.get(name, ()) if end not in reached]
        reached |= dict.fromkeys(fresh)
        pending += fresh
    return replace(
        graph,
        nodes=tuple(node for node in graph.nodes if node.name in reached),
        arrows=tuple(arrow for arrow in graph.arrows if arrow.start in reached and arrow.end in reached),
    )


def _around(there: Mapping[str, Manifest], name: str) -> set[str]:
    """The module, all that it leads to and all that lead to it, and what any of these refuses."""
    above = {name, *dependents(there.values(), name, optional=True)}
    pending, below = [name], {name}
    while pending:
        manifest = there.get(pending.pop())
        fresh = {need for need in manifest.dependencies if need not in below} if manifest else set()
        below |= fresh
        pending += sorted(fresh)
    mine = there[name].conflicts if name in there else {}
    foes = {each.name for each in there.values() if name in each.conflicts} | {foe for foe in mine if foe in there}
    wanted = above | below | foes
    return {each for each in wanted if each in there} | (wanted & set(_missing(there, wanted)))


def _missing(there: Mapping[str, Manifest], among: Iterable[str]) -> Iterator[str]:
    """What is needed, not only used, and lies nowhere."""
    for each in among:
        for need, wanted in there[each].dependencies.items() if each in there else ():
            if need not in there and not wanted.optional:
                yield need


def _arrows(shown: Mapping[str, Manifest], drawn: Container[str]) -> Iterator[GraphArrow]:
    for name, manifest in sorted(shown.items()):
        for need, wanted in manifest.dependencies.items():
            if need in drawn and need != name:
                tie = Tie.USES if wanted.optional else Tie.NEEDS
                yield _arrow(name, need, tie, wanted.specifier, broken=not _admits(wanted.specifier, shown.get(need)))
        for foe, specifier in manifest.conflicts.items():
            if foe in shown and foe not in manifest.dependencies and _admits(specifier, shown[foe]):
                yield _arrow(name, foe, Tie.CONFLICTS, specifier, broken=True)


def _arrow(start: str, end: str, tie: Tie, specifier: str, *, broken: bool) -> GraphArrow:
    return GraphArrow(start=start, end=end, tie=tie, specifier=specifier, broken=broken, in_cycle=False, way=())


def _placed(arrow: GraphArrow, way: tuple[tuple[float, int], ...]) -> GraphArrow:
    """The arrow on its way; ``replace`` would take several times as long, and there may be hundreds of thousands."""
    return GraphArrow(
        start=arrow.start,
        end=arrow.end,
        tie=arrow.tie,
        specifier=arrow.specifier,
        broken=arrow.broken,
        in_cycle=arrow.in_cycle,
        way=way,
    )


def _admits(specifier: str, manifest: Manifest | None) -> bool:
    return manifest is not None and parse_constraint(specifier).admits(parse_version(manifest.version))


def _cycles(arrows: Iterable[GraphArrow]) -> list[tuple[str, ...]]:
    needs: dict[str, set[str]] = {}
    for arrow in arrows:
        needs.setdefault(arrow.end, set())
        needs.setdefault(arrow.start, set()).update({arrow.end} if arrow.tie is Tie.NEEDS else ())
    edges = {name: frozenset(ends) for name, ends in needs.items()}
    if not in_order(edges).rest:
        return []
    from host.resolution.cycles import cycles  # noqa: PLC0415 - imports networkx, 150 ms, where there is a cycle

    return cycles(edges)[0]


def _fault(
    name: str,
    there: Mapping[str, Manifest],
    broken: GraphArrow | None,
    circles: Iterable[tuple[str, ...]],
    faulty: Mapping[str, Refused],
) -> str:
    if name not in there and name in faulty:
        return f"{name} is there, but cannot be used; mend {faulty[name].problems[0].sentence}."
    if name not in there:
        return f"{name} is needed and lies nowhere; install it."
    if broken is not None:
        other = there[broken.end].key
        if broken.tie is Tie.CONFLICTS:
            return f"{there[name].key} refuses {broken.end} {broken.specifier}, and this is {other}."
        return f"{there[name].key} {broken.tie} {broken.end} {broken.specifier}, which {other} is not."
    for circle in circles:
        if name in circle:
            at = circle.index(name)
            way = " -> ".join((*circle[at:], *circle[:at], name))
            return f"These need one another in a circle, so none of them can load: {way}."
    return ""


def _consequences(there: Mapping[str, Manifest], running: Container[str], name: str) -> Iterator[str]:
    if name not in there:
        return
    needing = [each for each in dependents(there.values(), name) if each in running]
    if name in running and needing:
        yield f"Unloading {name} unloads {_together(needing)} too."
    using = [each for each in there.values() if name in each.dependencies and each.name in running]
    if using and all(_admits(each.dependencies[name].specifier, there[name]) for each in using):
        yield f"{there[name].key} fits {_together(sorted(each.name for each in using))}."


def _together(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _width(manifest: Manifest | None, name: str) -> float:
    second = f"{manifest.version} \u00b7 {manifest.tier}" if manifest else ""
    return float(max(len(name), min(len(second), 30)) + _PADDING)
