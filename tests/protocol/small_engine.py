"""A small engine that answers every method, for a real server to serve."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path

from host.protocol.messages import PROTOCOL_VERSION, Hello
from host.vocabulary.errors import StillNeeded, SwapFailed
from host.vocabulary.events import Event, EventKind
from host.vocabulary.explanations import Link, Outdated, Why
from host.vocabulary.states import Outcome, Status
from host.vocabulary.views import (
    ActivityRow,
    Changes,
    EmitResult,
    EngineView,
    HistoryRow,
    ModuleView,
    PlainData,
    Plan,
    PlanStep,
    ProblemView,
    Severity,
    Snapshot,
    SourceView,
    StatePage,
    StateRow,
    SwapReport,
    SwapStep,
    VersionView,
    WatchView,
)

ENGINE = EngineView(
    pid=1, started=1.5, version="0.1.0", data="/d", memory=1, lua_ms_per_s=0.5, watch=WatchView(watching=True)
)
CHAT = ModuleView(
    name="chat",
    tier="plugins",
    version="2.1.0",
    status=Status.ACTIVE,
    needs=("state",),
    versions=(VersionView(version="2.1.0", path="/m/chat"),),
)
PROBLEM = ProblemView(id="reload:chat", severity=Severity.ERROR, message="line 41 has a mistake", module="chat")
SNAPSHOT = Snapshot(revision=7, engine=ENGINE, modules={"chat": CHAT}, problems=(PROBLEM,))
CHANGES = Changes(
    revision=7,
    complete=False,
    engine=ENGINE,
    modules=(CHAT,),
    problems=(PROBLEM,),
    events=(Event(event=EventKind.SWAP_COMMITTED, at=1.0, revision=7, module="chat", pause_s=0.002),),
)
REPORT = SwapReport(
    module="chat",
    from_version="1.0.0",
    to_version="2.1.0",
    outcome=Outcome.COMMITTED,
    steps=(SwapStep(name="prepare", seconds=0.001),),
    kept=("messages",),
)
REFUSED = SwapReport(
    module="chat",
    from_version="2.1.0",
    to_version="3.0.0",
    outcome=Outcome.ROLLED_BACK,
    steps=(SwapStep(name="init", seconds=0.001, error="no"),),
    failed_step="init",
    error="it said no",
)
PLAN = Plan(order=(PlanStep(name="chat", version="2.1.0", tier="plugins", path="/m/chat"),), warnings=("a wish",))

WHY = Why(
    name="state",
    version="1.0.0",
    asked=False,
    chains=((Link(name="chat", version="2.1.0", wants="^1.0"), Link(name="state", version="1.0.0")),),
    needed_by=("chat",),
)
OUTDATED = Outdated(
    name="state", version="1.0.0", newest="2.0.0", held_back_by=("chat needs it",), further={"chat": "3.0.0"}
)


class SmallEngine:
    """Answers every method; records what was begun and done, and waits where a test tells it to."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.record: list[str] = []
        self.told: list[tuple[str, PlainData]] = []
        self.go_on = asyncio.Event()
        self._noted = asyncio.Event()

    def answers(self) -> dict[str, Callable[..., Awaitable[object]]]:
        names = (
            "hello changes snapshot state_page activity history resolve why outdated source "
            "load unload reload swap rollback emit call execute rescan stop"
        )
        return {name: getattr(self, name) for name in names.split()}

    def note(self, what: str) -> None:
        self.record.append(what)
        self._noted.set()

    async def until(self, what: str, times: int = 1) -> None:
        async with asyncio.timeout(10):
            while self.record.count(what) < times:
                self._noted.clear()
                await self._noted.wait()

    async def hello(self) -> Hello:
        return Hello(protocol=PROTOCOL_VERSION, version="0.1.0", pid=os.getpid(), data=str(self.data))

    async def changes(self, since: int, wait_s: float = 0.0) -> Changes:
        self.note("changes began")
        try:
            if since >= 7:
                async with asyncio.timeout(wait_s):
                    await self.go_on.wait()
        except TimeoutError:
            self.note("changes had nothing")
        except asyncio.CancelledError:
            self.note("changes cancelled")
            raise
        return CHANGES

    async def snapshot(self) -> Snapshot:
        return SNAPSHOT

    async def state_page(self, name: str, path: list[str | int | float | bool], start: int, count: int) -> StatePage:
        self.told.append((name, [path, start, count]))
        rows = tuple(StateRow(key=key, kind=type(key).__name__, text=str(key)) for key in path)
        return StatePage(digest="d", total=len(rows), rows=rows)

    async def activity(self, name: str) -> tuple[ActivityRow, ...]:
        return (ActivityRow(kind="hook", name="onMessageReceived", detail=name, calls=3),)

    async def history(self, name: str) -> tuple[HistoryRow, ...]:
        row = HistoryRow(id=4, at=1.0, kind="swap", from_version="1", to_version="2", outcome=Outcome.COMMITTED)
        return (row,) if name == "chat" else ()

    async def source(self, name: str, file: str = "") -> SourceView:
        return SourceView(file=file or "init.lua", text="return {}", files=("init.lua", "lib/\udce4.lua"), version=name)

    async def resolve(self, wanted: dict[str, str], *, upgrade: bool = False) -> Plan:
        self.told.append(("resolve", [wanted, upgrade]))
        return PLAN

    async def why(self, name: str) -> Why:
        self.told.append((name, []))
        return WHY

    async def outdated(self) -> tuple[Outdated, ...]:
        return (OUTDATED,)

    async def load(self, name: str, specifier: str = "", *, fresh: bool = False, upgrade: bool = False) -> Plan:
        self.told.append((name, [specifier, fresh, upgrade]))
        return PLAN

    async def unload(self, name: str, *, cascade: bool = False) -> list[str]:
        if not cascade:
            raise StillNeeded(name, ("chat", "hud"))
        return ["chat", "hud", name]

    async def reload(self, name: str) -> SwapReport:
        raise ZeroDivisionError(name)

    async def swap(self, name: str, version: str, also: dict[str, str] | None = None) -> SwapReport:
        self.told.append((name, [version, also]))
        self.note(f"swap of {name} began")
        if version == "3.0.0":
            raise SwapFailed(REFUSED)
        await self.go_on.wait()
        self.note(f"swap of {name} done")
        return REPORT

    async def rollback(self, name: str) -> SwapReport:
        self.note(name)
        return REPORT

    async def emit(self, event: str, args: list[PlainData]) -> EmitResult:
        self.told.append((event, args))
        return EmitResult(delivered=len(args), failures=("chat failed",))

    async def call(self, name: str, function: str, args: list[PlainData]) -> PlainData:
        self.told.append((f"{name}.{function}", args))
        return b"x" * args[0] if function == "bytes" else args

    async def execute(self, name: str, context: PlainData = None) -> PlainData:
        self.told.append((name, context))
        return {"status": "success", "data": context}

    async def rescan(self) -> None:
        self.note("rescan")

    async def stop(self) -> None:
        self.note("stop")


class Bugs(list[tuple[str, BaseException]]):
    """What the server told of faults in the program; a test that expects some takes them out."""

    def add(self, method: str, fault: BaseException) -> None:
        self.append((method, fault))
