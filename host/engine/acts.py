"""What was done to modules, as their history keeps it; the code and the states that it brought are kept with it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

from msgspec import structs

from host.engine.checkpoints import Checkpoints
from host.engine.journal import Journal
from host.engine.roster import Roster
from host.lifecycle.instance import Instance
from host.storage import Act, Point, SessionEntry, Store, StoreThread, digest_of_code, packed_code
from host.vocabulary.states import Outcome
from host.vocabulary.views import HistoryRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What became of one module in a swap, reload or roll-back.

    Attributes:
        instance: who serves now.
        row: for the history; its id is given here.
        before: the state before; ``None`` where there is none, or nothing was changed.
        state: the newest that there is, and who gave it, for its checkpoint.
    """

    instance: Instance
    row: HistoryRow
    before: bytes | None = None
    state: tuple[Instance, bytes | None] | None = None


def session_of(roster: Roster) -> list[SessionEntry]:
    """Which modules are loaded now, in load order, and those that are to run again once they can."""
    active = roster.active
    return [
        *(
            SessionEntry(name=name, version=each.version, requested=name in roster.requested)
            for name, each in active.items()
        ),
        *(entry for name, entry in roster.awaited.items() if name not in active),
    ]


class Acts:
    """Writes down what is about to happen, and what became of it."""

    def __init__(self, store: StoreThread, journal: Journal, roster: Roster, checkpoints: Checkpoints) -> None:
        self._store = store
        self._journal = journal
        self._roster = roster
        self._checkpoints = checkpoints
        self._under_way: dict[str, tuple[int, Point | None]] = {}

    async def under_way(self, kind: str, versions: Mapping[str, tuple[str, str]], to: Mapping[str, Point]) -> None:
        """Write down what is about to happen, so that the next start can say of it that it did not.

        Args:
            kind: as in HistoryRow.
            versions: from which to which, by module.
            to: of a roll-back, where it leads each.
        """
        acts, now = [], time.time()
        for name, (before, after) in versions.items():
            self._under_way[name] = (self._roster.trail.next_id(), to.get(name))
            row = _row(self._under_way[name][0], kind, before, after, Outcome.UNDER_WAY)
            acts.append(Act(module=name, row=structs.replace(row, at=now)))

        def write(store: Store) -> None:
            with store.unsynced():
                store.history.add(*acts)

        self._journal.write()  # what was done before stands before it
        self._store.post(write)
        await self._store.flush()

    def swapped(self, *changes: Change) -> None:
        """Keep what a swap did, the versions that run now and their states: all, or nothing where the host dies."""
        acts = [self._act(each) for each in changes]
        made = [self._checkpoints.made(*each.state) for each in changes if each.state is not None]
        session = session_of(self._roster)

        def write(store: Store) -> None:
            store.history.add(*acts)
            store.session.save(session)
            store.checkpoints.save(*(each for each in made if each is not None))

        self._journal.add(write)
        self._journal.write()

    def loaded(self, instance: Instance, *, fresh: bool) -> None:
        """Keep that a module was loaded; the state that it did not take over, with the code that had it."""
        act = self._act(Change(instance=instance, row=_row(0, "load", "", instance.version, Outcome.COMMITTED)))

        def write(store: Store) -> None:
            passed = store.checkpoints.of(act.module) if fresh or act.code else None
            store.history.add(replace(act, before=passed.state if passed is not None else None))

        self._journal.add(write)

    def failed(self, name: str, version: str, error: str) -> None:
        """Keep that a module did not load."""
        self._note(name, "load", version, Outcome.ROLLED_BACK, error)

    def unloaded(self, name: str, version: str) -> None:
        """Keep that a module was unloaded."""
        self._note(name, "unload", version, Outcome.COMMITTED)

    def _note(self, name: str, kind: str, version: str, outcome: Outcome, error: str = "") -> None:
        row = _row(self._roster.trail.next_id(), kind, "", version, outcome, error)
        self._journal.add(lambda store: store.history.add(Act(module=name, row=row)))

    def _act(self, change: Change) -> Act:
        """Give a row its number, and the code that it brought, if it brought other code."""
        instance, name = change.instance, change.instance.name
        row_id, to = self._under_way.pop(name) if name in self._under_way else (self._roster.trail.next_id(), None)
        act = Act(module=name, row=structs.replace(change.row, id=row_id), before=change.before)
        manifest, bundle = instance.manifest, instance.bundle
        code, current = digest_of_code(manifest, bundle), self._roster.trail.current(name)
        if change.row.outcome is not Outcome.COMMITTED or (current is not None and current.code == code):
            return act
        back = to.back if to is not None else current.id if current is not None else 0
        point = Point(id=row_id, kind=change.row.kind, code=code, version=instance.version, back=back, at=change.row.at)
        self._roster.trail.add(name, point)
        return replace(act, code=code, back=back, pack=lambda: packed_code(manifest, bundle))


def _row(row_id: int, kind: str, before: str, after: str, outcome: Outcome, error: str = "") -> HistoryRow:
    return HistoryRow(
        id=row_id, at=time.time(), kind=kind, from_version=before, to_version=after, outcome=outcome, error=error
    )
