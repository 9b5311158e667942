"""A rehearsal: a swap up to its point of no return, in runtimes of its own, which are dropped afterwards.

What runs is asked for its state, as for a checkpoint, and notices nothing else: a double of it is paused in its place.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from msgspec import structs

from host.discovery.bundle import Bundle
from host.lifecycle.bring_up import begin, prepare, restore
from host.lifecycle.instance import Instance
from host.lifecycle.take_down import drop_staged
from host.swap.arrival import Arrival
from host.swap.change import Change, Target
from host.swap.members import Member
from host.swap.pipeline import up_to_the_commit
from host.swap.shadow import Recorder, Shadow, Watched
from host.vocabulary.errors import HostError, LoadFailed, ModuleFault
from host.vocabulary.states import Status


@dataclass(eq=False)
class Rehearsed(Change):
    """A change that comes to nothing; where the old one does anything at a pause, a double of it is the old one here.

    Attributes:
        live: what runs; ``before`` is its state, and ``tried`` what that would become.
        shadow, aside: what the new one sees of the host, and the double.
        bundle: the sources that were read for it; ``None`` where it did not come to that.
        answers: events that the new one would answer.
        memory: bytes of the new one; ``None`` where it did not come to one.
        effects: what was asked of others, and was not done.
        left_off: whether it could not be rehearsed to its end.
        error: why the swap would be refused.
    """

    live: Instance = field(kw_only=True)
    shadow: Shadow = field(kw_only=True)
    aside: Shadow = field(kw_only=True)
    bundle: Bundle | None = None
    answers: frozenset[str] = frozenset()
    memory: int | None = None
    effects: tuple[str, ...] = ()
    left_off: bool = False
    error: HostError | None = None

    def prepare(self) -> None:
        """Run the new one's entry file in the shadow; bring up a double of the old one where that is to be paused."""
        live = self.live
        with self.steps.step("prepare"):
            self.bundle = self.target.bundle()
            self.new = self.shadow.staged[live.name] = prepare(self.target.manifest, self.bundle, self.shadow)
        if live.runtime.has("pause") or (self.target.exclusive and live.runtime.has("cleanup")):
            self.target = replace(self.target, old=self._double())

    def pause(self) -> None:
        """Take the state of what runs; hold the double still, which gives that as it is in a pause."""
        if self.old is self.live:
            with self.steps.step("snapshot"):
                self._take_state()
            return
        before = self.before
        super().pause()
        self.before = before
        if not self.live.runtime.has("setState"):
            self.handed = None if self.before is None else (self.before, self.live.version)

    def begin(self) -> None:
        """As in a swap; where one that asked its native part does not go on without its answer, that is noted."""
        try:
            super().begin()
        except LoadFailed as refusal:
            if not self.shadow.asked_native(self.live.name):
                raise
            self._leave_off(refusal)

    def _leave_off(self, refusal: LoadFailed) -> None:
        done = self.steps.done
        done[-1] = structs.replace(done[-1], error="")
        self.left_off = self.new.ready = True
        told = f"{refusal.step} and what follows was not rehearsed: its native part is not run, and without that"
        self.notes += (f"{told} {refusal.reason}",)

    def validate(self) -> None:
        """As in a swap; what the new one would be is noted."""
        if not self.left_off:
            super().validate()
        self.answers = self.new.events

    def go_on(self, serving: Instance) -> None:
        """Have the double go on, as what runs would where the swap is refused."""
        if self.old is not self.live:
            with self.steps.step("resume"):
                super().go_on(serving)
            if self.fault is not None:
                self.notes += (f"{self.live.version} would run on, and that would fail: {self.fault}",)

    def abandon(self) -> None:
        """Drop the new one and the double."""
        if self.shadow.staged.pop(self.live.name, None) is not None:
            self.new.runtime.collect()
            self.memory = self.new.runtime.memory
            drop_staged(self.new)
        if self.old is not self.live:
            drop_staged(self.old)

    def _double(self) -> Instance:
        """Bring up what runs once more, with its state; gives that itself where it cannot be done."""
        live = self.live
        try:
            self.before = live.state()
            double = prepare(live.manifest, live.bundle, self.aside)
        except ModuleFault:  # it does not give its state, which the snapshot says
            return live
        except LoadFailed as refusal:
            return self._none_of(refusal)
        try:
            begin(double, live.config)
            if self.before is not None:
                restore(double, self.before, live.version)
        except LoadFailed as refusal:
            drop_staged(double)
            return self._none_of(refusal)
        return double

    def _none_of(self, refusal: LoadFailed) -> Instance:
        self.notes += (f"the pause of {self.live.version} was not rehearsed, as a double did not come up: {refusal}",)
        return self.live


def rehearse(
    targets: Sequence[Target], arrivals: Sequence[Arrival], in_order: Callable[[Sequence[Member]], Sequence[Member]]
) -> tuple[Rehearsed, ...]:
    """Rehearse a swap of modules together; the first refusal ends it.

    Args:
        targets: what they are to become.
        arrivals: what comes along with them, which is told with the first.
        in_order: puts dependencies before dependents.
    """
    recorder, live = Recorder(), targets[0].old.exchange
    shadow, aside = Shadow(live, recorder), Shadow(live, recorder)
    rehearsed = tuple(
        Rehearsed(each, Watched(recorder, each.old.name), live=each.old, shadow=shadow, aside=aside) for each in targets
    )
    first = rehearsed[0]
    along = [replace(each, exchange=shadow, steps=Watched(recorder, each.key.name, first.steps)) for each in arrivals]
    members = in_order([*along, *rehearsed])
    try:
        up_to_the_commit(members)
    except HostError as refusal:
        at_fault = next(member for member in members if member.steps.failed)
        (at_fault if isinstance(at_fault, Rehearsed) else first).error = refusal
        _run_on(rehearsed)
    finally:
        for member in reversed(members):
            member.abandon()
    for each in rehearsed:
        each.effects = tuple(recorder.told(each.live.name))
    return rehearsed


def _run_on(rehearsed: Sequence[Rehearsed]) -> None:
    """Have those go on that were paused."""
    for each in rehearsed:
        if each.old.status is Status.SWAPPING:
            each.go_on(each.old)
