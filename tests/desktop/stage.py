"""An engine that plays what a test wrote for it, behind the real server on a real socket."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from host.lifecycle.faults import faults
from host.protocol.endpoint import choose_endpoint
from host.protocol.server import Server
from host.vocabulary.errors import HostError, ModuleUnknown, NothingToRollBack, PackageInvalid, StillNeeded
from host.vocabulary.events import Event, EventKind
from host.vocabulary.explanations import Outdated, Why
from host.vocabulary.graph import Graph
from host.vocabulary.permission import Grant
from host.vocabulary.settings import SettingFault
from host.vocabulary.states import Outcome, Status
from host.vocabulary.views import (
    ActivityRow,
    AuditRow,
    BisectionView,
    Changes,
    Comparison,
    Completion,
    EngineView,
    Evaluation,
    GapView,
    HistoryRow,
    Installed,
    LastSwap,
    LimitView,
    LogLine,
    ModuleView,
    PackageView,
    PanelBrief,
    PanelChange,
    PanelNode,
    PanelView,
    PlainData,
    Plan,
    ProblemView,
    Profile,
    Rehearsal,
    Snapshot,
    SourceView,
    StatePage,
    StateRow,
    SwapReport,
    Uninstalled,
    WatchView,
)

Path_ = list[str | int | float | bool]


def view(name: str, *, tier: str = "plugins", version: str = "1.0.0", **fields: Any) -> ModuleView:
    """A module that runs, unless a test says otherwise."""
    return ModuleView(name=name, tier=tier, version=version, **{"status": Status.ACTIVE, **fields})


@dataclass
class Stage:
    """The scripted engine; what a test changes here the window hears of through ``changes``."""

    data: Path
    pid: int = 4711
    modules: dict[str, ModuleView] = field(default_factory=dict)
    problems: tuple[ProblemView, ...] = ()
    states: dict[str, Any] = field(default_factory=dict)
    activities: dict[str, tuple[ActivityRow, ...]] = field(default_factory=dict)
    histories: dict[str, tuple[HistoryRow, ...]] = field(default_factory=dict)
    comparisons: dict[tuple[int, int | None], Comparison] = field(default_factory=dict)
    rehearsals: dict[tuple[str, str, bool], Rehearsal] = field(default_factory=dict)
    plan: Plan = field(default_factory=lambda: Plan(order=()))
    plans: dict[str, Plan] = field(default_factory=dict)
    whys: dict[str, Why] = field(default_factory=dict)
    behind: tuple[Outdated, ...] = ()
    evaluations: dict[str, Evaluation] = field(default_factory=dict)
    completions: dict[str, tuple[str, ...]] = field(default_factory=dict)
    sources: dict[str, dict[str, str]] = field(default_factory=dict)
    graphs: dict[tuple[str, str], Graph] = field(default_factory=dict)
    schemas: dict[str, Any] = field(default_factory=dict)
    settings_of: dict[str, Any] = field(default_factory=dict)
    profiles: dict[str, Profile] = field(default_factory=dict)
    limits_of: dict[str, tuple[LimitView, ...]] = field(default_factory=dict)
    audits: dict[str, tuple[AuditRow, ...]] = field(default_factory=dict)
    shown: dict[str, PanelChange] = field(default_factory=dict)
    refusal: HostError | None = None
    refusals: dict[str, HostError] = field(default_factory=dict)
    asked: list[tuple[Any, ...]] = field(default_factory=list)
    packages: dict[str, tuple[PackageView, tuple[str, ...]] | HostError] = field(default_factory=dict)
    searches: list[BisectionView] = field(default_factory=list)
    last_death: str = ""
    left_out: tuple[str, ...] = ()
    late: tuple[GapView, ...] = ()
    last_swaps: dict[str, LastSwap] = field(default_factory=dict)
    marks: dict[Any, tuple[str, str]] = field(default_factory=dict)
    watching: WatchView = field(default_factory=lambda: WatchView(watching=True, folders=("modules",)))

    def __post_init__(self) -> None:
        self.revision = 1
        self.lines: list[LogLine] = []
        self._events: list[Event] = []
        self._changed = dict.fromkeys(self.modules, 1)
        self._gone: dict[str, int] = {}
        self._problems_at = 1
        self._news = asyncio.Event()
        self.interrupted = asyncio.Event()
        self.answering = asyncio.Event()
        self.answering.set()
        self._bugs: list[tuple[str, BaseException]] = []
        answers: dict[str, Callable[..., Awaitable[object]]] = {
            name: getattr(self, name)
            for name in (
                "hello", "changes", "snapshot", "load", "unload", "reload", "swap", "rollback", "resume", "rehearse",
                "resolve", "state_page", "activity", "history", "timeline", "compare", "source", "graph",
                "settings", "check_settings", "configure", "rescan", "stop", "evaluate", "complete",
                "limits", "audit", "grant", "revoke", "why", "outdated", "bisect", "bisection", "profile",
                "panels", "operate", "inspect_package", "lock", "install", "uninstall", "make_module",
                "rehearse_source", "swap_source", "save_source", "edit_state", "state_text", "fire", "mute", "cancel",
                "interrupt", "gaps", "watch", "quarantine", "last_swap",
            )
        }  # fmt: skip
        self.server = Server(answers, choose_endpoint(self.data), self._bug)

    def _bug(self, method: str, error: BaseException) -> None:
        self._bugs.append((method, error))

    @property
    def bugs(self) -> list[tuple[str, BaseException]]:
        return self._bugs

    def put(self, *views: ModuleView) -> None:
        self.revision += 1
        for each in views:
            self.modules[each.name] = each
            self._changed[each.name] = self.revision
        self._wake()

    def change(self, name: str, **fields: Any) -> None:
        self.put(replace(self.modules[name], **fields))

    def drop(self, name: str) -> None:
        self.revision += 1
        del self.modules[name]
        self._gone[name] = self.revision
        self._wake()

    def say(self, *lines: tuple[str, str, str]) -> None:
        for level, module, text in lines:
            self.revision += 1
            self.lines.append(LogLine(revision=self.revision, at=time.time(), level=level, module=module, text=text))
        self._wake()

    def tell(self, event: EventKind, module: str = "", **fields: Any) -> None:
        self.revision += 1
        at = fields.pop("at", time.time())
        self._events.append(Event(event=event, at=at, revision=self.revision, module=module, **fields))
        self._wake()

    def suffer(self, *problems: ProblemView) -> None:
        self.revision += 1
        self.problems = problems
        self._problems_at = self.revision
        self._wake()

    def _wake(self) -> None:
        self._news.set()
        self._news = asyncio.Event()

    async def hello(self) -> dict[str, Any]:
        return {"protocol": 1, "version": "0", "pid": self.pid, "data": str(self.data)}

    async def changes(self, since: int, wait_s: float = 0.0) -> Changes:
        self.asked.append(("changes", since))
        await self.answering.wait()
        if since >= self.revision:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), wait_s)
        return Changes(
            revision=self.revision,
            complete=since == 0,
            engine=self._engine(),
            modules=tuple(each for name, each in self.modules.items() if self._changed.get(name, 1) > since),
            gone=tuple(name for name, at in self._gone.items() if at > since),
            problems=self.problems if self._problems_at > since else None,
            events=tuple(event for event in self._events if event.revision > since),
            log=tuple(line for line in self.lines if line.revision > since),
        )

    async def load(self, name: str, specifier: str = "", *, fresh: bool = False) -> Plan:
        self._act("load", name, specifier, fresh)
        self.change(name, status=Status.ACTIVE, since=time.time())
        return self.plan

    async def unload(self, name: str, *, cascade: bool = False) -> list[str]:
        self._act("unload", name, cascade)
        needed_by = self.modules[name].needed_by
        if needed_by and not cascade:
            raise StillNeeded(name, needed_by)
        self.change(name, status=Status.UNLOADED, since=time.time())
        return [name]

    async def rehearse(self, name: str, version: str, also: dict[str, str] | None = None) -> Rehearsal:
        self._act("rehearse", name, version, *filter(None, [also]))
        told = self.rehearsals.get((name, version, bool(also)))
        return told or Rehearsal(
            module=name, from_version=self.modules[name].version, to_version=version, seconds=0.012
        )

    async def resolve(self, wanted: dict[str, str], *, upgrade: bool = False) -> Plan:
        self._act("resolve", *wanted, upgrade)
        return self.plans.get(next(iter(wanted)), Plan(order=()))

    async def reload(self, name: str) -> SwapReport:
        self._act("reload", name)
        return self._report(name, self.modules[name].version)

    async def swap(
        self, name: str, version: str, also: dict[str, str] | None = None, *, probation_s: float | None = None
    ) -> SwapReport:
        self._act("swap", name, version, *filter(None, [also, probation_s]))
        wanted = {name: version} | {other: each for other, each in (also or {}).items() if other in self.modules}
        report, *others = [self._report(*each) for each in wanted.items()]
        for each in (report, *others):
            self.change(each.module, version=each.to_version, rollback_to=each.from_version, since=time.time())
        return replace(report, others=tuple(others))

    async def rollback(self, name: str, to: int | None = None) -> SwapReport:
        self._act("rollback", name, *filter(None, [to]))
        back = self.modules[name].rollback_to
        if not back:
            raise NothingToRollBack(name)
        report = self._report(name, back)
        self.change(name, version=back, rollback_to="", since=time.time())
        return report

    async def snapshot(self) -> Snapshot:
        return Snapshot(revision=self.revision, engine=self._engine(), modules=self.modules, problems=self.problems)

    async def state_page(self, name: str, path: Path_, start: int, count: int) -> StatePage:
        self.asked.append(("state_page", name, tuple(path), start))
        table = self.states.get(name, {})
        digest = str(hash(repr(table)))
        for key in path:
            table = table[key]
        items = list(table.items())
        rows = tuple(_row(key, value, self.marks.get(key, ("", ""))) for key, value in items[start : start + count])
        return StatePage(digest=digest, total=len(items), rows=rows)

    async def last_swap(self, name: str) -> LastSwap:
        self.asked.append(("last_swap", name))
        return self.last_swaps.get(name, LastSwap())

    async def gaps(self) -> tuple[GapView, ...]:
        return self.late[::-1]

    async def activity(self, name: str) -> tuple[ActivityRow, ...]:
        self.asked.append(("activity", name))
        return self.activities.get(name, ())

    async def profile(self, name: str, seconds: float = 10.0) -> Profile:
        self._act("profile", name, seconds)
        return self.profiles.get(name, Profile(seconds=1.0, samples=0, unit="2,000 instructions"))

    async def fire(self, name: str, entry: str, argument: PlainData = None) -> None:
        self._act("fire", name, entry, argument)

    async def mute(self, name: str, entry: str, *, on: bool = True) -> None:
        self._act("mute", name, entry, on)
        rows = self.activities[name]
        self.activities[name] = tuple(replace(row, muted=on) if row.id == entry else row for row in rows)

    async def cancel(self, name: str, entry: str) -> None:
        self._act("cancel", name, entry)
        self.activities[name] = tuple(row for row in self.activities[name] if row.id != entry)

    async def history(self, name: str) -> tuple[HistoryRow, ...]:
        self.asked.append(("history", name))
        return self.histories.get(name, ())

    async def timeline(self, count: int = 200) -> tuple[HistoryRow, ...]:
        self.asked.append(("timeline",))
        rows = (replace(row, module=name) for name, each in self.histories.items() for row in each)
        return tuple(sorted(rows, key=lambda row: -row.id))[:count]

    async def compare(self, name: str, earlier: int, later: int | None = None) -> Comparison:
        self._act("compare", name, earlier, later)
        return self.comparisons[earlier, later]

    async def rehearse_source(self, name: str, texts: dict[str, str]) -> Rehearsal:
        self._act("rehearse_source", name, texts)
        version = self.modules[name].version
        told = self.rehearsals.get((name, "typed", False))
        return told or Rehearsal(module=name, from_version=version, to_version=version, seconds=0.012)

    async def swap_source(self, name: str, texts: dict[str, str], *, probation_s: float | None = None) -> SwapReport:
        self._act("swap_source", name, texts, *filter(None, [probation_s]))
        self.sources.setdefault(name, {}).update(texts)
        version = self.modules[name].version
        report = self._report(name, version)
        self.change(name, unsaved=tuple(texts), rollback_to=f"{version} of 14:02:31", since=time.time())
        return report

    async def save_source(self, name: str) -> list[str]:
        self._act("save_source", name)
        written = self.modules[name].unsaved
        self.change(name, unsaved=())
        return list(written)

    async def edit_state(self, name: str, path: Path_, value: PlainData) -> SwapReport:
        self._act("edit_state", name, tuple(path), value)
        *above, last = path
        table = self.states[name]
        for key in above:
            table = table[key]
        table[last] = value
        return self._report(name, self.modules[name].version)

    async def state_text(self, name: str, path: Path_) -> str:
        self._act("state_text", name, tuple(path))
        return f"-- {'.'.join(map(str, path))}"

    async def source(self, name: str, file: str = "") -> SourceView:
        self.asked.append(("source", name, file))
        files = self.sources.get(name, {"init.lua": "return {}\n"})
        chosen = file or next(iter(files))
        return SourceView(file=chosen, text=files[chosen], files=tuple(files), version=self.modules[name].version)

    async def graph(self, name: str = "", version: str = "") -> Graph:
        self.asked.append(("graph", name, version))
        return self.graphs.get((name, version), Graph())

    async def settings(self, name: str) -> PlainData:
        self.asked.append(("settings", name))
        return {"schema": self.schemas.get(name), "settings": self.settings_of.get(name, {})}

    async def check_settings(self, name: str, settings: PlainData) -> tuple[SettingFault, ...]:
        return faults(self.schemas.get(name), settings)

    async def configure(self, name: str, settings: PlainData) -> None:
        self._act("configure", name, settings)
        self.settings_of[name] = settings

    async def evaluate(self, name: str, text: str) -> Evaluation:
        self._act("evaluate", name, text)
        if text == "host.sleep(60000)":
            await self.interrupted.wait()
            raise HostError("stopped")
        return self.evaluations.get(text, Evaluation(results=(), seconds=0.002))

    async def interrupt(self, name: str) -> int:
        self._act("interrupt", name)
        self.interrupted.set()
        return 1

    async def complete(self, name: str, text: str) -> tuple[Completion, ...]:
        self._act("complete", name, text)
        return tuple(Completion(name=each, kind="number") for each in self.completions.get(text, ()))

    async def limits(self, name: str) -> tuple[LimitView, ...]:
        self.asked.append(("limits", name))
        return self.limits_of.get(name, ())

    async def audit(self, name: str = "", most: int = 1000) -> tuple[AuditRow, ...]:
        self.asked.append(("audit", name, most))
        return self.audits.get(name, ())

    async def grant(
        self, name: str, permissions: dict[str, list[str]] | None = None, versions: str = "*"
    ) -> tuple[Grant, ...]:
        self._act("grant", name, permissions, versions)
        self._judge(name, permissions, by="user")
        return ()

    async def revoke(
        self, name: str, permissions: dict[str, list[str]] | None = None, versions: str = "*"
    ) -> tuple[Grant, ...]:
        self._act("revoke", name, permissions, versions)
        self._judge(name, permissions, by="")
        return ()

    def _judge(self, name: str, permissions: dict[str, list[str]] | None, *, by: str) -> None:
        rows = (
            replace(row, granted_by=by)
            if row.asked and (permissions is None or row.pattern in permissions.get(row.permission, ()))
            else row
            for row in self.modules[name].access
        )
        self.change(name, access=tuple(rows))

    def draw(self, module: str, panel: str, *children: PanelNode, title: str = "") -> None:
        """Let a module show a panel, or show another one in its place."""
        name = f"{module}/{panel}"
        revision = self.shown[name].revision + 1 if name in self.shown else 1
        whole = PanelView(title=title or panel, children=children)
        self.shown[name] = PanelChange(module=module, panel=panel, revision=revision, whole=whole)
        briefs = tuple(
            PanelBrief(id=each.panel, title=each.whole.title)
            for each in self.shown.values()
            if each.module == module and each.whole is not None
        )
        self.change(module, panels=briefs)

    def redraw(self, module: str, panel: str, **changed: Any) -> None:
        """Change widgets of a panel, by id."""
        before = self.shown[f"{module}/{panel}"]
        whole = before.whole
        assert whole is not None
        children = tuple(
            replace(node, properties={**node.properties, **changed.get(node.key, {})}) for node in whole.children
        )
        self.shown[f"{module}/{panel}"] = replace(
            before, revision=before.revision + 1, whole=replace(whole, children=children), changed=changed
        )
        self._wake()

    async def panels(self, seen: dict[str, int] | None = None, wait_s: float = 0.0) -> tuple[PanelChange, ...]:
        self.asked.append(("panels", tuple(sorted(seen or {}))))
        news = self._newer(seen or {})
        if not news:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), wait_s)
            news = self._newer(seen or {})
        return news

    def _newer(self, seen: dict[str, int]) -> tuple[PanelChange, ...]:
        found = []
        for name, since in seen.items():
            module, _, panel = name.partition("/")
            each = self.shown.get(name)
            if each is None:
                found.append(PanelChange(module=module, panel=panel, gone=True))
            elif each.revision > since:
                known = since == each.revision - 1 and bool(each.changed)
                found.append(replace(each, whole=None) if known else replace(each, changed={}))
        return tuple(found)

    async def operate(self, name: str, panel: str, widget: str, event: str, value: PlainData = None) -> None:
        self._act("operate", name, panel, widget, event, value)

    async def why(self, name: str) -> Why:
        self._act("why", name)
        if name not in self.whys:
            raise ModuleUnknown(name, tuple(self.modules))
        return self.whys[name]

    async def outdated(self) -> tuple[Outdated, ...]:
        return self.behind

    async def bisect(self, step: str) -> BisectionView:
        """What the script says next."""
        self._act("bisect")
        self.asked.append(("step", step))
        self.searches.pop(0)
        return await self.bisection()

    async def bisection(self) -> BisectionView:
        return self.searches[0] if self.searches else BisectionView(text="")

    async def inspect_package(
        self, file: str, *, tier: str, unsigned: bool, trust_key: bool, replace: bool
    ) -> PackageView:
        """What the script says of a file, with a refusal for what of it was not ticked."""
        terms = {"unsigned": unsigned, "trust_key": trust_key, "replace": replace}
        self.asked.append(("inspect_package", file, tier, terms))
        if isinstance(found := self.packages.get(file), HostError):
            raise found
        if found is None:
            raise PackageInvalid(file, "is no package")
        refused = next((f"--{each} allows it" for each in found[1] if not terms[each]), "")
        return msgspec.structs.replace(found[0], refused=refused)

    async def install(
        self, file: str, *, tier: str, unsigned: bool, trust_key: bool, replace: bool, digest: str
    ) -> Installed:
        self._act("install")
        self.asked.append(("terms", file, digest, [unsigned, trust_key, replace]))
        found = self.packages[file]
        assert not isinstance(found, HostError)
        package = found[0]
        replaced = "/trash/1" if replace else ""
        self.put(view(package.name, version=package.version, status=Status.FOUND))
        return Installed(
            name=package.name, version=package.version, tier=tier, place=package.place, signed_by="",
            replaced=replaced, withdrawn=(), unnoted="",
        )  # fmt: skip

    async def uninstall(self, name: str, version: str = "") -> Uninstalled:
        self._act("uninstall", name, version)
        self.drop(name)
        return Uninstalled(name=name, version=version, place="", kept="/trash/2", unnoted="")

    async def make_module(self, name: str, *, tier: str = "plugins", modules: str = "") -> str:
        self._act("make_module")
        self.asked.append(("made", name, tier, modules))
        self.put(view(name, tier=tier, version="0.1.0", status=Status.FOUND))
        return f"/modules/{tier}/{name}"

    async def lock(self, name: str, version: str = "") -> str:
        self._act("lock", name, version)
        self.change(name, locked=version)
        return version

    async def watch(self, name: str, *, on: bool = True) -> None:
        self._act("watch", name, on)
        self.change(name, watched=on)

    async def quarantine(self, name: str) -> None:
        self._act("quarantine", name)
        self.change(name, status=Status.QUARANTINED)

    async def resume(self, name: str) -> None:
        self._act("resume", name)
        self.change(name, status=Status.ACTIVE)

    async def rescan(self) -> None:
        self._act("rescan")

    async def stop(self) -> None:
        self.asked.append(("stop",))

    def _act(self, *what: Any) -> None:
        self.asked.append(what)
        if refusal := self.refusal or self.refusals.get(what[0]):
            raise refusal
        if len(what) > 1 and what[1] not in self.modules:
            raise ModuleUnknown(what[1], tuple(self.modules))

    def _engine(self) -> EngineView:
        return EngineView(
            pid=self.pid, started=time.time() - 60, version="0.1.0", data=str(self.data), memory=48 << 20,
            lua_ms_per_s=sum(each.ms_per_s for each in self.modules.values()), watch=self.watching,
            last_death=self.last_death, left_out=self.left_out, gaps=len(self.late),
        )  # fmt: skip

    def _report(self, name: str, version: str) -> SwapReport:
        return SwapReport(
            module=name, from_version=self.modules[name].version, to_version=version,
            outcome=Outcome.COMMITTED, steps=(), pause_s=0.034,
        )  # fmt: skip


def _row(key: Any, value: Any, mark: tuple[str, str]) -> StateRow:
    swap, before = mark
    if isinstance(value, dict):
        text = f"{len(value)} entries"
        return StateRow(key=key, kind="table", text=text, children=len(value), swap=swap, before=before)
    kind = {bool: "boolean", str: "string"}.get(type(value), "number")
    text = f'"{value}"' if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else str(value)
    return StateRow(key=key, kind=kind, text=text[:256], editable=kind != "string", swap=swap, before=before)
