"""A closer look at one module: its state page by page, what it has registered, its source."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping
from typing import Final

from msgspec.structs import replace

from host.engine.callers import Callers, Last, What
from host.engine.last_swaps import LastSwaps, Mark
from host.engine.roster import Roster
from host.engine.state_rows import count_text, state_row
from host.hooks.dispatch import DEEPEST
from host.lifecycle.instance import Instance
from host.lifecycle.quota import RATES
from host.runtime.faults import printable
from host.runtime.paging import Pages
from host.vocabulary.errors import HostError, ModuleFault
from host.vocabulary.manifest import MIB
from host.vocabulary.views import ActivityRow, LastSwap, LimitView, PlainData, SourceView, StatePage, StateRow

MOST_REGISTERED: Final = 1000
"""Hooks of one module, and exports; as ``contract.lua`` has it."""
MOST_ROWS: Final = 1000
KEPT_S: Final = 10.0
"""Seconds that a decoded state stays when nobody looks: it may hold many times its bytes."""


class Inspection:
    """Looks into instances; the last state looked at stays decoded while somebody looks."""

    def __init__(self, roster: Roster, last_swaps: LastSwaps) -> None:
        self._roster = roster
        self._last_swaps = last_swaps
        self._callers = Callers(roster)
        self._pages = Pages()
        self._looked_at = ("", "")
        self._leaving: asyncio.TimerHandle | None = None

    def state_page(self, name: str, path: list[str | int | float | bool], start: int, count: int) -> StatePage:
        """Some entries of the table that a path leads to.

        Raises:
            ModuleUnknown: the module is not loaded.
        """
        instance = self._roster.get(name)
        try:
            data = instance.state()
        except ModuleFault as fault:
            return StatePage(digest="", total=0, rows=(), message=str(fault))
        if data is None:
            return StatePage(digest="", total=0, rows=(), message="This module keeps no state.")
        digest = self._read(name, data)
        total, rows = self._pages.page(path, max(0, start), min(max(0, count), MOST_ROWS))
        mark = self._last_swaps.marks(instance, path)
        return StatePage(digest=digest, total=total, rows=tuple(_page_row(*row, mark(row[0])) for row in rows))

    def last_swap(self, name: str) -> LastSwap:
        """What the swap that brought what runs did to the state.

        Raises:
            ModuleUnknown: the module is not loaded.
        """
        return self._last_swaps.of(self._roster.get(name))

    def _read(self, name: str, data: bytes) -> str:
        """The digest of a state; the last one stays decoded for a while."""
        if self._leaving is not None:
            self._leaving.cancel()
        self._leaving = asyncio.get_running_loop().call_later(KEPT_S, self._let_go)
        digest = hashlib.blake2b(data, digest_size=16).hexdigest()
        if self._looked_at != (name, digest):
            self._looked_at = ("", "")
            self._pages.read(data)
            self._looked_at = (name, digest)
        return digest

    def _let_go(self) -> None:
        self._pages, self._looked_at, self._leaving = Pages(), ("", ""), None
        self._last_swaps.let_go()

    def found(self, name: str, path: list[str | int | float | bool]) -> PlainData:
        """What a path leads to in the state of a module.

        Raises:
            ModuleUnknown: the module is not loaded.
            ModuleFault: its ``getState`` failed.
            HostError: it keeps no state, or nothing stands there.
        """
        data, found = self._roster.get(name).state(), None
        if data is not None:
            self._read(name, data)
            found = self._pages.part(path)
        if found is None:
            where = f"nothing at {'.'.join(map(str, path))}" if path else "no state"
            raise HostError(f"{name} has {where}")
        return found

    def activity(self, name: str) -> tuple[ActivityRow, ...]:
        """What a module has registered, hooks first, and what works beside it."""
        instance = self._roster.get(name)
        last = self._callers.look(instance)
        hooks = [self._hook(instance, number, last) for number in instance.ledger.of("hook")]
        others = [
            _counted(instance, kind, number, label, last)
            for kind in ("timer", "task", "panel", "export")
            for number, label in instance.ledger.of(kind).items()
        ]
        beside = [row for rows in list(instance.caller.at_work.values()) for row in rows()]
        return (*hooks, *others, *beside, *_process(instance))

    def limits(self, name: str) -> tuple[LimitView, ...]:
        """What a module may use, what it uses, and how often it met each limit."""
        instance = self._roster.get(name)
        most, quota = instance.manifest.limits, instance.quota
        timed = [max(each.timing.newest, default=0.0) for each in instance.handlers.values()]
        standing = [
            ("memory", "bytes", most.memory, float(instance.runtime.memory)),
            ("call", "s", most.call, max(timed, default=0.0)),
            *((rate, "/s", getattr(most, rate), quota.spent(rate)) for rate in RATES),
            ("crossing", "bytes", most.crossing, 0.0),
            ("entries", "entries", most.entries, 0.0),
            ("depth", "levels", most.depth, 0.0),
            ("nesting", "levels", DEEPEST, 0.0),
            ("recursion", "levels", 0.0, 0.0),
            ("hooks", "entries", MOST_REGISTERED, float(len(instance.ledger.of("hook")))),
            ("exports", "entries", MOST_REGISTERED, float(len(instance.ledger.of("export")))),
        ]
        own = [
            LimitView(name=each, unit=unit, most=float(limit), used=used, hits=quota.hits[each])
            for each, unit, limit, used in standing
        ]
        return (*own, *beside(instance))

    def source(self, name: str, file: str) -> SourceView:
        """A file of a module, as it runs.

        Raises:
            HostError: it has no such file.
        """
        instance = self._roster.get(name)
        wanted = file or instance.manifest.entry
        data = instance.bundle.files.get(wanted)
        if data is None:
            raise HostError(
                f"{name} {instance.version} has no file {wanted!r}; it has {', '.join(instance.bundle.files)}"
            )
        text = data.decode("utf-8", "replace")
        return SourceView(file=wanted, text=text, files=tuple(instance.bundle.files), version=instance.version)

    def _hook(self, instance: Instance, number: int, last: Mapping[What, Last]) -> ActivityRow:
        handler = instance.handlers[number]
        caller, at = last.get(("hook", handler.event), ("", 0.0))
        calls, faults = instance.meter(number)
        return ActivityRow(
            kind="hook",
            name=printable(handler.event),
            detail=f"priority {handler.priority:g}",
            id=f"{instance.serial}.{number}",
            muted=number in instance.muted,
            calls=calls,
            faults=faults,
            mean_ms=handler.timing.mean * 1000,
            p95_ms=handler.timing.p95 * 1000,
            last_fault=instance.last_fault if faults else "",
            last_caller=caller,
            last_called=at,
        )


def beside(instance: Instance) -> tuple[LimitView, ...]:
    """What works for a module beside it, and may use so much."""
    return tuple(each for limits in list(instance.caller.limits.values()) for each in limits())


def _process(instance: Instance) -> tuple[ActivityRow, ...]:
    if not instance.runtime.pid:
        return ()
    memory = f"{instance.runtime.process_memory() / MIB:.1f} MiB"
    return (ActivityRow(kind="process", name=f"process {instance.runtime.pid}", detail=memory),)


def _counted(instance: Instance, kind: str, number: int, label: str, last: Mapping[What, Last]) -> ActivityRow:
    calls, faults = instance.meter(number)
    caller, at = last.get((kind, label), ("", 0.0))
    return ActivityRow(
        kind=kind,
        name=printable(label),
        id=f"{instance.serial}.{number}",
        muted=number in instance.muted,
        calls=calls,
        faults=faults,
        last_caller=caller,
        last_called=at,
    )


def _page_row(key: PlainData, kind: str, value: PlainData, mark: Mark) -> StateRow:
    row = replace(state_row(key, {} if kind == "table" else value), swap=mark[0], before=mark[1])
    return replace(row, text=count_text(value), children=value) if kind == "table" else row
