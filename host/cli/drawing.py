"""Graphs of modules as text: for Graphviz, and as a picture that needs no program to draw it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from itertools import pairwise
from typing import Final

from host.resolution.layers import Layout, layout
from host.resolution.relations import edges_of
from host.vocabulary.constraint import parse_constraint
from host.vocabulary.identity import Tier
from host.vocabulary.manifest import Manifest
from host.vocabulary.version import parse_version

_MARGIN: Final = 32.0
_GAP: Final = 28.0
_HEIGHT: Final = 44.0
_STEP: Final = 112.0
"""From one layer to the next."""
_LEGEND: Final = 40.0
_A_ROW: Final = 6
"""Modules in a row of those that nothing links to another."""

_COLOURS: Final = {
    Tier.CORE: "#0b62c4",
    Tier.PLUGINS: "#1a7f37",
    Tier.EXTENSIONS: "#9a6700",
    Tier.INTEGRATIONS: "#7d3fd1",
}
_HEAD: Final = (
    '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
    '<path d="M0 0.5 8 4 0 7.5z" fill="#818b98"/></marker></defs>'
)
_STYLE: Final = """
  text { font: 13px system-ui, "Segoe UI", "DejaVu Sans", sans-serif; fill: #1f2328 }
  .name { font-size: 13px; font-weight: 600 }
  .version, .legend { font-size: 11px; fill: #59636e }
  .box { fill: #f6f8fa; stroke: #d1d9e0 }
  .arrow { fill: none; stroke: #818b98; stroke-width: 1.4 }
  .optional { stroke-dasharray: 5 4 }
  .unmet { stroke: #cf222e }
"""


def dot(manifests: Sequence[Manifest]) -> str:
    """The graph in Graphviz's language."""
    edges = edges_of(manifests)
    return "\n".join(
        (
            "digraph modules {",
            *(f'  "{each.name}" [label="{each.name} {_quoted(each.version)}"];' for each in manifests),
            *(f'  "{name}" -> "{need}";' for name in sorted(edges) for need in sorted(edges[name])),
            "}",
        )
    )


def svg(manifests: Sequence[Manifest]) -> str:
    """The graph as a picture: who needs others stands above them; what one points at says more."""
    by_name = {each.name: each for each in manifests}
    edges = edges_of(manifests)
    linked = {name for name, needs in edges.items() if needs} | {need for needs in edges.values() for need in needs}
    widths = {name: _width(each) for name, each in by_name.items()}
    drawn = layout({name: edges[name] for name in edges if name in linked}, widths, _GAP)
    places, width, height = _places(drawn, [each for each in by_name if each not in linked], widths)
    size = f'width="{width:.0f}" height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}"'
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="Modules and what they need">',
            f"<style>{_STYLE}</style>",
            _HEAD,
            f'<rect width="{width:.0f}" height="{height:.0f}" fill="#ffffff"/>',
            *_legend({each.tier for each in manifests}),
            *_arrows(drawn, by_name),
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


def _width(manifest: Manifest) -> float:
    return max(8.4 * len(manifest.name), 6.6 * len(_second_line(manifest))) + 28


def _second_line(manifest: Manifest) -> str:
    version = manifest.version if len(manifest.version) <= 24 else f"{manifest.version[:23]}\u2026"
    return f"{version} \u00b7 {manifest.tier}"


def _legend(tiers: set[Tier]) -> Iterator[str]:
    x = _MARGIN
    for tier in Tier:
        if tier in tiers:
            yield f'<rect x="{x:.0f}" y="22" width="10" height="10" rx="2" fill="{_COLOURS[tier]}"/>'
            yield f'<text class="legend" x="{x + 16:.0f}" y="31">{tier}</text>'
            x += 40 + 6.6 * len(tier)


def _arrows(drawn: Layout, by_name: Mapping[str, Manifest]) -> Iterator[str]:
    for (name, need), way in sorted(drawn.ways.items()):
        wanted = by_name[name].dependencies[need]
        met = parse_constraint(wanted.specifier).admits(parse_version(by_name[need].version))
        kind = f"arrow{' optional' if wanted.optional else ''}{'' if met else ' unmet'}"
        verb = "uses, where it is there," if wanted.optional else "needs"
        title = escape(f"{by_name[name].key} {verb} {need} {wanted.specifier}{'' if met else ', which this is not'}")
        path = _path([(_MARGIN + middle, _y(layer)) for middle, layer in way])
        yield f'<path class="{kind}" marker-end="url(#head)" d="{path}"><title>{title}</title></path>'


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


def _box(manifest: Manifest, x: float, y: float, width: float) -> str:
    left, top = x - width / 2, y - _HEIGHT / 2
    tip = escape(f"{manifest.key}: {manifest.summary}" if manifest.summary else str(manifest.key))
    return (
        f'<g><title>{tip}</title><rect class="box" x="{left:.1f}" y="{top:.1f}" width="{width:.1f}" '
        f'height="{_HEIGHT:.0f}" rx="6"/><rect x="{left:.1f}" y="{top + 6:.1f}" width="4" height="{_HEIGHT - 12:.0f}" '
        f'rx="2" fill="{_COLOURS[manifest.tier]}"/>'
        f'<text class="name" x="{left + 14:.1f}" y="{y - 3:.1f}">{escape(manifest.name)}</text>'
        f'<text class="version" x="{left + 14:.1f}" y="{y + 13:.1f}">{escape(_second_line(manifest))}</text></g>'
    )


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
