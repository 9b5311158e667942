"""One module of a swap that is taken back: the instance before it was kept, and goes on."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from host.lifecycle.bring_up import begin, migrate, prepare, receive, restore, set_state, validate
from host.lifecycle.quiesce import pause
from host.swap.change import Change
from host.swap.missed import Missed
from host.vocabulary.errors import HostError, LoadFailed, ModuleFault
from host.vocabulary.states import Status


@dataclass(slots=True, eq=False)
class Return(Change):
    """The way back; nothing that the failing instance does can stand in it.

    Attributes:
        kept: the change that is taken back; its old instance is the new one here.
        missed: what came since then.
        touched: whether the instance is no longer as it was when it was replaced.
        anew: whether it is another one of the same code, as the one that waited cannot go on as it is.
    """

    kept: Change = field(kw_only=True)
    missed: Missed = field(kw_only=True)
    touched: bool = False
    anew: bool = False

    def prepare(self) -> None:
        """Let it be seen by what comes back with it."""
        old = self.kept.old
        if old.runtime.gone:
            self._make_anew(f"the process of {old.version} had ended while it waited, and was started again")
        elif self.target.config != old.config:
            self._make_anew(f"{old.version} began anew, as it was configured since the swap")
        self.new = self.old.exchange.staged[self.old.name] = self.kept.old
        self.new.rank = self.old.rank
        self.new.ready = False
        self.new.turn(Status.LOADING)

    def pause(self) -> None:
        """Hold the failing one still and take its state, if it gives it."""
        with self.steps.step("pause"):
            try:
                pause(self.old)
            except LoadFailed as refusal:
                self.notes += (refusal.reason,)
        with self.steps.step("snapshot"):
            try:
                self.before = self.old.state(briefly=True)
            except ModuleFault as fault:
                self.notes += (str(fault),)
            else:
                self.handed = None if self.before is None else (self.before, self.old.version)
        self.release()

    def begin(self) -> None:
        """Have it go on, with the newest state that it takes."""
        if self.kept.released or self.anew:
            self.touched = True
            with self.steps.step("init"):
                begin(self.new, self.target.config)
        reason = self._takes_newer()
        if not reason:
            self.notes += (f"it goes on with the newer state, that of {self.old.version}",)
        else:
            self._as_it_was(reason)
        self.new.ready = True

    def validate(self) -> None:
        """Do nothing: what it goes on with was looked at as it was taken."""

    def _make_anew(self, note: str) -> None:
        """Have another one wait in place of one that cannot go on, which goes."""
        old = self.kept.old
        with self.steps.step("prepare"):
            fresh = prepare(old.manifest, old.bundle, old.exchange)
        fresh.along, self.anew = old.along, True
        self.notes += (note,)
        try:
            self.kept.retire()
        except ExceptionGroup as failures:
            self._note_kept_back(failures)
        self.kept.target = replace(self.kept.target, old=fresh)

    def _takes_newer(self) -> str:
        """Hand the newer state over; why it did not take that, empty where it did."""
        new, version = self.new, self.old.version
        if self.before is None or not new.runtime.has("setState"):
            return "there is no newer one that it could take"
        if version != new.version and not new.runtime.has("migrate"):
            return f"it has no migrate for the state of {version}"
        try:
            self.touched = True  # a migrate that raises may have changed what it likes by then
            receive(new, self.before)
            migrate(new, version)
            set_state(new)
            validate(new)
        except HostError as refusal:
            return refusal.reason if isinstance(refusal, LoadFailed) else str(refusal)
        return ""

    def _as_it_was(self, reason: str) -> None:
        if self.touched and self.kept.handed is not None:
            with self.steps.step("setState"):
                restore(self.new, *self.kept.handed)
        self.replays = self.new.manifest.swap.replay
        self.notes += (f"it goes on with the state of the moment of the swap: {reason}", *self._of_events())

    def _of_events(self) -> tuple[str, ...]:
        kept, lost = self.missed.kept[self.new.name], self.missed.lost[self.new.name]
        told = f"of events since then {kept} {'was' if kept == 1 else 'were'} told to it again, calls were not"
        why = "more came than are kept" if self.replays else "it says replay = false"
        gone = f"of events since then {lost} {'is' if lost == 1 else 'are'} lost to it: {why}"
        return (*((told,) if kept else ()), *((gone,) if lost else ()))
