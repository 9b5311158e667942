"""A swap, top to bottom: of one module, or of several that change together. All that can fail runs before the commit.

Source: Erlang/OTP ``release_handler``, which has the same point of no return.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from host.lifecycle.bring_up import put_in_force
from host.lifecycle.instance import Instance
from host.lifecycle.quiesce import resume
from host.swap.change import Change, Target
from host.swap.reporting import committed, rolled_back
from host.swap.steps import one_step
from host.swap.waiting import Waiting
from host.vocabulary.errors import HostError
from host.vocabulary.states import Status
from host.vocabulary.views import SwapReport


@dataclass(frozen=True, slots=True)
class Swapped:
    """A swap that ended: its modules, the report of each, and why it was taken back, if it was."""

    changes: tuple[Change, ...]
    reports: tuple[SwapReport, ...]
    refusal: HostError | None = None


def swap(targets: Sequence[Target], commit: Callable[[Sequence[Instance]], None]) -> Swapped:
    """Replace instances by new ones with their states: all, or none.

    The pause is one stretch of the event loop: nothing else runs in it but what the modules themselves call.

    Args:
        targets: 1..n, dependencies before dependents.
        commit: makes the new instances, all at once, those that answer for their modules; called once, must not fail.

    Returns:
        The new instances where it committed; else the old ones, each with exactly the state it had.
    """
    changes = tuple(Change(target) for target in targets)
    olds, exchange = [target.old for target in targets], targets[0].old.exchange
    waiting, paused = Waiting(exchange.dispatch), 0.0
    try:
        for change in changes:
            change.check()
        for change in changes:
            change.prepare()
        paused = time.perf_counter()
        waiting.stand_in_for(olds)
        for change in reversed(changes):  # until its own turn comes, a dependent may call what it needs
            change.pause()
        for change in changes:
            change.begin()
        for change in changes:
            change.validate()
    except HostError as refusal:
        for change in reversed(changes):
            change.abandon()
        exchange.staged.clear()
        if paused:
            _go_on(changes, olds, waiting)
            paused = time.perf_counter() - paused
        return Swapped(changes, rolled_back(changes, refusal, waiting, paused), refusal)
    # -- point of no return: nothing below may fail --
    news, steps = [change.new for change in changes], [change.steps for change in changes]
    with one_step("commit", steps):
        exchange.staged.clear()
        waiting.stand_in_for(news)
        commit(news)
    with one_step("resume", steps):
        _go_on(changes, news, waiting)
        paused = time.perf_counter() - paused
    for change in reversed(changes):
        change.retire()
    return Swapped(changes, committed(changes, waiting, paused))


def _go_on(changes: Sequence[Change], serving: Sequence[Instance], waiting: Waiting) -> None:
    """Let whoever serves resume, deliver what waited, and put them in force."""
    for each in serving:
        each.turn(Status.ACTIVE)  # they may call each other back, and others them, while they resume and are told
    for change, each in zip(changes, serving, strict=True):
        change.fault = resume(each)
    waiting.deliver(serving)
    put_in_force(*serving)
