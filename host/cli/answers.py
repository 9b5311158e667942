"""What the engine answers over the protocol: the methods of ``protocol.messages``, by the public Host."""

from __future__ import annotations

import os
from asyncio import Event as Signal
from collections.abc import Awaitable, Callable

from host.engine.configuring import judged, settings_of
from host.engine.host import Host
from host.protocol.messages import LONGEST_WAIT_S, PROTOCOL_VERSION, Hello
from host.vocabulary.errors import HostError
from host.vocabulary.explanations import Outdated, Why
from host.vocabulary.graph import Graph
from host.vocabulary.identity import HOST_VERSION
from host.vocabulary.permission import Grant
from host.vocabulary.settings import SettingFault
from host.vocabulary.views import (
    ActivityRow,
    AuditCheck,
    AuditRow,
    BisectionView,
    Changes,
    Comparison,
    Completion,
    EmitResult,
    Evaluation,
    GapView,
    HistoryRow,
    Installed,
    KeyView,
    LastSwap,
    LimitView,
    PackageView,
    PanelChange,
    PlainData,
    Plan,
    Profile,
    Rehearsal,
    Restored,
    Snapshot,
    SourceView,
    StatePage,
    SwapReport,
    Uninstalled,
)


class Answers:
    """Answers for one host; ``stop`` sets ``stopping``."""

    def __init__(self, host: Host, stopping: Signal) -> None:
        self._host = host
        self._stopping = stopping

    def methods(self) -> dict[str, Callable[..., Awaitable[object]]]:
        """All of them, by name."""
        names = [name for name in vars(type(self)) if not name.startswith("_") and name != "methods"]
        return {name: getattr(self, name) for name in names}

    async def hello(self) -> Hello:
        return Hello(protocol=PROTOCOL_VERSION, version=HOST_VERSION, pid=os.getpid(), data=str(self._host.data))

    async def changes(self, since: int, wait_s: float = 0.0) -> Changes:
        await self._host.chronicle.newer_than(since, min(wait_s, LONGEST_WAIT_S))
        return self._host.parts.picture.changes(since)

    async def snapshot(self) -> Snapshot:
        return self._host.snapshot()

    async def state_page(self, name: str, path: list[str | int | float | bool], start: int, count: int) -> StatePage:
        return self._host.parts.inspection.state_page(name, path, start, count)

    async def last_swap(self, name: str) -> LastSwap:
        return self._host.parts.inspection.last_swap(name)

    async def activity(self, name: str) -> tuple[ActivityRow, ...]:
        return self._host.parts.inspection.activity(name)

    async def gaps(self) -> tuple[GapView, ...]:
        return self._host.parts.pulse.gaps

    async def profile(self, name: str, seconds: float = 10.0) -> Profile:
        return self._host.parts.profiling.look(name, seconds)

    async def limits(self, name: str) -> tuple[LimitView, ...]:
        return self._host.parts.inspection.limits(name)

    async def panels(self, seen: dict[str, int] | None = None, wait_s: float = 0.0) -> tuple[PanelChange, ...]:
        return await self._host.panels(seen, wait=min(wait_s, LONGEST_WAIT_S))

    async def grants(self, name: str = "") -> tuple[Grant, ...]:
        return self._host.grants(name)

    async def keys(self) -> tuple[KeyView, ...]:
        return await self._host.keys()

    async def audit(self, name: str = "", most: int = 1000) -> tuple[AuditRow, ...]:
        return await self._host.audit(name, most)

    async def check_audit(self) -> AuditCheck:
        return await self._host.check_audit()

    async def history(self, name: str) -> tuple[HistoryRow, ...]:
        return await self._host.history(name)

    async def timeline(self, count: int = 200) -> tuple[HistoryRow, ...]:
        return await self._host.timeline(count)

    async def compare(self, name: str, earlier: int, later: int | None = None) -> Comparison:
        return await self._host.compare(name, earlier, later)

    async def resolve(self, wanted: dict[str, str], *, upgrade: bool = False) -> Plan:
        return await self._host.resolve(wanted, upgrade=upgrade)

    async def rehearse(self, name: str, version: str, also: dict[str, str] | None = None) -> Rehearsal:
        return await self._host.rehearse({name: version, **(also or {})})

    async def why(self, name: str) -> Why:
        return await self._host.why(name)

    async def outdated(self) -> tuple[Outdated, ...]:
        return await self._host.outdated()

    async def graph(self, name: str = "", version: str = "") -> Graph:
        return await self._host.graph(name, version)

    async def settings(self, name: str) -> PlainData:
        return await settings_of(self._host.parts, name)

    async def check_settings(self, name: str, settings: PlainData) -> tuple[SettingFault, ...]:
        return await judged(self._host.parts, name, settings)

    async def complete(self, name: str, text: str) -> tuple[Completion, ...]:
        return await self._host.complete(name, text)

    async def source(self, name: str, file: str = "") -> SourceView:
        return self._host.parts.inspection.source(name, file)

    async def load(self, name: str, specifier: str = "", *, fresh: bool = False, upgrade: bool = False) -> Plan:
        return await self._host.load(name, specifier, fresh=fresh, upgrade=upgrade)

    async def unload(self, name: str, *, cascade: bool = False) -> list[str]:
        return list(await self._host.unload(name, cascade=cascade))

    async def reload(self, name: str) -> SwapReport:
        return await self._host.reload(name)

    async def swap(
        self, name: str, version: str, also: dict[str, str] | None = None, *, probation_s: float | None = None
    ) -> SwapReport:
        return await self._host.swap({name: version, **(also or {})}, probation=probation_s)

    async def rollback(self, name: str, to: int | None = None) -> SwapReport:
        return await self._host.rollback(name, to)

    async def configure(self, name: str, settings: PlainData) -> None:
        if not isinstance(settings, dict):
            raise HostError("settings are an object, as in {}; nothing was changed")
        await self._host.configure(name, settings)

    async def grant(
        self, name: str, permissions: dict[str, list[str]] | None = None, versions: str = "*"
    ) -> tuple[Grant, ...]:
        return await self._host.grant(name, permissions, versions=versions)

    async def revoke(
        self, name: str, permissions: dict[str, list[str]] | None = None, versions: str = "*"
    ) -> tuple[Grant, ...]:
        return await self._host.revoke(name, permissions, versions=versions)

    async def quarantine(self, name: str) -> None:
        await self._host.quarantine(name)

    async def resume(self, name: str) -> None:
        await self._host.resume(name)

    async def isolate(self, name: str, isolation: str = "process") -> bool:
        return await self._host.isolate(name, isolation)

    async def lock(self, name: str, version: str = "") -> str:
        return await self._host.lock(name, version)

    async def emit(self, event: str, args: list[PlainData]) -> EmitResult:
        report = await self._host.emit(event, *args)
        return EmitResult(delivered=report.delivered, failures=tuple(map(str, report.failures)))

    async def call(self, name: str, function: str, args: list[PlainData]) -> PlainData:
        return await self._host.call(name, function, *args)

    async def operate(self, name: str, panel: str, widget: str, event: str, value: PlainData = None) -> None:
        await self._host.operate(name, panel, widget, event, value)

    async def evaluate(self, name: str, text: str) -> Evaluation:
        return await self._host.evaluate(name, text)

    async def interrupt(self, name: str) -> int:
        return await self._host.interrupt(name)

    async def execute(self, name: str, context: PlainData = None) -> PlainData:
        return await self._host.execute(name, context)

    async def inspect_package(
        self,
        file: str,
        *,
        tier: str = "plugins",
        modules: str = "",
        unsigned: bool = False,
        trust_key: bool = False,
        replace: bool = False,
    ) -> PackageView:
        terms = {"unsigned": unsigned, "trust_key": trust_key, "replace": replace}
        return await self._host.inspect_package(file, tier=tier, modules=modules, **terms)

    async def rehearse_source(self, name: str, texts: dict[str, str]) -> Rehearsal:
        return await self._host.rehearse_source(name, texts)

    async def swap_source(self, name: str, texts: dict[str, str], *, probation_s: float | None = None) -> SwapReport:
        return await self._host.swap_source(name, texts, probation=probation_s)

    async def save_source(self, name: str) -> list[str]:
        return list(await self._host.save_source(name))

    async def edit_state(self, name: str, path: list[str | int | float | bool], value: PlainData) -> SwapReport:
        return await self._host.edit_state(name, path, value)

    async def fire(self, name: str, entry: str, argument: PlainData = None) -> None:
        await self._host.fire(name, entry, argument)

    async def mute(self, name: str, entry: str, *, on: bool = True) -> None:
        await self._host.mute(name, entry, on=on)

    async def watch(self, name: str, *, on: bool = True) -> None:
        await self._host.watch(name, on=on)

    async def cancel(self, name: str, entry: str) -> None:
        await self._host.cancel(name, entry)

    async def state_text(self, name: str, path: list[str | int | float | bool]) -> str:
        return await self._host.state_text(name, path)

    async def install(
        self,
        file: str,
        *,
        tier: str = "plugins",
        modules: str = "",
        unsigned: bool = False,
        trust_key: bool = False,
        replace: bool = False,
        digest: str = "",
    ) -> Installed:
        terms = {"unsigned": unsigned, "trust_key": trust_key, "replace": replace}
        return await self._host.install(file, tier=tier, modules=modules, digest=digest, **terms)

    async def make_module(self, name: str, *, tier: str = "plugins", modules: str = "") -> str:
        return str(await self._host.make_module(name, tier=tier, modules=modules))

    async def uninstall(self, name: str, version: str = "") -> Uninstalled:
        return await self._host.uninstall(name, version)

    async def restore(self, name: str, version: str = "") -> Restored:
        return await self._host.restore(name, version)

    async def revoke_key(self, key: str) -> tuple[KeyView, ...]:
        return await self._host.revoke_key(key)

    async def restore_key(self, key: str) -> tuple[KeyView, ...]:
        return await self._host.restore_key(key)

    async def bisection(self) -> BisectionView:
        return await self._host.bisection()

    async def bisect(self, step: str) -> BisectionView:
        return await self._host.bisect(step)

    async def rescan(self) -> None:
        await self._host.rescan()

    async def stop(self) -> None:
        self._stopping.set()
