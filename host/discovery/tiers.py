"""The rule of tiers: core needs core alone.

All else may need whatever it likes: who removes a plugin or an integration expects the core to go on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from host.discovery.reading import Refused
from host.vocabulary.identity import Tier
from host.vocabulary.manifest import Manifest
from host.vocabulary.problem import Problem

RULE: Final = "a core module needs core modules alone"


def against_the_rule(manifests: Iterable[Manifest], tiers: Mapping[str, Tier]) -> Iterator[Refused]:
    """The core modules that need one of another tier, with the line that says so; ``tiers`` by name of module."""
    for manifest in manifests:
        if manifest.tier is not Tier.CORE:
            continue
        farther = [need for need in manifest.dependencies if tiers.get(need, Tier.CORE) is not Tier.CORE]
        if farther:
            problems = tuple(_problem(manifest, need, tiers[need]) for need in farther)
            yield Refused(manifest.name, manifest.version, manifest.tier, manifest.folder, problems)


def _problem(manifest: Manifest, need: str, tier: Tier) -> Problem:
    message = f"{need} is one of the {tier}, and {RULE}; move one of them, or let {need} need {manifest.name}"
    return Problem(f"dependencies.{need}", message, manifest.file, manifest.dependencies[need].line)
