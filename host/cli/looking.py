"""``list``, ``resolve`` and ``graph``: what lies on disk, without a running host."""

from __future__ import annotations

import argparse
import json

from host.cli.asking import asked
from host.cli.drawing import dot, svg
from host.cli.finding import found_modules
from host.cli.folders import module_folders, wanted
from host.cli.printing import one_line
from host.cli.startup import show_startup
from host.discovery.listing import listing
from host.discovery.repository import Repository, scan
from host.resolution.answer import resolution_json
from host.resolution.relations import edges_of
from host.resolution.resolve import resolve
from host.vocabulary.errors import ModuleUnknown, ResolutionFailed
from host.vocabulary.manifest import Manifest


def show_list(options: argparse.Namespace) -> int:
    """Print every module version, usable or not; or what loads at a start."""
    if options.startup or options.wanted:
        return show_startup(options)
    rows = listing(scan(module_folders(options)))
    if options.json:
        print(json.dumps(rows, ensure_ascii=False))
        return 0
    for row in rows["modules"]:
        needs = ", ".join(f"{name} {specifier}" for name, specifier in row["dependencies"].items())
        print(one_line(f"{row['tier']:<13}{row['name']:<20}{row['version']:<12}{needs}".rstrip()))
    for problem in [*rows["problems"], *(each for row in rows["modules"] for each in row["problems"])]:
        where = f"{problem['file']}:{problem['line']}" if problem["line"] else problem["file"]
        print(one_line(f"  {where}: {problem['key']}: {problem['message']}"))
    return 0


def show_resolution(options: argparse.Namespace) -> int:
    """Print the plan for some modules, or why there is none."""
    needs = [wanted(each) for each in options.wanted]
    try:
        if options.data:
            plan = asked(options, lambda client: client.resolve(_together(needs), upgrade=options.upgrade))
        else:
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
    """Print which module needs which, of the newest versions."""
    manifests = _reached(found_modules(options), options.names)
    if options.json or options.format == "json":
        edges = edges_of(manifests)
        nodes = [{"name": each.name, "version": each.version, "tier": each.tier.value} for each in manifests]
        arrows = [{"from": name, "to": need} for name in sorted(edges) for need in sorted(edges[name])]
        print(json.dumps({"nodes": nodes, "edges": arrows}))
        return 0
    print(svg(manifests) if options.format == "svg" else dot(manifests))
    return 0


def _reached(repository: Repository, names: list[str]) -> list[Manifest]:
    """The newest version of each named module and of what it needs; of all, where none is named."""
    pending = list(names or repository.names)
    found: dict[str, Manifest] = {}
    while pending:
        name = pending.pop()
        newest = repository.newest(name)
        if newest is None:
            if name in names:
                raise ModuleUnknown(name, repository.names)
            continue
        if name not in found:
            found[name] = newest
            pending += newest.dependencies
    return [found[name] for name in sorted(found)]
