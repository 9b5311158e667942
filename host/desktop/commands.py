"""The one door out: every act on the engine, and where its outcome is told."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from PySide6.QtCore import QObject, Signal

from host.desktop.errands import Errands
from host.desktop.link import Link, Source
from host.desktop.wording import pause
from host.protocol.refusal import Refused
from host.vocabulary.errors import HostError
from host.vocabulary.states import Outcome
from host.vocabulary.views import SwapReport


@dataclass(frozen=True, slots=True)
class Done:
    """An act that was carried out.

    Attributes:
        text: one sentence: ``Swapped in 34 ms``.
        undoable: whether a roll-back takes it back.
        pause_s: of a swap, by which its own event is known.
        before: of a swap of several, the versions that ran before it, by name: with these all are taken back.
    """

    module: str
    text: str
    undoable: bool = False
    pause_s: float | None = None
    before: Mapping[str, str] = field(default_factory=dict)


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
        self, name: str, version: str, also: Mapping[str, str] | None = None, *, probation_s: float | None = None
    ) -> None:
        """Swap a module to another version, and others along with it, versions by name.

        Args:
            name: of the module.
            version: as its manifest spells it.
            also: the others.
            probation_s: how long faults take it back, in seconds; as the manifest says where it is absent.
        """
        others = dict(also or {})
        along = "".join(f", {other} {self.tr('to')} {each}" for other, each in others.items())
        text = self.tr("Swapping {0} to {1}").format(name, version) + along
        self._act(name, text, lambda: self._swap(name, version, others, probation_s))

    def roll_back(self, name: str, to: int | None = None) -> None:
        """Take the last change of a module back, or bring back what ran after an act of its history."""
        self._act(name, self.tr("Rolling {0} back").format(name), lambda: self._roll_back(name, to))

    def resume(self, name: str) -> None:
        """Switch the hooks and timers of a quarantined module on again."""
        self._act(name, self.tr("Resuming {0}").format(name), lambda: self._resume(name))

    def rescan(self) -> None:
        """Look through the module folders again."""
        self._act("", self.tr("Looking through the module folders"), self._rescan)

    def _act(self, name: str, text: str, act: Callable[[], Awaitable[Done]]) -> None:
        self.started.emit(name, text)
        self._errands.run(self._carry_out(name, act), f"{text}")

    async def _carry_out(self, name: str, act: Callable[[], Awaitable[Done]]) -> None:
        try:
            self.done.emit(await act())
        except HostError as refusal:
            self.refused.emit(_refusal(name, refusal))

    async def _load(self, name: str, version: str) -> Done:
        await self.source.load(name, f"=={version}" if version else "")
        return Done(name, self.tr("{0} is loaded").format(name))

    async def _unload(self, name: str, *, cascade: bool) -> Done:
        await self.source.unload(name, cascade=cascade)
        return Done(name, self.tr("{0} is unloaded").format(name))

    async def _reload(self, name: str) -> Done:
        return self._swapped(await self.source.reload(name), self.tr("Reloaded in {0}"))

    async def _swap(self, name: str, version: str, also: dict[str, str], probation_s: float | None) -> Done:
        report = await self.source.swap(name, version, also, probation_s=probation_s)
        words = self.tr("Swapped in {0}")
        if probation_s is not None:
            words = self.tr("Swapped in {0}, on trial for {1} s").format("{0}", f"{probation_s:g}")
        return self._swapped(report, words)

    async def _roll_back(self, name: str, to: int | None) -> Done:
        report = await self.source.rollback(name, to)
        text = self.tr("Back to {0}").format(report.to_version)
        took = self.tr("{0} in {1}").format(text, pause(report.pause_s))
        return Done(name, took if report.pause_s else text, pause_s=report.pause_s)

    async def _resume(self, name: str) -> Done:
        await self.source.resume(name)
        return Done(name, self.tr("{0} is resumed").format(name))

    async def _rescan(self) -> Done:
        await self.source.rescan()
        return Done("", self.tr("The module folders were looked through"))

    def _swapped(self, report: SwapReport, words: str) -> Done:
        text = words.format(pause(report.pause_s) or "0 ms")
        before = {each.module: each.from_version for each in (report, *report.others)} if report.others else {}
        if before:
            text = self.tr("{0}, together with {1}").format(text, ", ".join(each.module for each in report.others))
        return Done(report.module, text, report.outcome is Outcome.COMMITTED, report.pause_s, before)


def _refusal(name: str, error: HostError) -> Refusal:
    report = error.report if isinstance(error, Refused) else None
    if report is None:
        return Refusal(name, str(error), error.code)
    return Refusal(name, str(error), error.code, report.to_version, report.further)
