"""One module of a swap: what it is to become, and how far that is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from host.discovery.bundle import Bundle
from host.lifecycle.bring_up import begin, give_state, migrate, prepare, receive, refusal, restore, set_state, validate
from host.lifecycle.instance import Instance
from host.lifecycle.quiesce import pause, resume
from host.lifecycle.take_down import clean_up, discard, drop_staged
from host.swap.steps import Steps
from host.vocabulary.clock import clock
from host.vocabulary.errors import HostError, LoadFailed, ModuleFault
from host.vocabulary.identity import ModuleKey
from host.vocabulary.manifest import Handover, Manifest
from host.vocabulary.states import Status

TRIED: Final = 1 << 16
"""Bytes of a state up to which the new version always has to give it back before it counts. A larger one would about
double the pause: it is asked for right after that, where the old one waits to come back."""

_State = tuple[bytes, str]


def restarted(instance: Instance) -> str:
    """How one goes on whose process ended; empty where none did."""
    key = instance.manifest.key
    return f"the process of {key} ended, and is started again with the state kept last" if instance.runtime.dead else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resort:
    """What an act that is meant to mend a module goes on with where that does not give its state.

    Attributes:
        state: the last that was kept, and the version that made it; ``None`` where there is none.
        at: when it was taken, seconds since the Unix epoch.
    """

    state: _State | None = None
    at: float = 0.0

    def __str__(self) -> str:
        """What it means for the module."""
        if self.state is None:
            return "it began anew, as no state of it was kept"
        return f"it went on with its state of {clock(self.at)}, and what it has had since is lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What a module is to become.

    Attributes:
        old: what answers for it, active.
        bundle: reads the sources; may refuse.
        check: refuses what the other loaded modules do not accept.
        fallback: a snapshot and the version that made it, for a version that does not take the old one's state.
        edit: makes another state of the old one's; may refuse. Absent, it is taken as it is.
        resort: in place of the old one's state where it does not give that; absent, the swap is refused then.
    """

    old: Instance
    manifest: Manifest
    bundle: Callable[[], Bundle]
    config: Mapping[str, Any]
    check: Callable[[], None]
    fallback: _State | None = None
    resort: Resort | None = None
    edit: Callable[[bytes], bytes] | None = None

    @property
    def exclusive(self) -> bool:
        """Whether old and new hold what only one can hold."""
        return Handover.EXCLUSIVE in {self.manifest.swap.handover, self.old.manifest.swap.handover}


@dataclass(slots=True, eq=False)
class Change:
    """A target with what was done for it; ``check`` to ``validate`` are steps that may refuse.

    Attributes:
        steps: told and timed.
        keeps: whether the old one is to wait once the new one counts, so that it can come back.
        new: from ``prepare`` on.
        before: the old instance's state, from ``pause`` on; ``None`` where it keeps or gives none.
        handed: what the new one is given in its place, and the version that made it.
        tried: what the new one gave back before it counted; ``None`` where it was not asked.
        events: what the old instance answered, from ``pause`` on.
        released: whether the old instance has cleaned up already, for an exclusive handover.
        replays: whether what happened since its state was taken is to be told to the new one.
        notes: what is worth knowing, a sentence each.
        fault: what went wrong in ``resume``.
    """

    target: Target
    steps: Steps = field(default_factory=Steps)
    keeps: bool = False
    new: Instance = field(init=False)
    before: bytes | None = None
    handed: _State | None = None
    tried: bytes | None = None
    events: frozenset[str] = frozenset()
    released: bool = False
    replays: bool = False
    notes: tuple[str, ...] = ()
    fault: ModuleFault | None = None

    @property
    def old(self) -> Instance:
        return self.target.old

    @property
    def key(self) -> ModuleKey:
        """What it is to become."""
        return self.target.manifest.key

    @property
    def unwell(self) -> str:
        """Where the new one did not make it: how the old one goes on, if not as it was; else empty."""
        if self.old.runtime.dead:
            return restarted(self.old)
        if self.released and self.fault is not None:
            return f"{self.old.manifest.key} had cleaned up for it and is not as it was; unload it and load it"
        return ""

    def check(self) -> None:
        with self.steps.step("check"):
            self.target.check()

    def prepare(self) -> None:
        """Run the new one's entry file; others that are prepared with it find it under its name."""
        target, exchange = self.target, self.old.exchange
        with self.steps.step("prepare"):
            self.new = exchange.staged[self.old.name] = prepare(target.manifest, target.bundle(), exchange)
            self.new.rank, self.new.along = self.old.rank, self.old.along

    def pause(self) -> None:
        """Hold the old one still and take its state; from then on nobody can change it."""
        with self.steps.step("pause"):
            try:
                pause(self.old)
            except LoadFailed as refused:
                self._go_on_unpaused(refused)
        with self.steps.step("snapshot"):
            self._take_state()
        self.release()

    def _go_on_unpaused(self, refused: LoadFailed) -> None:
        """Note that its ``pause`` failed, where this is how one gets out of that; what it says itself is refused."""
        if refused.__cause__ is None:
            raise refused
        if not self._mends:
            refused.reason += "; a roll-back, or a save that mends it, would go on all the same"
            raise refused
        self.notes += (f"its pause failed: {refused.reason}; its state was taken all the same",)

    @property
    def _mends(self) -> bool:
        """Whether it is how one gets out of what the old one does wrong."""
        return self.target.resort is not None and self.new.bundle.digest != self.old.bundle.digest

    def _take_state(self) -> None:
        try:
            self.before = self.old.state(briefly=True)
        except ModuleFault as fault:
            resort = self.target.resort
            if resort is None or not self._mends:
                refused = refusal(self.old.manifest, "snapshot", fault)
                refused.reason = f"{fault}; a roll-back, or a save that mends it, would go on with the state kept last"
                raise refused from fault
            self.handed = resort.state
            self.notes += (f"{fault}; {resort}",)
        else:
            self.handed = None if self.before is None else (self._edited(self.before), self.old.version)

    def _edited(self, state: bytes) -> bytes:
        return state if self.target.edit is None else self.target.edit(state)

    def release(self) -> None:
        """Note what the old one answered; where only one can hold what it holds, let it clean up, and be begun anew."""
        self.events = self.old.events
        if self.target.exclusive:
            with self.steps.step("cleanup"):
                self.released = True
                clean_up(self.old)
                try:
                    self.old.unbegin()
                except ExceptionGroup as failures:
                    self._note_kept_back(failures)

    def begin(self) -> None:
        """Have the new one begin, with the old one's state."""
        with self.steps.step("init"):
            begin(self.new, self.target.config)
        if self.handed is not None and self.new.runtime.has("setState"):
            self._hand_over(self.handed, self.target.fallback)
        self.new.ready = True

    def validate(self) -> None:
        """Have the new one say that it is well, and give its state back: else nothing could come after it."""
        with self.steps.step("validate"):
            validate(self.new)
        if not self.keeps or self.handed is None or len(self.handed[0]) <= TRIED:
            with self.steps.step("getState"):
                self.tried = give_state(self.new)

    def abandon(self) -> None:
        """Drop the new one where it did not make it; what it began in ``init`` it may end in ``cleanup``."""
        if self.old.exchange.staged.get(self.old.name) is not None:
            for failure in drop_staged(self.new):
                self.notes += (f"the cleanup of {self.new.version} failed, too: {failure}",)

    def go_on(self, serving: Instance) -> None:
        """Let whoever serves resume; an old one that has cleaned up begins again first, with its state."""
        if serving is self.old and self.released:
            self.fault = self._begin_again()
        self.fault = self.fault or resume(serving)
        serving.panels.inherit(self.old.panels)

    def leave(self) -> None:
        """Let the old one wait, as it is, or go."""
        try:
            if self.keeps:
                self.old.turn(Status.PAUSED)
                self.old.step_back()
            else:
                self.retire()
        except ExceptionGroup as failures:  # what took its place answers all the same
            self._note_kept_back(failures)

    def _note_kept_back(self, failures: ExceptionGroup[Exception]) -> None:
        self.notes += (f"not all that {self.old.version} held was given back: {failures.exceptions[0]}",)

    def retire(self) -> None:
        """Let the old one clean up, and drop it."""
        with self.steps.step("retire"):
            if not self.released:
                clean_up(self.old)
            discard(self.old)

    def _begin_again(self) -> ModuleFault | None:
        """What failed of that; it has its state again though its ``init`` failed."""
        fault = None
        for step in (self._init_again, self._restore):
            try:
                step()
            except LoadFailed as refusal:
                fault = fault or ModuleFault(self.old.name, refusal.step, refusal.reason)
        return fault

    def _init_again(self) -> None:
        begin(self.old, self.old.config)

    def _restore(self) -> None:
        if self.handed is not None:
            restore(self.old, *self.handed)

    def _hand_over(self, state: _State, fallback: _State | None) -> None:
        """Give the new one a state, or the fallback where it does not take that; notes which."""
        if fallback is None:
            self._give(self.steps, *state)
            return
        if state[1] == self.new.version or self.new.runtime.has("migrate"):
            try:
                self._give(Steps(), *state)
            except HostError as error:
                reason = str(error)
            else:
                self.notes += (f"the state of {state[1]} was taken over",)
                return
        else:
            reason = f"it has no migrate for the state of {state[1]}"
        self._give(self.steps, *fallback)
        self.notes += (f"it goes on with the state it had before the swap: {reason}",)

    def _give(self, steps: Steps, data: bytes, version: str) -> None:
        with steps.step("migrate"):
            receive(self.new, data)
            migrate(self.new, version)
        with steps.step("setState"):
            set_state(self.new)
