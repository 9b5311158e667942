"""Manifests made in a line, for repositories that need no disk."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from host.vocabulary.identity import Tier
from host.vocabulary.manifest import Manifest, Requirement


def made(
    key: str,
    needs: Mapping[str, str] | None = None,
    *,
    optional: Mapping[str, str] | None = None,
    conflicts: Mapping[str, str] | None = None,
    after: tuple[str, ...] = (),
    host: str = "*",
) -> Manifest:
    """``made("chat 1.0.0", {"state": "^1.0"})``."""
    name, version = key.split()
    required = {other: Requirement(specifier) for other, specifier in (needs or {}).items()}
    wished = {other: Requirement(specifier, optional=True) for other, specifier in (optional or {}).items()}
    return Manifest(
        name=name,
        version=version,
        tier=Tier.PLUGINS,
        folder=Path("/modules/plugins", name, version),
        host=host,
        dependencies=required | wished,
        conflicts=conflicts or {},
        load_after=after,
    )
