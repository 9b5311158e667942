"""Which versions a swap means, and what must be there for them.

Asked on another thread: a search may take seconds, and nothing is to wait for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from host.engine.fitting import refuse_misfit
from host.engine.library import Library
from host.resolution.further import plan_swap
from host.resolution.resolve import resolve
from host.vocabulary.errors import HostError, ResolutionFailed, VersionInvalid
from host.vocabulary.manifest import Manifest
from host.vocabulary.views import Plan, PlanStep

Loaded = Mapping[str, Manifest]


@dataclass(frozen=True, slots=True)
class Aim:
    """What modules are to become, and what must be loaded for that; each in load order."""

    manifests: tuple[Manifest, ...]
    needed: tuple[PlanStep, ...]


async def aim(library: Library, loaded: Loaded, wanted: Mapping[str, str]) -> Aim:
    """Plan a swap of some modules, each to a version or a specifier, while the others stay as they are.

    Raises:
        HostError: others refuse; a ResolutionFailed with ``further`` where swaps of these too would be legal.
    """
    exact = {name: _exact(library, name, version) for name, version in wanted.items()}
    plan = await asyncio.to_thread(plan_swap, library.choosable, exact, loaded)
    return Aim(
        tuple(library.at(Path(step.path)) for step in plan.order if step.name in wanted),
        tuple(step for step in plan.order if step.name not in wanted and step.name not in loaded),
    )


def planned_aim(library: Library, loaded: Loaded, plan: Plan) -> Aim:
    """What a plan swaps, and what of it must be loaded for that; the rest of the plan may come afterwards.

    Raises:
        HostError: one has gone from disk since.
    """
    steps = {step.name: step for step in plan.order}
    changed = [step.name for step in plan.order if step.replaces]
    found: dict[str, Manifest] = {}
    pending = list(changed)
    for name in pending:
        found[name] = library.at(Path(steps[name].path))
        fresh = [need for need in found[name].dependencies if need in steps and need not in loaded]
        pending += [need for need in fresh if need not in pending]
    return Aim(
        tuple(found[name] for name in changed),
        tuple(step for step in plan.order if step.name in found and step.name not in loaded),
    )


async def lacking(library: Library, loaded: Loaded, manifest: Manifest) -> tuple[PlanStep, ...]:
    """What must be loaded for a version that ran before, and may be gone from disk."""
    needs = {name: need.specifier for name, need in manifest.dependencies.items() if not need.optional}
    if needs.keys() <= loaded.keys():
        return ()
    return (await asyncio.to_thread(resolve, library.choosable, needs, loaded=loaded)).order


async def refuse_barred(library: Library, loaded: Loaded, manifests: Sequence[Manifest]) -> None:
    """Refuse versions that ran before and that loaded modules bar, where they would not with further swaps.

    Raises:
        ResolutionFailed: with these as ``further``. Whatever else bars a version is told by who checks it.
    """
    fits = {**loaded, **{manifest.name: manifest for manifest in manifests}}
    try:
        for manifest in manifests:
            refuse_misfit(manifest, fits.values())
    except HostError:
        try:
            await aim(library, loaded, {manifest.name: manifest.version for manifest in manifests})
        except ResolutionFailed as refusal:
            if refusal.further:
                raise


def aimed_at(library: Library, name: str, version: str) -> Manifest | None:
    """The one version that is meant, however it is spelled, the newest where it is empty; none by a specifier."""
    if not version:
        return library.repository.newest(name)
    with suppress(VersionInvalid):
        return library.repository.find(name, version)
    return None


def _exact(library: Library, name: str, version: str) -> str:
    """A version as a specifier of just that one; another specifier as it is."""
    found = aimed_at(library, name, version)
    return f"=={found.version}" if found else version or "*"
