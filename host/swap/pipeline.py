"""A swap, top to bottom: check, prepare; pause and snapshot, begin with the state, validate; commit; resume, probation.

Of one module, or of several that change together. All that can fail runs before the commit.

Source: Erlang/OTP ``release_handler``, which has the same point of no return.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from host.lifecycle.bring_up import put_in_force
from host.lifecycle.instance import Instance, Waited
from host.lifecycle.quarantine import quarantine
from host.lifecycle.withheld import Withheld
from host.swap.change import Change
from host.swap.members import Member, arrivals_of, changes_of
from host.swap.reporting import committed, rolled_back
from host.swap.steps import one_step
from host.swap.waiting import Waiting
from host.vocabulary.errors import HostError
from host.vocabulary.states import Status
from host.vocabulary.views import SwapReport


@dataclass(frozen=True, slots=True)
class Swapped:
    """A swap that ended.

    Attributes:
        changes: its modules.
        reports: of each of these.
        arrived: what came along with them; nothing where it was taken back.
        refusal: why it was taken back, if it was.
    """

    changes: tuple[Change, ...]
    reports: tuple[SwapReport, ...]
    arrived: tuple[Instance, ...] = ()
    refusal: HostError | None = None


def _nothing() -> None:
    """Be ready without further ado."""


def swap(
    members: Sequence[Member],
    commit: Callable[[Sequence[Instance]], None],
    *,
    ready: Callable[[], None] = _nothing,
    missed: Sequence[Waited] = (),
) -> Swapped:
    """Replace instances by new ones with their states: all, or none.

    The pause is one stretch of the event loop: nothing else runs in it but what the modules themselves call.

    Args:
        members: changes, 1..n, and what comes along with them; dependencies before dependents.
        commit: makes the new instances, all at once, those that answer for their modules; called once, must not fail.
        ready: called when all are prepared and none is paused yet.
        missed: told to those of the new instances whose change replays, before anything else.

    Returns:
        What became of it. Taken back, the old instances run on, each with exactly the state it had, and nothing of
        what came along with them remains.
    """
    changes = changes_of(members)
    olds, exchange = [change.old for change in changes], changes[0].old.exchange
    quarantined = [old for old in olds if old.status is Status.QUARANTINED]
    waiting, paused = Waiting(exchange.dispatch), 0.0

    def hold() -> None:
        nonlocal paused
        ready()
        paused = time.perf_counter()
        waiting.stand_in_for([old for old in olds if old not in quarantined])
        for old in olds:
            waiting.take_over(old)

    exchange.withheld.begin()
    try:
        up_to_the_commit(members, hold)
    except HostError as refusal:
        for member in reversed(members):
            member.abandon()
        exchange.staged.clear()
        exchange.withheld.drop()
        if paused:
            _go_on(changes, olds, waiting, quarantined)
            paused = time.perf_counter() - paused
        return Swapped(changes, rolled_back(members, refusal, waiting, paused), refusal=refusal)
    except BaseException:  # a mistake of the host itself; what is emitted later is not withheld for it
        exchange.withheld.drop()
        raise
    # -- point of no return: nothing below may fail; commit, resume, probation --
    news, steps = [member.new for member in members], [member.steps for member in members]
    replaying = {change.old.name for change in changes if change.replays}
    with one_step("commit", steps):
        exchange.staged.clear()
        waiting.stand_in_for(news)
        waiting.precede(each for each in missed if each[0] in replaying)
        commit(news)
    with one_step("resume", steps):
        _go_on(members, news, waiting, withheld=exchange.withheld)
        paused = time.perf_counter() - paused
    for change in reversed(changes):
        change.leave()
    arrived = tuple(arrival.new for arrival in arrivals_of(members))
    return Swapped(changes, committed(changes, waiting, paused), arrived)


def up_to_the_commit(members: Sequence[Member], hold: Callable[[], None] = _nothing) -> None:
    """Take every step that may refuse, in a swap as in a rehearsal.

    Check and prepare touch nothing live. Then comes the pause: each old one is paused and gives its state, each new one
    begins with that, and is validated.

    Args:
        members: as of a swap.
        hold: called when all are prepared; what comes after it is the pause.

    Raises:
        HostError: one refused; what was done is to be undone.
    """
    for member in members:
        member.check()
    for member in members:
        member.prepare()
    hold()
    for member in reversed(members):  # until its own turn comes, a dependent may call what it needs
        member.pause()
    for member in members:
        member.begin()
    for member in members:
        member.validate()


def _go_on(
    members: Sequence[Member],
    serving: Sequence[Instance],
    waiting: Waiting,
    quarantined: Sequence[Instance] = (),
    *,
    withheld: Withheld | None = None,
) -> None:
    """Tell what was withheld, let whoever serves resume, deliver what waited; put all in force but the quarantined."""
    for each in serving:
        each.turn(Status.ACTIVE)  # they may call each other back, and others them, while they resume and are told
    if withheld is not None:
        waiting.bounded = False
        withheld.tell(serving[0].exchange.dispatch, serving[0].exchange.calling)
        waiting.bounded = True
    for member, each in zip(members, serving, strict=True):
        member.go_on(each)
    waiting.deliver(serving)
    put_in_force(*serving)
    for each in quarantined:
        quarantine(each)
