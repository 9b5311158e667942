"""What a running host is asked and told: nothing of it changes what is loaded."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Final

from host.engine.arguments import expect_count, expect_id, expect_revisions, expect_text, expect_wait, versions_of
from host.engine.chronicle import Chronicle
from host.engine.console import completed, evaluated
from host.engine.drawing import drawn
from host.engine.keyring import Keyring
from host.engine.parts import Parts
from host.engine.planning import planned
from host.lifecycle.answering import call, execute, interrupt
from host.resolution.explaining import explain, outdated
from host.runtime.codec import decode
from host.runtime.crossing import Crossing, fields_of
from host.vocabulary.errors import HostError, ModuleFault
from host.vocabulary.events import Event
from host.vocabulary.explanations import Outdated, Why
from host.vocabulary.graph import Graph
from host.vocabulary.permission import Grant
from host.vocabulary.response import Response
from host.vocabulary.views import (
    AuditCheck,
    AuditRow,
    Comparison,
    Completion,
    Evaluation,
    HistoryRow,
    KeyView,
    PanelChange,
    PlainData,
    Plan,
    Snapshot,
)

MOST_ACTS: Final = 1000


@dataclass(frozen=True, slots=True)
class EmitReport:
    """What became of an event: how many handlers answered, and the faults of the others."""

    delivered: int
    failures: tuple[ModuleFault, ...] = ()


class Asking:
    """Answers about a host, and speaks to its modules.

    Every method refuses with a subclass of HostError.
    """

    def __init__(self) -> None:
        self.chronicle: Final = Chronicle()
        self._parts: Parts | None = None

    @property
    def parts(self) -> Parts:
        """What the host is made of, while it runs.

        Raises:
            HostError: it does not.
        """
        if self._parts is None:
            raise HostError("the host does not run; use it inside `async with Host(...) as host:`")
        return self._parts

    async def emit(self, event: str, *arguments: PlainData) -> EmitReport:
        """Deliver an event to all that answer it.

        Raises:
            NotData: an argument that cannot cross; nothing was delivered.
        """
        if type(event) is not str:  # the look costs less than the call
            expect_text("emit", event=event)
        dispatch = self.parts.roster.dispatch
        fields = fields_of(arguments[0]) if len(arguments) == 1 else None
        if fields:
            delivered, failures = dispatch.emit(event, 1, fields)
        else:
            delivered, failures = dispatch.emit(event, *Crossing.of(*arguments))
        return EmitReport(delivered, tuple(failures))

    async def filter(self, event: str, value: PlainData, *arguments: PlainData) -> PlainData:
        """Hand a value from one handler of an event to the next; gives what the last made of it."""
        expect_text("filter", event=event)
        rest = Crossing.of(*arguments)
        result, _ = self.parts.roster.dispatch.filter(event, Crossing.of(value), rest)
        return Crossing(*result).value()

    async def call(self, name: str, function: str, *arguments: PlainData) -> PlainData:
        """Call an export; gives its result, several as a tuple.

        Raises:
            ModuleFault: the module raised.
        """
        expect_text("call", name=name, function=function)
        instance = self.parts.roster.get(name)
        if function not in instance.exports:
            known = ", ".join(sorted(instance.exports)) or "nothing"
            raise HostError(f"{name} {instance.version} exports no {function!r}; it exports {known}")
        return (await call(instance, function, Crossing.of(*arguments))).value()

    async def execute(self, name: str, context: Mapping[str, PlainData] | None = None) -> Response:
        """Have a module answer one request, by its ``execute(self, context)``.

        Args:
            name: of the module.
            context: what it is asked (``{"parameters": {...}}``); an empty table where it is absent.

        Returns:
            A dictionary: ``status``, and of ``data``, ``variables``, ``message``, ``next_action`` what it has.

        Raises:
            ModuleFault: the module raised, or what it answered is no response.
            HostError: it has no ``execute``, or the context is no dictionary.
        """
        expect_text("execute", name=name)
        instance = self.parts.roster.get(name)
        if not instance.runtime.has("execute"):
            raise HostError(f"{name} {instance.version} answers no requests: its entry file returns no execute")
        if not isinstance(context, Mapping | None):
            raise HostError(f"a request to {name} is a dictionary, as in {{'parameters': {{}}}}; it was not sent")
        return await execute(instance, Crossing.of(dict(context or {})))

    async def panels(self, seen: Mapping[str, int] | None = None, *, wait: float = 0.0) -> tuple[PanelChange, ...]:
        """What modules show, or what is new of it.

        Args:
            seen: which panels, as ``MODULE/PANEL``, with the revision to which each is known, 0 for not at all; all
                that there are where it is absent.
            wait: seconds to wait at most until there is anything new.

        Returns:
            Whole panels, or what changed in them; nothing of those in which nothing did.
        """
        expect_revisions("panels", seen=seen)
        expect_wait("panels", wait=wait)
        return await self.parts.showing.changes(seen, wait)

    async def operate(self, name: str, panel: str, widget: str, event: str, value: PlainData = None) -> None:
        """Do in a panel what a person does: click, type, tick, choose.

        Args:
            name: of the module.
            panel: its id.
            widget: by its id, or by the key that ``panels`` gives.
            event: ``onClick``, ``onChange`` or ``onSubmit``.
            value: a row's number, the text, the choice, whether it is ticked; of a button nothing.

        Raises:
            ModuleFault: the module's handler failed.
            HostError: there is no such panel or widget, or nobody could do that there; nothing was done.
        """
        expect_text("operate", name=name, panel=panel, widget=widget, event=event)
        self.parts.showing.operate(name, panel, widget, event, value)

    async def evaluate(self, name: str, text: str) -> Evaluation:
        """Run Lua inside a module, with its limits and permissions: its locals and globals, ``self``, and ``_``.

        Args:
            name: of the module.
            text: an expression, or statements; ``_`` in it is what the text before gave. It may wait, as in
                ``host.sleep``.

        Raises:
            ModuleFault: the text does not compile, raised, or met a limit; that counts as no fault of the module.
            ModuleUnknown: it is not loaded.
            HostError: it was stopped while it waited.
        """
        expect_text("evaluate", name=name, text=text)
        return await evaluated(self.parts.roster.get(name), text, self.chronicle)

    async def interrupt(self, name: str) -> int:
        """Stop what of :meth:`evaluate` waits inside a module; how many texts these were.

        What computes and does not wait is ended by the module's own limit.

        Raises:
            ModuleUnknown: it is not loaded.
        """
        expect_text("interrupt", name=name)
        return interrupt(self.parts.roster.get(name))

    async def complete(self, name: str, text: str) -> tuple[Completion, ...]:
        """How the text before a cursor could go on inside a module, by what it has now.

        Raises:
            ModuleUnknown: it is not loaded.
        """
        expect_text("complete", name=name, text=text)
        return completed(self.parts.roster.get(name), text)

    async def resolve(self, wanted: Mapping[str, str], *, upgrade: bool = False) -> Plan:
        """Plan what ``load_all`` would do, beside what is loaded; nothing is changed.

        Raises:
            ResolutionFailed: no choice of versions will do.
        """
        return await planned(self.parts, versions_of("resolve", wanted), upgrade=upgrade)

    async def why(self, name: str) -> Why:
        """Why a module is loaded: the chains from what was asked for to it.

        Raises:
            ModuleUnknown: it is not loaded.
        """
        expect_text("why", name=name)
        roster = self.parts.roster
        roster.get(name)
        return explain(roster.manifests, roster.requested, name)

    async def outdated(self) -> tuple[Outdated, ...]:
        """The loaded modules that have a newer release on disk, and what holds each back."""
        repository, loaded = self.parts.library.repository, self.parts.roster.manifests
        return await asyncio.to_thread(lambda: tuple(outdated(repository, loaded)))

    async def graph(self, name: str = "", version: str = "") -> Graph:
        """Who needs whom, laid out: around one module, or of all; the versions that run, or else the newest.

        Args:
            name: the module that it is about.
            version: as if the module were swapped to this one; nothing is changed.

        Raises:
            ModuleUnknown: no module is called so.
            HostError: it has no such version.
        """
        expect_text("graph", name=name, version=version)
        return await drawn(self.parts, name, version)

    def grants(self, name: str = "") -> tuple[Grant, ...]:
        """What the user granted to a module and denied it, or to all; oldest first."""
        expect_text("grants", name=name)
        return self.parts.granting.of(name)

    async def keys(self) -> tuple[KeyView, ...]:
        """The keys that packages of modules were signed with, and those that were revoked.

        Raises:
            StorageUnavailable: they cannot be read.
        """
        return await Keyring(self.parts.keeping, self.parts.granting, self.parts.roster.data).all()

    async def audit(self, name: str = "", most: int = 1000) -> tuple[AuditRow, ...]:
        """What was done in the name of modules, and denied them: the newest rows, of one or of all; at most 10,000.

        Raises:
            StorageUnavailable: it cannot be read.
        """
        expect_text("audit", name=name)
        expect_count("audit", most=most)
        self.parts.access.keep()
        return await self.parts.keeping.ask(lambda store: store.audit.rows(name, most))

    async def check_audit(self) -> AuditCheck:
        """Whether the audit is as it was written.

        Raises:
            StorageUnavailable: it cannot be read.
        """
        self.parts.access.keep()
        return await self.parts.keeping.ask(lambda store: store.audit.check())

    async def history(self, name: str) -> tuple[HistoryRow, ...]:
        """What was done to a module, loaded or not, newest first."""
        expect_text("history", name=name)
        return await self.parts.past.rows(name)

    async def timeline(self, count: int = 200) -> tuple[HistoryRow, ...]:
        """What was done to all modules, newest first.

        Args:
            count: of acts, at most; of more than 1,000, the last 1,000.
        """
        expect_count("timeline", count=count)
        return await self.parts.past.last(min(max(count, 0), MOST_ACTS))

    async def compare(self, name: str, earlier: int, later: int | None = None) -> Comparison:
        """Compare what ran after two acts of a module's history: its files, and the last state of each.

        Args:
            name: of the module, loaded or not.
            earlier: id of the one act.
            later: of the other; absent, what it has now.

        Raises:
            PointUnknown: nothing ran after one of them.
        """
        expect_text("compare", name=name)
        expect_id("compare", earlier=earlier, later=later)
        return await self.parts.past.compare(name, earlier, later)

    async def state(self, name: str) -> PlainData:
        """The state of a module as plain data; ``None`` where it keeps none."""
        expect_text("state", name=name)
        data = self.parts.roster.get(name).state()
        return None if data is None else decode(data)

    def snapshot(self) -> Snapshot:
        """The whole host as it stands, frozen."""
        return self.parts.picture.snapshot()

    def events(self) -> AsyncIterator[Event]:
        """Yield what happens from now on, until the host ends."""
        return self.chronicle.follow()
