"""Modules that took the engine with them: left out after two deaths in a row, or once it was stuck in one."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Final

from host.engine.chronicle import Chronicle
from host.storage import Store, StoreThread
from host.vocabulary.errors import LeftOut
from host.vocabulary.events import EventKind
from host.vocabulary.folders import data_option
from host.vocabulary.marker import MarkerReading
from host.vocabulary.states import Outcome, Phase
from host.vocabulary.views import HistoryRow, ProblemView, Severity

INTERRUPTED: Final = "the engine died before it was kept"
FATAL: Final = 2
"""Deaths of the engine after which a module is left out."""
SPAN: Final = 3600.0
"""Seconds after which a death is not held against a module that is not left out yet; nor is it after a clean end."""


class Casualties:
    """Who is left out, and what the engine before died of.

    Attributes:
        left_out: names of modules that are not loaded unless the user asks for them.
        last_death: how the engine before ended, as a sentence; empty where it ended cleanly.
    """

    def __init__(self, store: StoreThread, chronicle: Chronicle, data: Path) -> None:
        self._store = store
        self._option = data_option(data)
        self._chronicle = chronicle
        self.left_out: tuple[str, ...] = ()
        self._hung: frozenset[str] = frozenset()
        self.last_death = ""

    async def count(self, died: MarkerReading | None) -> None:
        """Add the death of the engine before, if it died, and tell who is left out."""
        interrupted = await self._store.ask(lambda store: store.history.interrupt(INTERRUPTED))
        forgiven = time.time() - (SPAN if died is not None else 0.0)
        await self._store.ask(lambda store: store.deaths.fade(forgiven, FATAL))
        if died is not None:
            for key, phase in died.suspects:
                await self._store.ask(partial(_count, key.name, phase, hung=died.hung))
            newest = await self._store.ask(lambda store: store.history.newest())
            self._tell_death(died, _undone(interrupted) or _kept(newest, died.started))
        self._tell_interrupted(interrupted)
        counts = await self._store.ask(lambda store: store.deaths.counts())
        self._hung = await self._store.ask(lambda store: store.deaths.hung())
        self.left_out = tuple(sorted(self._hung.union(name for name, count in counts.items() if count >= FATAL)))
        session = await self._store.ask(lambda store: store.session.entries())
        partners = await self._store.ask(lambda store: {name: _swapped_with(store, name) for name in self.left_out})
        self._tell_left_out({entry.name: entry.version for entry in session}, partners)

    def forgive(self, name: str) -> None:
        """Forget that a module took the engine with it: the user asked for it again."""
        if name in self.left_out:
            self.left_out = tuple(each for each in self.left_out if each != name)
            self._store.post(lambda store: store.deaths.forgive(name))
            self._chronicle.settled(f"left_out:{name}")

    def refuse_left_out(self, names: Iterable[str]) -> None:
        """Refuse a plan that would bring a left-out module back unasked.

        Raises:
            LeftOut: names the first.
        """
        for name in names:
            if name in self.left_out:
                raise LeftOut(name, FATAL, hung=name in self._hung)

    def _tell_left_out(self, ran: Mapping[str, str], partners: Mapping[str, tuple[str, ...]]) -> None:
        """Name the modules that took the engine with them too often.

        Args:
            ran: the versions that fit what comes back.
            partners: modules that one changed together with last.
        """
        for name in self.left_out:
            why = "was stuck in it" if name in self._hung else f"died {FATAL} times while it ran"
            if beside := partners[name]:
                why += f"; its last change was one with {' and '.join(beside)}, which stay{'s' * (len(beside) == 1)}"
            again = f"theseus load {name}" + (f"=={ran[name]}" if name in ran else "") + self._option
            text = f"{name} is left out: the engine {why}; load it to try again ({again})"
            self._chronicle.tell(EventKind.MODULE_LEFT_OUT, text, module=name)
            self._chronicle.stands(
                ProblemView(
                    id=f"left_out:{name}",
                    severity=Severity.ERROR,
                    message=text,
                    module=name,
                    remedy=f"Load it to try again ({again}).",
                    action="load",
                )
            )

    def _tell_interrupted(self, acts: tuple[HistoryRow, ...]) -> None:
        """Say of each module that was being swapped that it is the old one."""
        for row in acts:
            text = f"{_named(row)} was under way when the engine died, and does not count"
            self._chronicle.tell(
                EventKind.SWAP_ROLLED_BACK, text, module=row.module, version=row.to_version, error=INTERRUPTED
            )

    def _tell_death(self, died: MarkerReading, change: str) -> None:
        suspects = died.suspects
        who = f"while {' and '.join(f'{key} was {phase.words}' for key, phase in suspects) or 'no module ran'}"
        how = "was ended because it answered no more" if died.hung else "ended without a word"
        self.last_death = f"the engine before {how} (process {died.pid}) {who}{change}"
        module, version = suspects[0][0] if suspects else ("", "")
        self._chronicle.tell(EventKind.ENGINE_DIED, self.last_death, module=module, version=version)


def _swapped_with(store: Store, name: str) -> tuple[str, ...]:
    """Modules that changed in the last change of one, and have not changed since."""
    change = _last_change(store, name)
    others = change.others if change is not None else ()
    return tuple(other for other in others if (last := _last_change(store, other)) and change and last.at == change.at)


def _last_change(store: Store, name: str) -> HistoryRow | None:
    rows = store.history.of(name)
    return next((row for row in rows if row.outcome is Outcome.COMMITTED and row.from_version), None)


def _count(name: str, phase: Phase, store: Store, *, hung: bool) -> None:
    store.deaths.add(name, phase, time.time(), hung=hung)


def _named(row: HistoryRow) -> str:
    if row.from_version == row.to_version:
        return f"the {row.kind} of {row.module} {row.to_version}"
    return f"the {row.kind} of {row.module} from {row.from_version} to {row.to_version}"


def _undone(acts: tuple[HistoryRow, ...]) -> str:
    """What was under way and is as it was before."""
    if not acts:
        return ""
    verb = "was under way and does" if len(acts) == 1 else "were under way and do"
    return f"; {', '.join(map(_named, acts))} {verb} not count"


def _kept(acts: tuple[HistoryRow, ...], since: float) -> str:
    """The last change of that engine, which holds, of all modules that were in it."""
    if not acts or acts[0].at < since:
        return ""
    return f"; its last change, {', '.join(map(_named, acts))}, is kept"
