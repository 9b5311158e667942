"""The answer to ``theseus list --json``: every module version that lies there, usable or not."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from host.discovery.bundle import examine_bundle
from host.discovery.reading import Refused
from host.discovery.repository import Repository
from host.vocabulary.manifest import Manifest
from host.vocabulary.problem import Problem


def listing(repository: Repository) -> dict[str, Any]:
    """All versions by name, newest first, those that cannot be used after the others of their name."""
    rows = [*map(_usable, repository.modules), *map(_refused, repository.refused)]
    return {
        "modules": sorted(rows, key=lambda row: str(row["name"])),
        "problems": _problems(repository.strays),
    }


def _usable(manifest: Manifest) -> dict[str, Any]:
    return {
        "name": manifest.name,
        "version": manifest.version,
        "tier": manifest.tier.value,
        "path": str(manifest.folder),
        "summary": manifest.summary,
        "dependencies": {name: requirement.specifier for name, requirement in manifest.dependencies.items()},
        "problems": _problems(examine_bundle(manifest)[1]),
    }


def _refused(refused: Refused) -> dict[str, Any]:
    return {
        "name": refused.name,
        "version": refused.version,
        "tier": refused.tier.value,
        "path": str(refused.folder),
        "summary": "",
        "dependencies": {},
        "problems": _problems(refused.problems),
    }


def _problems(problems: Iterable[Problem]) -> list[dict[str, Any]]:
    return [
        {"key": problem.key, "message": problem.message, "file": str(problem.file), "line": problem.line}
        for problem in problems
    ]
