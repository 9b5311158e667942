"""How an instance holds still for a swap, and goes on afterwards.

Source: Erlang/OTP ``sys:suspend`` and ``sys:resume`` around a change of code.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable
from contextlib import suppress
from typing import Final

from host.lifecycle.bring_up import refusal
from host.lifecycle.instance import Instance
from host.vocabulary.errors import LoadFailed, ModuleFault
from host.vocabulary.states import Phase, Status

GRACE: Final = 1.0
"""Seconds that a swap waits for what tasks have under way."""


async def let_settle(instances: Iterable[Instance]) -> None:
    """Give tasks, and what core modules do, time to come to where nothing is under way; then what is stays so."""
    active = [instance for instance in instances if instance.status is Status.ACTIVE]
    tasks = [instance.tasks.settled(GRACE) for instance in active if instance.tasks.under_way]
    others = [_within_grace(settled()) for instance in active for settled in instance.caller.under_way.values()]
    await asyncio.gather(*tasks, *others)


async def _within_grace(settled: Awaitable[None]) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(GRACE):
            await settled


def pause(instance: Instance) -> None:
    """Stop its timers and tasks, let what it registers be staged, and call its ``pause``.

    Raises:
        LoadFailed: at step ``pause``; it holds still all the same, until :func:`resume`.
    """
    instance.turn(Status.SWAPPING)
    instance.live = False
    instance.timers.pause()
    instance.tasks.pause()
    try:
        with instance.entering(Phase.PAUSE):
            reason = instance.runtime.lifecycle("pause")
    except ModuleFault as fault:
        failed = refusal(instance.manifest, "pause", fault)
        failed.reason = str(fault)
        raise failed from fault
    if reason is not None:
        file = str(instance.manifest.folder / instance.manifest.entry)
        raise LoadFailed(instance.name, instance.version, "pause", f"{instance.version} does not pause: {reason}", file)


def resume(instance: Instance) -> ModuleFault | None:
    """Call its ``resume``; a fault in it stops nothing, and is given back to be told."""
    try:
        with instance.entering(Phase.RESUME):
            reason = instance.runtime.lifecycle("resume")
    except ModuleFault as fault:
        return fault.with_traceback(None)  # whose frames hold the runtime
    return None if reason is None else ModuleFault(instance.name, "resume", reason)
