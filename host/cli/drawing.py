"""Graphs of modules as text: for programs, for Graphviz, and as a picture that needs no program to draw it."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from html import escape
from itertools import chain, pairwise
from typing import Any, Final

from host.resolution.layers import Layout, layout
from host.vocabulary.graph import Graph, GraphArrow, GraphNode, Tie
from host.vocabulary.identity import Tier

_MARGIN: Final = 32.0
_GAP: Final = 28.0
_HEIGHT: Final = 44.0
_STEP: Final = 112.0
"""From one layer to the next."""
_LEGEND: Final = 56.0
_A_ROW: Final = 6
"""Modules in a row of those that nothing links to another."""

_COLOURS: Final = {
    Tier.CORE: "#0b62c4",
    Tier.PLUGINS: "#1a7f37",
    Tier.EXTENSIONS: "#9a6700",
    Tier.INTEGRATIONS: "#7d3fd1",
}
_UNMET: Final = "#cf222e"
_CYCLIC: Final = "#bc4c00"
_HEAD: Final = (
    '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
    '<path d="M0 0.5 8 4 0 7.5z" fill="#818b98"/></marker></defs>'
)
_STYLE: Final = f"""
  text {{ font: 13px system-ui, "Segoe UI", "DejaVu Sans", sans-serif; fill: #1f2328 }}
  .name {{ font-size: 13px; font-weight: 600 }}
  .version, .legend {{ font-size: 11px; fill: #59636e }}
  .wanted {{ font-size: 10px; fill: #59636e }}
  .box {{ fill: #f6f8fa; stroke: #d1d9e0 }}
  .missing {{ fill: #ffffff; stroke: {_UNMET}; stroke-dasharray: 5 4 }}
  .arrow {{ fill: none; stroke: #818b98; stroke-width: 1.4 }}
  .optional {{ stroke-dasharray: 5 4 }}
  .cyclic {{ stroke: {_CYCLIC}; stroke-width: 2 }}
  .unmet {{ stroke: {_UNMET} }}
"""
_KINDS: Final = {
    "": "needs",
    " optional": "uses, where it is there",
    " unmet": "needs in vain",
    " optional unmet": "uses, in other versions",
    " cyclic": "needs in a circle",
}
"""What arrows mean, by their classes."""


def graph_json(graph: Graph) -> dict[str, Any]:
    """The graph as plain data."""
    return {
        "nodes": [
            {
                "name": node.name,
                "version": node.version,
                "tier": node.tier,
                "running": node.running,
                "fault": node.fault,
            }
            for node in graph.nodes
        ],
        "edges": [
            {
                "from": arrow.start,
                "to": arrow.end,
                "tie": arrow.tie.value,
                "constraint": arrow.specifier,
                "optional": arrow.tie is Tie.USES,
                "met": not arrow.broken,
                "in_cycle": arrow.in_cycle,
            }
            for arrow in graph.arrows
        ],
    }


def dot(graph: Graph) -> str:
    """The graph in Graphviz's language; what is not met is red, what is optional dashed."""
    return "\n".join(("digraph modules {", *map(_dot_node, graph.nodes), *map(_dot_arrow, graph.arrows), "}"))


def _dot_node(node: GraphNode) -> str:
    label = f"{node.name} {_quoted(node.version)}" if node.version else f"{node.name} ({_absence(node)})"
    red = "" if node.version else f', style=dashed, color="{_UNMET}"'
    return f'  "{node.name}" [label="{label}"{red}];'


def _dot_arrow(arrow: GraphArrow) -> str:
    said = f"{'conflicts ' if arrow.tie is Tie.CONFLICTS else ''}{arrow.specifier}"
    dashed = ", style=dashed" if arrow.tie is Tie.USES else ""
    colour = _UNMET if arrow.broken else _CYCLIC if arrow.in_cycle else ""
    coloured = f', color="{colour}", fontcolor="{colour}"' if colour else ""
    return f'  "{arrow.start}" -> "{arrow.end}" [label="{_quoted(said)}"{dashed}{coloured}];'


def svg(graph: Graph) -> str:
    """The graph as a picture: who needs others stands above them; what one points at says more."""
    by_name = {node.name: node for node in graph.nodes}
    widths = {name: _width(node) for name, node in by_name.items()}
    edges: dict[str, set[str]] = {name: set() for arrow in graph.arrows for name in (arrow.start, arrow.end)}
    for arrow in graph.arrows:
        edges[arrow.start].add(arrow.end)
    drawn = layout({name: frozenset(ends) for name, ends in sorted(edges.items())}, widths, _GAP)
    places, width, height = _places(drawn, [name for name in by_name if name not in edges], widths)
    kinds = [kind for kind in _KINDS if kind in set(map(_kind, graph.arrows))]
    width = max(width, 2 * _MARGIN + sum(map(_legend_width, kinds)))
    size = f'width="{width:.0f}" height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}"'
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="Modules and what they need">',
            f"<style>{_STYLE}</style>",
            _HEAD,
            f'<rect width="{width:.0f}" height="{height:.0f}" fill="#ffffff"/>',
            *_legend({node.tier for node in graph.nodes}, kinds),
            *chain.from_iterable(_arrow(arrow, by_name, drawn) for arrow in graph.arrows),
            *(_box(by_name[name], *places[name], widths[name]) for name in sorted(places)),
            "</svg>",
        )
    )


Places = Mapping[str, tuple[float, float]]


def _places(drawn: Layout, alone: Sequence[str], widths: Mapping[str, float]) -> tuple[Places, float, float]:
    """The middle of each box, and the size of all; what stands alone comes below the layers, in rows of a few."""
    places = {name: (_MARGIN + middle, _y(layer)) for name, (middle, layer) in drawn.places.items()}
    right = _MARGIN + drawn.width
    layers = 1 + max((layer for _, layer in drawn.places.values()), default=-1)
    for at, start in enumerate(range(0, len(alone), _A_ROW)):
        x = _MARGIN
        for name in alone[start : start + _A_ROW]:
            places[name] = (x + widths[name] / 2, _y(layers) + at * (_HEIGHT + _GAP))
            x += widths[name] + _GAP
        right = max(right, x - _GAP)
    bottom = max((y for _, y in places.values()), default=_LEGEND) + _HEIGHT / 2
    return places, max(right, 440.0) + _MARGIN, bottom + _MARGIN


def _y(layer: int) -> float:
    return _LEGEND + _MARGIN + _HEIGHT / 2 + layer * _STEP


def _absence(node: GraphNode) -> str:
    return "cannot be used" if node.tier else "missing"


def _width(node: GraphNode) -> float:
    return max(8.4 * len(node.name), 6.6 * len(_second_line(node))) + 28


def _second_line(node: GraphNode) -> str:
    if not node.version:
        return _absence(node)
    version = node.version if len(node.version) <= 24 else f"{node.version[:23]}\u2026"
    return " \u00b7 ".join((version, node.tier, *(["runs"] if node.running else [])))


def _legend(tiers: Container[str], kinds: Iterable[str]) -> Iterator[str]:
    x = _MARGIN
    for tier in (each for each in Tier if each in tiers):
        yield f'<rect x="{x:.0f}" y="22" width="10" height="10" rx="2" fill="{_COLOURS[tier]}"/>'
        yield f'<text class="legend" x="{x + 16:.0f}" y="31">{tier}</text>'
        x += 40 + 6.6 * len(tier)
    x = _MARGIN
    for kind in kinds:
        yield f'<path class="arrow{kind}" marker-end="url(#head)" d="M{x:.0f} 48h26"/>'
        yield f'<text class="legend" x="{x + 32:.0f}" y="52">{_KINDS[kind]}</text>'
        x += _legend_width(kind)


def _legend_width(kind: str) -> float:
    return 56 + 6 * len(_KINDS[kind])


def _kind(arrow: GraphArrow) -> str:
    fate = " unmet" if arrow.broken else " cyclic" if arrow.in_cycle else ""
    return f"{' optional' if arrow.tie is Tie.USES else ''}{fate}"


def _arrow(arrow: GraphArrow, by_name: Mapping[str, GraphNode], drawn: Layout) -> Iterator[str]:
    start, end = by_name[arrow.start], by_name[arrow.end]
    points = [(_MARGIN + middle, _y(layer)) for middle, layer in drawn.ways[arrow.start, arrow.end]]
    verb = {Tie.NEEDS: "needs", Tie.USES: "uses, where it is there,", Tie.CONFLICTS: "conflicts with"}[arrow.tie]
    which = (
        "which this is" if arrow.tie is Tie.CONFLICTS else "which this is not" if end.version else "which is nowhere"
    )
    title = f"{start.name} {start.version} {verb} {end.name} {arrow.specifier}{f', {which}' if arrow.broken else ''}"
    path = f'd="{_path(points)}"><title>{escape(title)}</title></path>'
    yield f'<path class="arrow{_kind(arrow)}" marker-end="url(#head)" {path}'
    (from_x, from_y), (to_x, to_y) = points[-2:]
    words = f"not {arrow.specifier}" if arrow.tie is Tie.CONFLICTS else arrow.specifier
    x, y = (from_x + 2 * to_x) / 3, (from_y + 2 * to_y) / 3
    yield f'<text class="wanted" x="{x + 6:.1f}" y="{y:.1f}">{escape(words)}</text>'


def _path(points: Sequence[tuple[float, float]]) -> str:
    """A curve from the edge of the first box, straight through the layers that it passes, to the edge of the last."""
    down = points[-1][1] >= points[0][1]
    edge = _HEIGHT / 2 if down else -_HEIGHT / 2
    (x, y), text = points[0], f"M{points[0][0]:.1f} {points[0][1] + edge:.1f}"
    y += edge
    for at, (_, (next_x, middle)) in enumerate(pairwise(points), start=1):
        last = at == len(points) - 1
        enter = middle - edge - (2 if down and last else -2 if last else 0)
        bend = (enter - y) / 2
        text += f" C{x:.1f} {y + bend:.1f} {next_x:.1f} {enter - bend:.1f} {next_x:.1f} {enter:.1f}"
        if not last:
            text += f" V{middle + edge:.1f}"
        x, y = next_x, middle + edge
    return text


def _box(node: GraphNode, x: float, y: float, width: float) -> str:
    left, top = x - width / 2, y - _HEIGHT / 2
    key = f"{node.name} {node.version}".strip()
    stripe = _COLOURS[Tier(node.tier)] if node.tier else _UNMET
    return (
        f"<g><title>{escape(f'{key}: {node.fault}' if node.fault else key)}</title>"
        f'<rect class="{"box" if node.version else "missing"}" x="{left:.1f}" y="{top:.1f}" width="{width:.1f}" '
        f'height="{_HEIGHT:.0f}" rx="6"/><rect x="{left:.1f}" y="{top + 6:.1f}" width="4" height="{_HEIGHT - 12:.0f}" '
        f'rx="2" fill="{stripe}"/>'
        f'<text class="name" x="{left + 14:.1f}" y="{y - 3:.1f}">{escape(node.name)}</text>'
        f'<text class="version" x="{left + 14:.1f}" y="{y + 13:.1f}">{escape(_second_line(node))}</text></g>'
    )


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
