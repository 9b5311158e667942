"""Loads several modules as one plan: all or none where a user asks, each for itself where a host starts."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from host.engine.parts import Parts
from host.resolution.resolve import resolve
from host.resolution.startup import startup
from host.vocabulary.errors import HostError, ResolutionFailed
from host.vocabulary.folders import data_option
from host.vocabulary.views import Plan

PROMPT: Final = 0.1
"""Seconds of a search in which other changes wait for it: so they happen in the order in which they were asked for."""

MOST_SEARCHES: Final = 3
"""In the last one others wait, however long it takes: what runs had changed in each search before."""


class Search:
    """A search for a plan, which holds up other changes only where it is prompt."""

    def __init__(self, parts: Parts, wanted: Mapping[str, str], *, upgrade: bool) -> None:
        self._parts = parts
        self._wanted = wanted
        self._upgrade = upgrade
        self._about: object = None
        self._searches = 0
        self._answer: asyncio.Task[Plan | HostError] | None = None

    async def plan(self) -> Plan | None:
        """The plan for what runs now; ``None`` where it takes longer. The caller holds the lock of all changes.

        Raises:
            HostError: there is none.
        """
        about = self._parts.roster.manifests, self._parts.library.choosable.modules
        if self._answer is None or self._about != about:
            self._searches += 1
            self._about, self._answer = about, asyncio.create_task(self._search())
        await asyncio.wait([self._answer], timeout=PROMPT if self._searches < MOST_SEARCHES else None)
        if not self._answer.done():
            return None
        found = self._answer.result()
        if isinstance(found, HostError):
            raise found
        return found

    async def end(self) -> None:
        """Wait until the search is over; the caller does not hold the lock."""
        if self._answer is not None:
            await asyncio.wait([self._answer])

    def close(self) -> None:
        """Ask for no answer any more."""
        if self._answer is not None:
            self._answer.cancel()

    async def _search(self) -> Plan | HostError:
        try:
            return await planned(self._parts, self._wanted, upgrade=self._upgrade)
        except HostError as refusal:
            return refusal


async def load_together(parts: Parts, plan: Plan, wanted: Mapping[str, str], *, fresh: bool) -> Plan:
    """Load what a plan says, which was made for some modules; the caller holds the lock of all changes.

    Raises:
        HostError: nothing of them is loaded then, and what was swapped for them is swapped back.
    """
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
    async with parts.changing:
        await bring_up_asked(parts, asked, autoload=autoload)


async def bring_up_asked(parts: Parts, asked: Mapping[str, str], *, autoload: bool) -> None:
    """Do the same; the caller holds the lock of all changes."""
    left_out = parts.casualties.left_out
    start = await asyncio.to_thread(startup, parts.library.choosable, asked, autoload=autoload, without=left_out)
    for each in start.not_started:
        newest = parts.library.repository.newest(each.name)
        parts.loading.refused(each.name, newest.version if newest is not None else "", each.why)
    for warning in start.warnings:
        parts.chronicle.log("", "warn", warning)
    await parts.loading.bring_up_what_can(tuple(step for step in start.order if step.name not in left_out))
    _asked_for(parts, start.wanted)


async def planned(parts: Parts, wanted: Mapping[str, str], *, upgrade: bool = False) -> Plan:
    """Search on another thread: it may take seconds, and nothing is to wait for it."""
    repository, loaded = parts.library.choosable, parts.roster.manifests
    try:
        return await asyncio.to_thread(resolve, repository, dict(wanted), loaded=loaded, upgrade=upgrade)
    except ResolutionFailed as refusal:
        locks = parts.library.locks
        locked = sorted({cause.module for cause in refusal.causes} & locks.keys())
        if not locked:
            raise
        option = data_option(parts.roster.data)
        said = (
            f"{name} is locked at {locks[name]}; unlock it with: theseus lock {name} --off{option}" for name in locked
        )
        raise replace(refusal, message="\n".join((refusal.message, *said))) from None


def _asked_for(parts: Parts, wanted: Iterable[str]) -> None:
    parts.roster.requested.update(name for name in wanted if parts.roster.serving(name) is not None)
    parts.keeping.save_session()
