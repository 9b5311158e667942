"""``list``, ``resolve`` and ``graph``: of a host where one runs, else of what lies on disk."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence

from host.cli.asking import answered
from host.cli.drawing import dot, graph_json, svg
from host.cli.finding import folders_meant, found_modules, scanned
from host.cli.folders import wanted
from host.cli.printing import one_line
from host.cli.startup import show_startup
from host.discovery.listing import listing
from host.protocol.client import Client
from host.resolution.answer import resolution_json
from host.resolution.picture import below, outline
from host.resolution.resolve import resolve
from host.resolution.versions import likely
from host.vocabulary.errors import ResolutionFailed
from host.vocabulary.graph import Graph


def show_list(options: argparse.Namespace) -> int:
    """Print every module version, usable or not; or what loads at a start."""
    if options.startup or options.wanted:
        return show_startup(options)
    rows = listing(scanned(options, folders_meant(options)))
    if options.json:
        print(json.dumps(rows, ensure_ascii=False))
        return 0
    wide = max((len(row["name"]) + 1 for row in rows["modules"]), default=0)
    for row in rows["modules"]:
        needs = ", ".join(
            f"{name} {specifier}{' (optional)' if name in row['optional'] else ''}"
            for name, specifier in row["dependencies"].items()
        )
        print(one_line(f"{row['tier']:<13}{row['name']:<{max(wide, 20)}}{row['version']:<11} {needs}".rstrip()))
    for problem in [*rows["problems"], *(each for row in rows["modules"] for each in row["problems"])]:
        where = f"{problem['file']}:{problem['line']}" if problem["line"] else problem["file"]
        print(one_line(f"  {where}: {problem['key']}: {problem['message']}"))
    return 0


def show_resolution(options: argparse.Namespace) -> int:
    """Print the plan for some modules, or why there is none."""
    needs = [wanted(each) for each in options.wanted]
    try:
        plan = answered(options, lambda client: client.resolve(_together(needs), upgrade=options.upgrade))
        if plan is None:
            plan = resolve(found_modules(options), needs)
    except ResolutionFailed as refusal:
        if not options.json:
            raise
        print(json.dumps(resolution_json(refusal), ensure_ascii=False))
        return 1
    if options.json:
        print(json.dumps(resolution_json(plan), ensure_ascii=False))
        return 0
    for step in plan.order:
        print(f"{step}  ({step.tier})")
    for warning in plan.warnings:
        print(f"  {warning}")
    return 0


def _together(needs: list[tuple[str, str]]) -> dict[str, str]:
    """One specifier for each name, where some were named twice."""
    found: dict[str, list[str]] = {}
    for name, specifier in needs:
        found.setdefault(name, []).append(specifier or "*")
    return {name: ",".join(specifiers) for name, specifiers in found.items()}


def show_graph(options: argparse.Namespace) -> int:
    """Print which module needs which: of what runs where a host does, else of what a plan would choose."""
    whole = answered(options, lambda client: _around(client, options.names))
    if whole is None:
        repository = found_modules(options)
        whole = outline(likely(repository, options.names), frozenset(), faulty=repository.faulty)
    graph = below(whole, options.names)
    if options.json or options.format == "json":
        print(json.dumps(graph_json(graph), ensure_ascii=False))
        return 0
    print(svg(graph) if options.format == "svg" else dot(graph))
    return 0


async def _around(client: Client, names: Sequence[str]) -> Graph:
    """What is around some modules of a host, or all that it has where none is named."""
    graphs = [await client.graph(name) for name in names or [""]]
    nodes = {node.name: node for graph in graphs for node in graph.nodes}
    arrows = {(each.start, each.end, each.tie): each for graph in graphs for each in graph.arrows}
    return Graph(
        nodes=tuple(nodes[name] for name in sorted(nodes)), arrows=tuple(arrows[key] for key in sorted(arrows))
    )
