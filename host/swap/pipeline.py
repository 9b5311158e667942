"""A swap, top to bottom. All that can fail runs before the point of no return.

Source: Erlang/OTP ``release_handler``, which has the same point.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from host.discovery.bundle import Bundle
from host.hooks.handler import Handler
from host.lifecycle.bring_up import begin, migrate, prepare, put_in_force, receive, set_state, validate
from host.lifecycle.instance import Instance
from host.lifecycle.quiesce import pause, resume
from host.lifecycle.take_down import clean_up, discard
from host.swap.steps import Steps
from host.swap.waiting import Waiting
from host.vocabulary.errors import HostError, LoadFailed, ModuleFault
from host.vocabulary.manifest import Manifest
from host.vocabulary.states import Outcome, Status
from host.vocabulary.views import SwapReport


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What a module is to become.

    Attributes:
        bundle: reads the sources; may refuse.
        check: refuses what the other loaded modules do not accept.
        fallback: a snapshot and the version that made it, for a version that does not take the old one's state.
    """

    manifest: Manifest
    bundle: Callable[[], Bundle]
    config: Mapping[str, Any]
    check: Callable[[], None]
    fallback: tuple[bytes, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Swapped:
    """A swap that ended: who serves now, the old state, how it went, and what went wrong in ``resume``."""

    serving: Instance
    before: bytes | None
    report: SwapReport
    refusal: HostError | None = None
    fault: ModuleFault | None = None


def swap(old: Instance, target: Target, adopt: Callable[[Instance], None]) -> Swapped:
    """Replace an instance by a new one with its state.

    The pause is one stretch of the event loop: nothing else runs in it but what the modules themselves call.

    Args:
        old: active.
        target: what to make of it.
        adopt: makes the new instance the one that answers for the module; called once, must not fail.

    Returns:
        The new instance where it committed; else the old one, with exactly the state it had.
    """
    steps = Steps()
    dispatch, new, before = old.exchange.dispatch, None, None
    waiting = Waiting(old.name)
    notes: tuple[str, ...] = ()
    paused = 0.0
    try:
        with steps.step("check"):
            target.check()
        with steps.step("prepare"):
            new = prepare(target.manifest, target.bundle(), old.exchange)
            new.rank = old.rank
        paused = time.perf_counter()
        with steps.step("pause"):
            dispatch.table = waiting.standing_in(dispatch.table)
            pause(old)
        with steps.step("snapshot"):
            before = old.state()
        with steps.step("init"):
            begin(new, target.config)
        notes = _hand_over(steps, new, (before, old.version) if before is not None else None, target.fallback)
        with steps.step("validate"):
            validate(new)
    except HostError:
        if new is not None:
            _abandon(new)
        delivered, fault = _go_on(old, waiting) if paused else (0, None)
        ended = time.perf_counter()
        report = _report(old, target, steps, ended - paused if paused else 0.0, delivered)
        report = replace(report, notes=(*_noted(fault), *waiting.notes))
        return Swapped(serving=old, before=before, report=report, refusal=steps.refusal, fault=fault)
    # -- point of no return: nothing below may fail --
    with steps.step("commit"):
        adopt(new)
    with steps.step("resume"):
        delivered, fault = _go_on(new, waiting)
        ended = time.perf_counter()
    answered = _events(old)
    with steps.step("retire"):
        clean_up(old)
        discard(old)
    report = replace(
        _report(old, target, steps, ended - paused, delivered),
        hooks_gained=tuple(sorted(_events(new) - answered)),
        hooks_lost=tuple(sorted(answered - _events(new))),
        notes=(*notes, *_noted(fault), *waiting.notes),
    )
    return Swapped(serving=new, before=before, report=report, fault=fault)


_State = tuple[bytes, str]


def _hand_over(steps: Steps, new: Instance, state: _State | None, fallback: _State | None) -> tuple[str, ...]:
    """Give the new instance the old one's state, or the fallback where it does not take that; what to say of it."""
    if state is None or not new.runtime.has("setState"):
        return ()
    if fallback is None:
        _give(steps, new, *state)
        return ()
    if state[1] == new.version or new.runtime.has("migrate"):
        try:
            _give(Steps(), new, *state)
        except HostError as error:
            reason = str(error)
        else:
            return (f"the state of {state[1]} was taken over",)
    else:
        reason = f"it has no migrate for the state of {state[1]}"
    _give(steps, new, *fallback)
    return (f"it goes on with the state it had before the swap: {reason}",)


def _give(steps: Steps, new: Instance, data: bytes, version: str) -> None:
    with steps.step("migrate"):
        receive(new, data)
        migrate(new, version)
    with steps.step("setState"):
        set_state(new)


def _deliver(instance: Instance, waiting: Waiting) -> int:
    """Deliver what waited while stand-ins still take in what comes, so that the order is kept."""

    def handlers(event: str) -> tuple[Handler, ...]:
        ordered = sorted(instance.handlers.values(), key=lambda each: (-each.priority, each.order))
        return tuple(each for each in ordered if each.event == event)

    return waiting.deliver(instance.exchange.dispatch, handlers)


def _go_on(serving: Instance, waiting: Waiting) -> tuple[int, ModuleFault | None]:
    """Let whoever serves resume, deliver what waited, and put it in force; the number of events, and its fault."""
    serving.turn(Status.ACTIVE)  # others may call it back while it resumes and is told
    fault = resume(serving)
    delivered = _deliver(serving, waiting)
    put_in_force(serving)
    return delivered, fault


def _noted(fault: ModuleFault | None) -> tuple[str, ...]:
    return () if fault is None else (str(fault),)


def _abandon(new: Instance) -> None:
    """Drop an instance that did not make it; what it began in ``init`` it may end in ``cleanup``."""
    with suppress(ModuleFault):
        new.runtime.lifecycle("cleanup")
    discard(new)


def _events(instance: Instance) -> set[str]:
    return {handler.event for handler in instance.handlers.values()}


def _report(old: Instance, target: Target, steps: Steps, pause: float, delivered: int) -> SwapReport:
    refusal = steps.refusal
    reason = refusal.reason if isinstance(refusal, LoadFailed) else str(refusal or "")
    return SwapReport(
        module=old.name,
        from_version=old.version,
        to_version=target.manifest.version,
        outcome=Outcome.ROLLED_BACK if refusal else Outcome.COMMITTED,
        steps=tuple(steps.done),
        pause_s=pause,
        failed_step=steps.failed,
        error=reason,
        delivered=delivered,
    )
