"""Module folders made in a line."""

from __future__ import annotations

from pathlib import Path

from host.discovery.repository import Repository
from host.vocabulary.problem import Problem


def write_module(
    root: Path,
    name: str,
    version: str = "1.0.0",
    *,
    tier: str = "plugins",
    folder: str = "",
    more: str = "",
    lua: str = "return {}\n",
) -> Path:
    """Write ``ROOT/<tier>/<name>[/<folder>]`` with a manifest and an entry file; returns the folder."""
    path = root / tier / name / folder
    path.mkdir(parents=True, exist_ok=True)
    (path / "module.toml").write_text(f'name = "{name}"\nversion = "{version}"\n{more}')
    (path / "init.lua").write_text(lua)
    return path


def all_problems(repository: Repository) -> tuple[Problem, ...]:
    """What is wrong with a repository, the problems of no module first."""
    return (*repository.strays, *(problem for refused in repository.refused for problem in refused.problems))
