"""What survives the engine: checkpoints, history, the session and what was configured, in one store."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

from host.engine.acts import Acts, session_of
from host.engine.checkpoints import Checkpoints
from host.engine.chronicle import Chronicle
from host.engine.grounds import Grounds
from host.engine.journal import Journal
from host.engine.roster import Roster
from host.storage import SessionEntry, Store, StoreThread
from host.vocabulary.errors import StorageUnavailable
from host.vocabulary.events import EventKind
from host.vocabulary.manifest import Isolation
from host.vocabulary.permission import Grant
from host.vocabulary.views import AuditRow, ProblemView, Severity

T = TypeVar("T")


class Keeping:
    """Writes what must last; reads it back at the start.

    Attributes:
        store: on its own thread.
        checkpoints: the last state of each module.
        acts: what was done to modules.
    """

    def __init__(self, grounds: Grounds, roster: Roster, chronicle: Chronicle) -> None:
        self._grounds = grounds
        self._roster = roster
        self._chronicle = chronicle
        self._configured: frozenset[str] = frozenset()
        self.store: Final = StoreThread(grounds.store, self._failed, self._recovered)
        self._journal = Journal(self.store)
        self.checkpoints: Final = Checkpoints(self.store, self._journal, roster, chronicle)
        self.acts: Final = Acts(self.store, self._journal, roster, self.checkpoints)

    async def begin(self) -> tuple[SessionEntry, ...]:
        """Give the session that the engine before had."""
        self._configured = await self.store.ask(lambda store: store.config.names())
        self._roster.trail.begin(*await self.store.ask(lambda store: (store.history.points(), store.history.last_id())))
        return await self.store.ask(lambda store: store.session.entries())

    def tell_unkept(self) -> None:
        """Tell, once, that nothing is kept."""
        if self._grounds.unkept is not None:
            self._failed(self._grounds.unkept)
        elif self._grounds.store.notice:
            self._chronicle.tell(EventKind.STORAGE_FAILED, self._grounds.store.notice, error=self._grounds.store.notice)

    async def settings(self, name: str) -> dict[str, Any] | None:
        """What the user configured for a module; ``None`` where nothing."""
        return await self.store.ask(lambda store: store.config.of(name)) if name in self._configured else None

    def configure(self, name: str, settings: dict[str, Any]) -> None:
        self._configured |= {name}
        self.store.post(lambda store: store.config.save(name, settings))

    def grants(self, name: str, grants: Sequence[Grant]) -> None:
        """Keep all that the user said of a module's permissions."""
        self._journal.add(lambda store: store.grants.replace(name, grants))

    def audit(self, rows: Sequence[AuditRow]) -> None:
        """Keep what was done in whose name."""
        self.store.post(lambda store: store.audit.add(rows))

    def isolate(self, name: str, isolation: Isolation | None) -> None:
        """Keep where the user wants a module to run."""
        self._journal.add(lambda store: store.isolations.choose(name, isolation))

    def lock_version(self, name: str, version: str) -> None:
        """Keep at which version the user locked a module; empty for none."""
        self._journal.add(lambda store: store.version_locks.choose(name, version))

    def save_session(self) -> None:
        """Keep which modules are loaded now."""
        entries = session_of(self._roster)
        self._journal.add(lambda store: store.session.save(entries))

    async def flush(self) -> None:
        """Wait until all of this is on disk, so that a crash takes nothing back that was answered."""
        await self._journal.flush()

    async def ask(self, work: Callable[[Store], T]) -> T:
        """Read what is kept, after all that was done before is written.

        Raises:
            StorageUnavailable: it cannot be read.
        """
        self._journal.write()
        return await self.store.ask(work)

    async def end(self) -> None:
        """Keep what was handed over, mark a clean end, and leave the data folder."""
        self._journal.write()
        await self.store.try_now()
        self._journal.write()  # what is handed over again where the disk takes something only now
        await self.store.close()
        marker = self._grounds.marker
        marker.close()
        self._roster.dispatch.note_in(marker.cell)

    def _recovered(self) -> None:
        self.checkpoints.recovered()
        self._chronicle.settled("storage")
        self._chronicle.log("", "info", "the disk takes what is to be kept again; what waited is kept")

    def _failed(self, error: StorageUnavailable) -> None:
        self.checkpoints.refused()
        self._chronicle.tell(EventKind.STORAGE_FAILED, str(error), error=str(error))
        self._chronicle.stands(
            ProblemView(
                id="storage",
                severity=Severity.ERROR,
                message=str(error),
                remedy=f"{error.remedy[:1].upper()}{error.remedy[1:]}.",
            )
        )
