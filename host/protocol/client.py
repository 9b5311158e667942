"""A client of a running engine: every method of the protocol, typed."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from host.protocol.connection import Connection
from host.protocol.endpoint import Announcement, announcements
from host.protocol.messages import PROTOCOL_VERSION, Acts, Hello, Questions
from host.protocol.plain import from_wire, to_wire
from host.protocol.refusal import Refused
from host.vocabulary.errors import HostUnreachable
from host.vocabulary.explanations import Outdated, Why
from host.vocabulary.graph import Graph
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

__all__ = ["Client", "Refused"]


class _Connected:
    def __init__(self, connection: Connection) -> None:
        self._connection: Final = connection


class _Asking(_Connected, Questions):
    """Methods that change nothing."""

    async def hello(self) -> Hello:
        return await self._connection.ask("hello", Hello)

    async def changes(self, since: int, wait_s: float = 0.0) -> Changes:
        return await self._connection.ask("changes", Changes, since=since, wait_s=wait_s)

    async def snapshot(self) -> Snapshot:
        return await self._connection.ask("snapshot", Snapshot)

    async def state_page(self, name: str, path: list[str | int | float | bool], start: int, count: int) -> StatePage:
        return await self._connection.ask("state_page", StatePage, name=name, path=path, start=start, count=count)

    async def last_swap(self, name: str) -> LastSwap:
        return await self._connection.ask("last_swap", LastSwap, name=name)

    async def activity(self, name: str) -> tuple[ActivityRow, ...]:
        return await self._connection.ask("activity", tuple[ActivityRow, ...], name=name)

    async def gaps(self) -> tuple[GapView, ...]:
        return await self._connection.ask("gaps", tuple[GapView, ...])

    async def profile(self, name: str, seconds: float = 10.0) -> Profile:
        return await self._connection.ask("profile", Profile, name=name, seconds=seconds)

    async def limits(self, name: str) -> tuple[LimitView, ...]:
        return await self._connection.ask("limits", tuple[LimitView, ...], name=name)

    async def panels(self, seen: dict[str, int] | None = None, wait_s: float = 0.0) -> tuple[PanelChange, ...]:
        return await self._connection.ask("panels", tuple[PanelChange, ...], seen=seen, wait_s=wait_s)

    async def grants(self, name: str = "") -> tuple[Grant, ...]:
        return await self._connection.ask("grants", tuple[Grant, ...], name=name)

    async def keys(self) -> tuple[KeyView, ...]:
        return await self._connection.ask("keys", tuple[KeyView, ...])

    async def audit(self, name: str = "", most: int = 1000) -> tuple[AuditRow, ...]:
        return await self._connection.ask("audit", tuple[AuditRow, ...], name=name, most=most)

    async def check_audit(self) -> AuditCheck:
        return await self._connection.ask("check_audit", AuditCheck)

    async def history(self, name: str) -> tuple[HistoryRow, ...]:
        return await self._connection.ask("history", tuple[HistoryRow, ...], name=name)

    async def timeline(self, count: int = 200) -> tuple[HistoryRow, ...]:
        return await self._connection.ask("timeline", tuple[HistoryRow, ...], count=count)

    async def compare(self, name: str, earlier: int, later: int | None = None) -> Comparison:
        return await self._connection.ask("compare", Comparison, name=name, earlier=earlier, later=later)

    async def resolve(self, wanted: dict[str, str], *, upgrade: bool = False) -> Plan:
        return await self._connection.ask("resolve", Plan, wanted=wanted, upgrade=upgrade)

    async def rehearse(self, name: str, version: str, also: dict[str, str] | None = None) -> Rehearsal:
        return await self._connection.ask("rehearse", Rehearsal, name=name, version=version, also=also or {})

    async def why(self, name: str) -> Why:
        return await self._connection.ask("why", Why, name=name)

    async def outdated(self) -> tuple[Outdated, ...]:
        return await self._connection.ask("outdated", tuple[Outdated, ...])

    async def graph(self, name: str = "", version: str = "") -> Graph:
        return await self._connection.ask("graph", Graph, name=name, version=version)

    async def settings(self, name: str) -> PlainData:
        return from_wire(await self._connection.ask("settings", object, name=name))

    async def check_settings(self, name: str, settings: PlainData) -> tuple[SettingFault, ...]:
        wire = to_wire(settings)
        return await self._connection.ask("check_settings", tuple[SettingFault, ...], name=name, settings=wire)

    async def complete(self, name: str, text: str) -> tuple[Completion, ...]:
        return await self._connection.ask("complete", tuple[Completion, ...], name=name, text=text)

    async def source(self, name: str, file: str = "") -> SourceView:
        return await self._connection.ask("source", SourceView, name=name, file=file)

    async def bisection(self) -> BisectionView:
        return await self._connection.ask("bisection", BisectionView)

    async def rehearse_source(self, name: str, texts: dict[str, str]) -> Rehearsal:
        return await self._connection.ask("rehearse_source", Rehearsal, name=name, texts=texts)

    async def swap_source(self, name: str, texts: dict[str, str], *, probation_s: float | None = None) -> SwapReport:
        return await self._connection.ask("swap_source", SwapReport, name=name, texts=texts, probation_s=probation_s)

    async def save_source(self, name: str) -> list[str]:
        return await self._connection.ask("save_source", list[str], name=name)

    async def edit_state(self, name: str, path: list[str | int | float | bool], value: PlainData) -> SwapReport:
        return await self._connection.ask("edit_state", SwapReport, name=name, path=path, value=to_wire(value))

    async def state_text(self, name: str, path: list[str | int | float | bool]) -> str:
        return await self._connection.ask("state_text", str, name=name, path=path)

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
        return await self._connection.ask(
            "inspect_package", PackageView, file=file, tier=tier, modules=modules, **terms
        )


class _Acting(_Connected, Acts):
    """Methods that change something."""

    async def load(self, name: str, specifier: str = "", *, fresh: bool = False, upgrade: bool = False) -> Plan:
        return await self._connection.ask("load", Plan, name=name, specifier=specifier, fresh=fresh, upgrade=upgrade)

    async def unload(self, name: str, *, cascade: bool = False) -> list[str]:
        return await self._connection.ask("unload", list[str], name=name, cascade=cascade)

    async def reload(self, name: str) -> SwapReport:
        return await self._connection.ask("reload", SwapReport, name=name)

    async def swap(
        self, name: str, version: str, also: dict[str, str] | None = None, *, probation_s: float | None = None
    ) -> SwapReport:
        return await self._connection.ask(
            "swap", SwapReport, name=name, version=version, also=also or {}, probation_s=probation_s
        )

    async def rollback(self, name: str, to: int | None = None) -> SwapReport:
        return await self._connection.ask("rollback", SwapReport, name=name, to=to)

    async def fire(self, name: str, entry: str, argument: PlainData = None) -> None:
        await self._connection.ask("fire", object, name=name, entry=entry, argument=to_wire(argument))

    async def mute(self, name: str, entry: str, *, on: bool = True) -> None:
        await self._connection.ask("mute", object, name=name, entry=entry, on=on)

    async def watch(self, name: str, *, on: bool = True) -> None:
        await self._connection.ask("watch", object, name=name, on=on)

    async def cancel(self, name: str, entry: str) -> None:
        await self._connection.ask("cancel", object, name=name, entry=entry)

    async def configure(self, name: str, settings: PlainData) -> None:
        await self._connection.ask("configure", object, name=name, settings=to_wire(settings))

    async def grant(
        self, name: str, permissions: dict[str, list[str]] | None = None, versions: str = "*"
    ) -> tuple[Grant, ...]:
        return await self._connection.ask(
            "grant", tuple[Grant, ...], name=name, permissions=permissions, versions=versions
        )

    async def revoke(
        self, name: str, permissions: dict[str, list[str]] | None = None, versions: str = "*"
    ) -> tuple[Grant, ...]:
        return await self._connection.ask(
            "revoke", tuple[Grant, ...], name=name, permissions=permissions, versions=versions
        )

    async def quarantine(self, name: str) -> None:
        await self._connection.ask("quarantine", object, name=name)

    async def resume(self, name: str) -> None:
        await self._connection.ask("resume", object, name=name)

    async def isolate(self, name: str, isolation: str = "process") -> bool:
        return await self._connection.ask("isolate", bool, name=name, isolation=isolation)

    async def lock(self, name: str, version: str = "") -> str:
        return await self._connection.ask("lock", str, name=name, version=version)

    async def emit(self, event: str, args: list[PlainData]) -> EmitResult:
        return await self._connection.ask("emit", EmitResult, event=event, args=to_wire(args))

    async def call(self, name: str, function: str, args: list[PlainData]) -> PlainData:
        answer = await self._connection.ask("call", object, name=name, function=function, args=to_wire(args))
        return from_wire(answer)

    async def operate(self, name: str, panel: str, widget: str, event: str, value: PlainData = None) -> None:
        what = {"panel": panel, "widget": widget, "event": event, "value": to_wire(value)}
        await self._connection.ask("operate", object, name=name, **what)

    async def evaluate(self, name: str, text: str) -> Evaluation:
        return await self._connection.ask("evaluate", Evaluation, name=name, text=text)

    async def interrupt(self, name: str) -> int:
        return await self._connection.ask("interrupt", int, name=name)

    async def execute(self, name: str, context: PlainData = None) -> PlainData:
        return from_wire(await self._connection.ask("execute", object, name=name, context=to_wire(context)))

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
        return await self._connection.ask(
            "install", Installed, file=file, tier=tier, modules=modules, digest=digest, **terms
        )

    async def make_module(self, name: str, *, tier: str = "plugins", modules: str = "") -> str:
        return await self._connection.ask("make_module", str, name=name, tier=tier, modules=modules)

    async def uninstall(self, name: str, version: str = "") -> Uninstalled:
        return await self._connection.ask("uninstall", Uninstalled, name=name, version=version)

    async def restore(self, name: str, version: str = "") -> Restored:
        return await self._connection.ask("restore", Restored, name=name, version=version)

    async def revoke_key(self, key: str) -> tuple[KeyView, ...]:
        return await self._connection.ask("revoke_key", tuple[KeyView, ...], key=key)

    async def restore_key(self, key: str) -> tuple[KeyView, ...]:
        return await self._connection.ask("restore_key", tuple[KeyView, ...], key=key)

    async def bisect(self, step: str) -> BisectionView:
        return await self._connection.ask("bisect", BisectionView, step=step)

    async def rescan(self) -> None:
        await self._connection.ask("rescan", object)

    async def stop(self) -> None:
        await self._connection.ask("stop", object)


class Client(_Asking, _Acting):
    """A connection to the engine of a data folder, from ``connect`` to ``close`` or its end.

    Every method raises ``Refused`` where the host refuses, with its sentence and facts, and ``HostUnreachable`` where
    the connection ends first.

    Attributes:
        host: who answered at the start.
        closed: set when the connection has ended.
    """

    def __init__(self, connection: Connection, host: Hello) -> None:
        super().__init__(connection)
        self.host: Final = host
        self.closed: Final = connection.closed

    @classmethod
    async def connect(cls, data: Path, timeout_s: float = 5.0) -> Client:
        """Find the engine of a data folder and greet it.

        Raises:
            HostUnreachable: none runs there, it does not answer in time, or it speaks another protocol.
        """
        reason = "none was started there"
        for announced in announcements(data):
            try:
                async with asyncio.timeout(timeout_s):
                    return await _greeted(announced, str(data))
            except TimeoutError:
                reason = f"process {announced.pid} did not answer within {timeout_s:g} s"
            except OSError:
                reason = f"process {announced.pid} is gone and could not say goodbye"
        raise HostUnreachable(str(data), reason)

    async def close(self) -> None:
        await self._connection.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


async def _greeted(announced: Announcement, data: str) -> Client:
    connection = Connection(*await _opened(announced.address), data)
    greeted = False
    try:
        token = {"token": announced.token} if announced.token else {}
        host = await connection.ask("hello", Hello, **token)
        if host.protocol != PROTOCOL_VERSION:
            raise HostUnreachable(data, f"it speaks protocol {host.protocol}, and this program {PROTOCOL_VERSION}")
        greeted = True
    finally:
        if not greeted:
            await connection.close()
    return Client(connection, host)


async def _opened(address: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    kind, _, place = address.partition(":")
    if kind == "unix":
        return await asyncio.open_unix_connection(place)
    host, _, port = place.rpartition(":")
    return await asyncio.open_connection(host, int(port))
