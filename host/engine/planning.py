"""Loads several modules as one plan: all or none where a user asks, each for itself where a host starts."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping

from host.engine.parts import Parts
from host.resolution.resolve import resolve
from host.resolution.startup import startup
from host.vocabulary.errors import HostError
from host.vocabulary.views import Plan


async def load_together(parts: Parts, wanted: Mapping[str, str], *, fresh: bool, upgrade: bool = False) -> Plan:
    """Load modules and what they need; the caller holds the lock of all changes.

    Raises:
        HostError: nothing of them is loaded then, and what was swapped for them is swapped back.
    """
    plan = await planned(parts, wanted, upgrade=upgrade)
    parts.casualties.refuse_left_out(step.name for step in plan.order if step.name not in wanted)
    for name in wanted:
        parts.casualties.forgive(name)
    before = parts.roster.manifests
    swapped = await parts.swapping.as_planned(plan)
    try:
        await parts.loading.bring_up(plan.order, fresh=fresh)
    except HostError:
        await parts.swapping.undo([report.module for report in swapped], before)
        raise
    _asked_for(parts, wanted)
    return plan


async def load_what_can(parts: Parts, asked: Mapping[str, str], *, autoload: bool) -> None:
    """Load what a start asks for, in its order; whatever does not come up is told and stops no other."""
    left_out = parts.casualties.left_out
    async with parts.changing:
        start = await asyncio.to_thread(startup, parts.library.repository, asked, autoload=autoload, without=left_out)
        for each in start.not_started:
            newest = parts.library.repository.newest(each.name)
            parts.loading.refused(each.name, newest.version if newest is not None else "", each.why)
        for warning in start.warnings:
            parts.chronicle.log("", "warn", warning)
        await parts.loading.bring_up_what_can(tuple(step for step in start.order if step.name not in left_out))
        _asked_for(parts, start.wanted)


async def planned(parts: Parts, wanted: Mapping[str, str], *, upgrade: bool = False) -> Plan:
    """Search on another thread: it may take seconds, and nothing is to wait for it."""
    repository, loaded = parts.library.repository, parts.roster.manifests
    return await asyncio.to_thread(resolve, repository, dict(wanted), loaded=loaded, upgrade=upgrade)


def _asked_for(parts: Parts, wanted: Iterable[str]) -> None:
    parts.roster.requested.update(name for name in wanted if parts.roster.serving(name) is not None)
    parts.keeping.save_session()
