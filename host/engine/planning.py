"""Loads several modules as one plan: all or none where a user asks, each for itself where a host starts."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress

from host.engine.parts import Parts
from host.resolution.resolve import resolve
from host.vocabulary.errors import HostError
from host.vocabulary.events import EventKind
from host.vocabulary.views import Plan


async def load_together(parts: Parts, wanted: Mapping[str, str], *, fresh: bool) -> Plan:
    """Load modules and what they need; the caller holds the lock of all changes.

    Raises:
        HostError: nothing of them is loaded then, and what was swapped for them is swapped back.
    """
    plan = await _planned(parts, wanted)
    parts.casualties.refuse_left_out(step.name for step in plan.order if step.name not in wanted)
    for name in wanted:
        parts.casualties.forgive(name)
    swapped: list[str] = []
    try:
        for step in plan.order:
            running = parts.roster.serving(step.name)
            if running is not None and running.version != step.version:
                await parts.swapping.to(step.name, f"=={step.version}")
                swapped.append(step.name)
        await parts.loading.bring_up(plan.order, fresh=fresh)
    except HostError:
        for name in reversed(swapped):
            with suppress(HostError):  # told where it happened; what comes out is why the load failed
                await parts.swapping.back(name)
        raise
    _asked_for(parts, wanted)
    return plan


async def load_what_can(parts: Parts, wanted: Mapping[str, str]) -> None:
    """Load modules and what they need; whatever does not come up is told and stops no other."""
    async with parts.changing:
        try:
            plans = [await _planned(parts, wanted)]
        except HostError:  # each for itself then, which tells whose fault it is
            plans = [plan for each in wanted.items() if (plan := await _planned_or_told(parts, *each)) is not None]
        for plan in plans:
            steps = [step for step in plan.order if step.name not in parts.casualties.left_out]
            await parts.loading.bring_up_what_can(tuple(steps))
        _asked_for(parts, wanted)


async def _planned(parts: Parts, wanted: Mapping[str, str]) -> Plan:
    return await asyncio.to_thread(resolve, parts.library.repository, dict(wanted), loaded=parts.roster.manifests)


async def _planned_or_told(parts: Parts, name: str, specifier: str) -> Plan | None:
    try:
        return await _planned(parts, {name: specifier})
    except HostError as error:
        parts.chronicle.tell(EventKind.MODULE_FAILED, str(error), module=name, error=str(error))
        return None


def _asked_for(parts: Parts, wanted: Mapping[str, str]) -> None:
    parts.roster.requested.update(name for name in wanted if parts.roster.serving(name) is not None)
    parts.keeping.save_session()
