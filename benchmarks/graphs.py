"""Graphs of modules to resolve: made ones, and those that others published; ``recorded/*.json`` name their sources."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Final

from host.vocabulary.identity import Tier
from host.vocabulary.manifest import Manifest, Requirement

_RECORDED: Final = Path(__file__).parent / "recorded"

Graph = tuple[list[Manifest], dict[str, str]]
"""All versions, and what is asked for."""


def wide(count: int) -> Graph:
    """One that needs all others, each in ten versions."""
    names = [f"leaf{at:04d}" for at in range(count)]
    leaves = [_made(name, minor) for name in names for minor in range(10)]
    return [_made("root", 0, dict.fromkeys(names, "^1.2")), *leaves], {"root": "*"}


def deep(count: int) -> Graph:
    """A chain, each link in three versions."""
    links = [_made(f"link{at:04d}", minor, {f"link{at + 1:04d}": "^1.1"}) for at in range(count) for minor in range(3)]
    return [*links, _made(f"link{count:04d}", 2)], {"link0000": "*"}


def diamonds(count: int) -> Graph:
    """Layers of ten, each of which needs three of the next."""
    found = []
    for at in range(count):
        layer, place = divmod(at, 10)
        below = [10 * (layer + 1) + (place + step) % 10 for step in (0, 3, 7)]
        needs = {f"node{each:04d}": ">=1.1,<2" for each in below if each < count}
        found += [_made(f"node{at:04d}", minor, needs) for minor in range(4)]
    return found, {f"node{at:04d}": "*" for at in range(min(10, count))}


def quarrels(count: int) -> Graph:
    """Pairs that want different versions of a third, unless an older one of the two is taken; all need one ground."""
    found = [_made("ground", minor) for minor in range(6)]
    for at in range(count):
        left, right, shared = f"left{at:03d}", f"right{at:03d}", f"shared{at:03d}"
        found += [_made(left, minor, {shared: f"==1.{minor}.0", "ground": f">=1.{minor}"}) for minor in range(6)]
        found += [_made(right, minor, {shared: f"<=1.{5 - minor}.0"}) for minor in range(6)]
        found += [_made(shared, minor) for minor in range(6)]
    return found, {f"{side}{at:03d}": "*" for at in range(count) for side in ("left", "right")}


def many(count: int, seed: int = 1) -> Graph:
    """Ten versions of each module, which need a few of those after them; all are asked for."""
    random = Random(seed)
    names = [f"m{at:04d}" for at in range(count)]
    found = []
    for at, name in enumerate(names):
        for minor in range(10):
            later = names[at + 1 : at + 40]
            needs = {need: random.choice(("^1.0", ">=1.3", "*")) for need in random.sample(later, min(3, len(later)))}
            found.append(_made(name, minor, needs))
    return found, dict.fromkeys(names, "*")


def recorded(name: str) -> Graph:
    """What was published: of Python's packages with the versions that they ask for, of Debian's who needs whom."""
    said = json.loads((_RECORDED / f"{name}.json").read_text("utf-8"))["modules"]
    found = [_manifest(each["name"], each["version"], each["needs"]) for each in said]
    return found, {manifest.name: "*" for manifest in found}


def _made(name: str, minor: int, needs: Mapping[str, str] | None = None) -> Manifest:
    return _manifest(name, f"1.{minor}.0", needs or {})


def _manifest(name: str, version: str, needs: Mapping[str, str]) -> Manifest:
    return Manifest(
        name=name,
        version=version,
        tier=Tier.PLUGINS,
        folder=Path("/modules/plugins", name, version),
        dependencies={need: Requirement(specifier) for need, specifier in needs.items()},
    )
