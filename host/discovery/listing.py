"""The answer to ``theseus list --json``: every module version that lies there, usable or not."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypedDict

from host.discovery.bundle import examine_bundle
from host.discovery.reading import Refused
from host.discovery.repository import Repository
from host.vocabulary.manifest import Manifest
from host.vocabulary.problem import Problem


class ProblemRow(TypedDict):
    """A fault in a file."""

    key: str
    message: str
    file: str
    line: int


class ModuleRow(TypedDict):
    """A module version; what is not known of it is empty. ``optional`` are those dependencies that may be absent."""

    name: str
    version: str
    tier: str
    path: str
    summary: str
    dependencies: dict[str, str]
    optional: list[str]
    problems: list[ProblemRow]


class Listing(TypedDict):
    """All of them, and what is wrong outside of any."""

    modules: list[ModuleRow]
    problems: list[ProblemRow]


def listing(repository: Repository) -> Listing:
    """All versions by name, newest first, those that cannot be used after the others of their name."""
    rows = [*map(_usable, repository.modules), *map(_refused, repository.refused)]
    return {
        "modules": sorted(rows, key=lambda row: row["name"]),
        "problems": problem_rows(repository.strays),
    }


def _usable(manifest: Manifest) -> ModuleRow:
    return {
        "name": manifest.name,
        "version": manifest.version,
        "tier": manifest.tier.value,
        "path": str(manifest.folder),
        "summary": manifest.summary,
        "dependencies": {name: requirement.specifier for name, requirement in manifest.dependencies.items()},
        "optional": [name for name, requirement in manifest.dependencies.items() if requirement.optional],
        "problems": problem_rows((*manifest.remarks, *examine_bundle(manifest)[1])),
    }


def _refused(refused: Refused) -> ModuleRow:
    return {
        "name": refused.name,
        "version": refused.version,
        "tier": refused.tier.value,
        "path": str(refused.folder),
        "summary": "",
        "dependencies": {},
        "optional": [],
        "problems": problem_rows(refused.problems),
    }


def problem_rows(problems: Iterable[Problem]) -> list[ProblemRow]:
    """Faults as JSON says them."""
    return [
        {"key": problem.key, "message": problem.message, "file": str(problem.file), "line": problem.line}
        for problem in problems
    ]
