"""The one door out: every act on the engine, and where its outcome is told."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from host.desktop.allowing import Allowance, allowing, with_allowances
from host.desktop.errands import Errands
from host.desktop.link import Link
from host.desktop.reversing import (
    Reversal,
    Standing,
    back_to,
    back_to_access,
    back_to_lock,
    back_to_quarantine,
    back_to_settings,
    back_to_uninstalled,
    back_to_unmuted,
    back_to_value,
    back_to_watched,
    granted,
    standing,
)
from host.desktop.several import back_to_all, done_to_each
from host.desktop.switching import Switch, carried_out
from host.desktop.wording import pause, spelled, value_text
from host.protocol.refusal import Refused
from host.vocabulary.errors import HostError

if TYPE_CHECKING:
    from host.protocol.messages import Source
    from host.vocabulary.views import ModuleView, PlainData, SwapReport


class Way(Enum):
    """How an act came to be: somebody did it, took the last one back, or did that again."""

    DO = "do"
    UNDO = "undo"
    REDO = "redo"


@dataclass(frozen=True, slots=True)
class Done:
    """An act that was carried out.

    Attributes:
        text: one sentence: ``Swapped in 34 ms``.
        reversal: takes it back; nothing where there is nothing to take back.
        pause_s: of a swap, by which its own event is known.
        arrived: the module was not there before.
    """

    module: str
    text: str
    reversal: Reversal | None = None
    pause_s: float | None = None
    way: Way = Way.DO
    arrived: bool = False


@dataclass(frozen=True, slots=True)
class Refusal:
    """An act that was refused; nothing has changed.

    Attributes:
        code: the protocol's.
        version: of a swap, what the module was to become.
        further: of a swap, the versions of others with which it would be legal, by name.
    """

    module: str
    text: str
    code: int
    version: str = ""
    further: Mapping[str, str] = field(default_factory=dict)
    way: Way = Way.DO


class Commands(QObject):
    """Acts return at once; ``done`` or ``refused`` tells later how each ended."""

    started = Signal(str, str)
    done = Signal(object)
    refused = Signal(object)

    def __init__(self, link: Link, errands: Errands) -> None:
        super().__init__()
        self._link = link
        self._errands = errands

    @property
    def source(self) -> Source:
        """For panels that read: whom to ask now.

        Raises:
            HostUnreachable: nobody answers now.
        """
        return self._link.source

    @property
    def errands(self) -> Errands:
        return self._errands

    def load(self, name: str, version: str = "") -> None:
        """Load a module, what it needs first; any version that fits where none is named."""
        self._act(name, self.tr("Loading {0}").format(name), lambda: self._load(name, version))

    def unload(self, name: str, *, cascade: bool = False) -> None:
        self._act(name, self.tr("Unloading {0}").format(name), lambda: self._unload(name, cascade=cascade))

    def reload(self, name: str) -> None:
        """Read the module's files again and swap what they say in."""
        self._act(name, self.tr("Reloading {0}").format(name), lambda: self._reload(name))

    def swap(
        self,
        name: str,
        version: str,
        also: Mapping[str, str] | None = None,
        *,
        probation_s: float | None = None,
        allow: Sequence[Allowance] = (),
    ) -> None:
        """Swap a module to another version, and others along with it, versions by name.

        Args:
            name: of the module.
            version: as its manifest spells it.
            also: the others.
            probation_s: how long faults take it back, in seconds; as the manifest says where it is absent.
            allow: granted first, to these versions alone, and withdrawn with the swap.
        """
        others = dict(also or {})
        along = "".join(f", {other} {self.tr('to')} {each}" for other, each in others.items())
        text = self.tr("Swapping {0} to {1}").format(name, version) + along
        self._act(name, text, lambda: self._swap(name, version, others, probation_s, allow))

    def roll_back(self, name: str, to: int | None = None) -> None:
        """Take the last change of a module back, or bring back what ran after an act of its history."""
        self._act(name, self.tr("Rolling {0} back").format(name), lambda: self._roll_back(name, to))

    def quarantine(self, name: str) -> None:
        """Switch the hooks and timers of a module off."""
        self._act(name, self.tr("Quarantining {0}").format(name), lambda: self._quarantine(name))

    def resume(self, name: str) -> None:
        """Switch the hooks and timers of a quarantined module on again."""
        self._act(name, self.tr("Resuming {0}").format(name), lambda: self._resume(name))

    def lock(self, name: str, version: str, before: str) -> None:
        """Keep a module at a version, at none where it is empty; ``before`` is where it was kept."""
        words = self.tr("Locking {0}") if version else self.tr("Unlocking {0}")
        self._act(name, words.format(name), lambda: self._lock(name, version, before))

    def watch(self, name: str, *, on: bool) -> None:
        """Have saves of a module run by themselves, or not."""
        words = self.tr("Watching {0}") if on else self.tr("Watching {0} no longer")
        self._act(name, words.format(name), lambda: self._watch(name, on=on))

    def for_each(self, kind: str, views: Sequence[ModuleView]) -> None:
        """Do something to several modules, in this order, told and taken back as one act.

        Args:
            kind: ``load``, ``unload``, ``reload``, ``rollback``, ``quarantine``, ``resume``, ``lock``, ``unlock``,
                ``watch`` or ``unwatch``.
            views: of the modules.
        """
        acts: dict[str, tuple[str, str, Callable[[ModuleView], Awaitable[Done]]]] = {
            "load": (self.tr("load {0} modules"), self.tr("loaded"), lambda view: self._load(view.name, "")),
            "unload": (
                self.tr("unload {0} modules"),
                self.tr("unloaded"),
                lambda view: self._unload(view.name, cascade=False),
            ),
            "reload": (self.tr("reload {0} modules"), self.tr("reloaded"), lambda view: self._reload(view.name)),
            "rollback": (
                self.tr("roll {0} modules back"),
                self.tr("rolled back"),
                lambda view: self._roll_back(view.name, None),
            ),
            "quarantine": (
                self.tr("quarantine {0} modules"),
                self.tr("quarantined"),
                lambda view: self._quarantine(view.name),
            ),
            "resume": (self.tr("resume {0} modules"), self.tr("resumed"), lambda view: self._resume(view.name)),
            "lock": (
                self.tr("lock {0} modules"),
                self.tr("locked at their versions"),
                lambda view: self._lock(view.name, view.version, view.locked),
            ),
            "unlock": (
                self.tr("unlock {0} modules"),
                self.tr("locked no more"),
                lambda view: self._lock(view.name, "", view.locked),
            ),
            "watch": (self.tr("watch {0} modules"), self.tr("watched"), lambda view: self._watch(view.name, on=True)),
            "unwatch": (
                self.tr("stop watching {0} modules"),
                self.tr("watched no longer"),
                lambda view: self._watch(view.name, on=False),
            ),
        }
        text, told, act = acts[kind]
        text = text.format(len(views))
        by_name = {view.name: view for view in views}

        async def each(name: str) -> Reversal | None:
            return (await act(by_name[name])).reversal

        self._act("", text[:1].upper() + text[1:], lambda: self._for_each(list(by_name), text, told, each))

    def allow(self, name: str, permissions: Mapping[str, list[str]] | None = None) -> None:
        """Grant a module what its manifest asks for: some patterns by permission, or all of it."""
        self._act(name, self.tr("Granting permissions to {0}").format(name), lambda: self._allow(name, permissions))

    def deny(self, name: str, permissions: Mapping[str, list[str]]) -> None:
        """Take patterns back from a module."""
        self._act(name, self.tr("Taking permissions from {0}").format(name), lambda: self._deny(name, permissions))

    async def configure(self, name: str, settings: PlainData) -> None:
        """Set what the user has set of a module's settings, all of it; who waits tells of a refusal.

        Raises:
            HostError: they are refused; those before stay in force.
        """
        before = (await self.source.settings(name))["settings"]
        await self.source.configure(name, settings)
        back = back_to_settings(name, self.tr("configure {0}").format(name), before)
        self.done.emit(Done(name, self.tr("{0} runs with its new settings").format(name), back))

    def fire(self, name: str, entry: str, label: str, argument: PlainData) -> None:
        """Call one hook of a module, or let one of its timers be due."""
        self._act(name, self.tr("Firing {0}").format(label), lambda: self._fire(name, entry, label, argument))

    def mute(self, name: str, entry: str, label: str, *, on: bool) -> None:
        """Switch one hook or timer of a module off, or on again."""
        words = self.tr("Muting {0}") if on else self.tr("Unmuting {0}")
        self._act(name, words.format(label), lambda: self._mute(name, entry, label, on=on))

    def cancel(self, name: str, entry: str, label: str) -> None:
        """End one timer or task of a module."""
        self._act(name, self.tr("Cancelling {0}").format(label), lambda: self._cancel(name, entry, label))

    async def swap_source(self, name: str, texts: Mapping[str, str]) -> None:
        """Run a module with other texts for some of its files, by path; who waits tells of a refusal.

        Raises:
            HostError: it runs on as it was.
        """
        before = await standing(self.source, (name,))
        report = await self.source.swap_source(name, dict(texts))
        act = self.tr("run {0} as it was typed").format(name)
        self.done.emit(self._swapped(report, before, act, self.tr("Runs as it was typed, swapped in {0}")))

    async def save_source(self, name: str) -> None:
        """Write what was typed over a module's files and runs; who waits tells of a refusal.

        Raises:
            HostError: nothing was written.
        """
        files = await self.source.save_source(name)
        self.done.emit(Done(name, self.tr("Saved {0}").format(", ".join(files))))

    def edit_state(self, name: str, path: Sequence[str | float | bool], before: PlainData, after: PlainData) -> None:
        """Put a value in the place of the one of before in a module's state."""
        words = self.tr("Editing the state of {0}").format(name)
        self._act(name, words, lambda: self._edit_state(name, path, before, after))

    def take_back(self, reversal: Reversal, way: Way) -> None:
        """Take an act back, or do again what was taken back."""
        words = self.tr("Taking back: {0}") if way is Way.UNDO else self.tr("Doing again: {0}")
        self._act(reversal.module, words.format(reversal.text), lambda: self._take_back(reversal), way)

    def return_to(self, before: Reversal) -> None:
        """Make modules what they were at an earlier time; an act like any other."""
        self._act(before.module, self.tr("Going back: {0}").format(before.text), lambda: self._take_back(before))

    def switch(self, switch: Switch) -> None:
        """Switch to a profile, as planned."""
        name = switch.profile.name
        self._act("", self.tr("Switching to profile {0}").format(name), lambda: self._switch(switch))

    def install(self, file: str, tier: str, terms: Mapping[str, bool], digest: str) -> None:
        """Install what was looked at; ``terms`` and ``digest`` as the protocol has them."""
        self._act("", self.tr("Installing {0}").format(file), lambda: self._install(file, tier, terms, digest))

    def make(self, name: str, tier: str) -> None:
        """Make a module from the template."""
        self._act(name, self.tr("Making {0}").format(name), lambda: self._make(name, tier))

    def rescan(self) -> None:
        """Look through the module folders again."""
        self._act("", self.tr("Looking through the module folders"), self._rescan)

    def _act(self, name: str, text: str, act: Callable[[], Awaitable[Done]], way: Way = Way.DO) -> None:
        self.started.emit(name, text)
        self._errands.run(self._carry_out(name, act, way), text)

    async def _carry_out(self, name: str, act: Callable[[], Awaitable[Done]], way: Way) -> None:
        try:
            self.done.emit(replace(await act(), way=way))
        except HostError as refusal:
            self.refused.emit(replace(_refusal(name, refusal), way=way))

    async def _load(self, name: str, version: str) -> Done:
        before = await standing(self.source, ())
        plan = await self.source.load(name, f"=={version}" if version else "")
        touched = [step.name for step in plan.order if step.replaces or step.name not in before.running]
        if name not in before.running:
            touched = touched or [name]
        back = back_to(before, name, self.tr("load {0}").format(name), touched) if touched else None
        return Done(name, self.tr("{0} is loaded").format(name), back)

    async def _unload(self, name: str, *, cascade: bool) -> Done:
        before = await standing(self.source, ())
        gone = await self.source.unload(name, cascade=cascade)
        back = back_to(before, name, self.tr("unload {0}").format(name), gone[::-1])
        return Done(name, self.tr("{0} is unloaded").format(name), back)

    async def _reload(self, name: str) -> Done:
        before = await standing(self.source, (name,))
        report = await self.source.reload(name)
        return self._swapped(report, before, self.tr("reload {0}").format(name), self.tr("Reloaded in {0}"))

    async def _swap(
        self, name: str, version: str, also: dict[str, str], probation_s: float | None, allow: Sequence[Allowance]
    ) -> Done:
        source = self.source
        before = await standing(source, (name,))
        async with allowing(source, allow):
            report = await source.swap(name, version, also, probation_s=probation_s)
        words = self.tr("Swapped in {0}")
        if probation_s is not None:
            words = self.tr("Swapped in {0}, on trial for {1} s").format("{0}", f"{probation_s:g}")
        done = self._swapped(report, before, self.tr("swap {0} to {1}").format(name, version), words)
        return done if done.reversal is None else replace(done, reversal=with_allowances(done.reversal, allow))

    async def _roll_back(self, name: str, to: int | None) -> Done:
        before = await standing(self.source, (name,))
        report = await self.source.rollback(name, to)
        text = self.tr("Back to {0}").format(report.to_version)
        took = self.tr("{0} in {1}").format(text, pause(report.pause_s))
        back = back_to(before, name, self.tr("roll {0} back").format(name), (name,))
        return Done(name, took if report.pause_s else text, back, report.pause_s)

    async def _fire(self, name: str, entry: str, label: str, argument: PlainData) -> Done:
        await self.source.fire(name, entry, argument)
        return Done(name, self.tr("{0} was fired").format(label))

    async def _mute(self, name: str, entry: str, label: str, *, on: bool) -> Done:
        await self.source.mute(name, entry, on=on)
        back = back_to_unmuted(name, entry, label, on=on)
        words = self.tr("{0} is muted until the module is swapped or reloaded") if on else self.tr("{0} is unmuted")
        return Done(name, words.format(label), back)

    async def _cancel(self, name: str, entry: str, label: str) -> Done:
        await self.source.cancel(name, entry)
        return Done(name, self.tr("{0} was cancelled").format(label))

    async def _edit_state(
        self, name: str, path: Sequence[str | float | bool], before: PlainData, after: PlainData
    ) -> Done:
        report = await self.source.edit_state(name, list(path), after)
        back = back_to_value(name, self.tr("edit the state of {0}").format(name), path, before, after)
        return Done(name, self.tr("{0} is {1}").format(spelled(path), value_text(after)), back, report.pause_s)

    async def _resume(self, name: str) -> Done:
        await self.source.resume(name)
        back = back_to_quarantine(name, self.tr("resume {0}").format(name), on=True)
        return Done(name, self.tr("{0} is resumed").format(name), back)

    async def _quarantine(self, name: str) -> Done:
        await self.source.quarantine(name)
        back = back_to_quarantine(name, self.tr("quarantine {0}").format(name), on=False)
        return Done(name, self.tr("{0} is quarantined: its hooks and timers are off").format(name), back)

    async def _lock(self, name: str, version: str, before: str) -> Done:
        await self.source.lock(name, version)
        words = self.tr("{0} is locked at {1}") if version else self.tr("{0} is locked no more")
        act = self.tr("lock {0}") if version else self.tr("unlock {0}")
        return Done(name, words.format(name, version), back_to_lock(name, act.format(name), before))

    async def _allow(self, name: str, permissions: Mapping[str, list[str]] | None) -> Done:
        before = await granted(self.source, name)
        await self.source.grant(name, None if permissions is None else dict(permissions))
        back = back_to_access(name, self.tr("grant permissions to {0}").format(name), before)
        return Done(name, self.tr("{0} may do what was granted").format(name), back)

    async def _deny(self, name: str, permissions: Mapping[str, list[str]]) -> Done:
        before = await granted(self.source, name)
        await self.source.revoke(name, dict(permissions))
        back = back_to_access(name, self.tr("take permissions from {0}").format(name), before)
        return Done(name, self.tr("{0} may no longer do that").format(name), back)

    async def _watch(self, name: str, *, on: bool) -> Done:
        await self.source.watch(name, on=on)
        words = self.tr("Saves of {0} are taken in") if on else self.tr("Saves of {0} are not taken in")
        act = self.tr("watch {0}") if on else self.tr("stop watching {0}")
        return Done(name, words.format(name), back_to_watched(name, act.format(name), on=not on))

    async def _for_each(
        self, names: Sequence[str], text: str, told: str, act: Callable[[str], Awaitable[Reversal | None]]
    ) -> Done:
        backs, refused = await done_to_each(names, act)
        count = self.tr("{0} of {1} modules are {2}").format(len(backs), len(names), told)
        if not refused:
            count = self.tr("{0} modules are {1}").format(len(names), told)
        return Done("", "; ".join((count, *refused)), back_to_all(text, [back for back in backs if back is not None]))

    async def _take_back(self, reversal: Reversal) -> Done:
        done = await reversal.carry(self.source)
        return Done(reversal.module, done.text, done.reversal, done.pause_s)

    async def _switch(self, switch: Switch) -> Done:
        back = await carried_out(self.source, switch)
        return Done("", self.tr("Profile {0} is in force").format(switch.profile.name), back)

    async def _install(self, file: str, tier: str, terms: Mapping[str, bool], digest: str) -> Done:
        done = await self.source.install(
            file,
            tier=tier,
            unsigned=terms.get("unsigned", False),
            trust_key=terms.get("trust_key", False),
            replace=terms.get("replace", False),
            digest=digest,
        )
        text = self.tr("{0} {1} is installed").format(done.name, done.version)
        if done.replaced:
            return Done(done.name, self.tr("{0}; what was there lies in the trash").format(text), arrived=True)
        act = self.tr("install {0}").format(done.name)
        return Done(done.name, text, back_to_uninstalled(done.name, done.version, act), arrived=True)

    async def _make(self, name: str, tier: str) -> Done:
        folder = await self.source.make_module(name, tier=tier)
        return Done(name, self.tr("{0} is made in {1}").format(name, folder), arrived=True)

    async def _rescan(self) -> Done:
        await self.source.rescan()
        return Done("", self.tr("The module folders were looked through"))

    def _swapped(self, report: SwapReport, before: Standing, act: str, words: str) -> Done:
        text = words.format(pause(report.pause_s) or "0 ms")
        touched = [report.module, *(each.module for each in report.others)]
        if report.others:
            text = self.tr("{0}, together with {1}").format(text, ", ".join(touched[1:]))
        return Done(report.module, text, back_to(before, report.module, act, touched), report.pause_s)


def _refusal(name: str, error: HostError) -> Refusal:
    report = error.report if isinstance(error, Refused) else None
    if report is None:
        return Refusal(name, str(error), error.code)
    return Refusal(name, str(error), error.code, report.to_version, report.further)
