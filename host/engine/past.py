"""The past of a module: what was done to it, what can come back of that, and what is different since."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

from msgspec import structs

from host.discovery.bundle import Bundle, read_bundle
from host.engine.comparing import differences, unified
from host.engine.keeping import Keeping
from host.engine.last_swaps import LastSwaps
from host.engine.library import Library
from host.engine.roster import Roster
from host.runtime.codec import decode
from host.storage import Point, Store, digest_of_code, unpacked_code
from host.vocabulary.errors import HostError, LoadFailed, NotData, NothingToRollBack, PointUnknown
from host.vocabulary.folders import data_option
from host.vocabulary.manifest import Manifest
from host.vocabulary.states import Outcome
from host.vocabulary.views import Comparison, Difference, HistoryRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """What ran before, whole: it can come back though its files are gone.

    Attributes:
        state: the last that it had; ``None`` where none is kept.
    """

    point: Point
    manifest: Manifest
    bundle: Bundle
    state: bytes | None


class Past:
    """Reads the history; nothing is changed by it."""

    def __init__(self, library: Library, roster: Roster, keeping: Keeping, last_swaps: LastSwaps) -> None:
        self._library = library
        self._roster = roster
        self._keeping = keeping
        self._last_swaps = last_swaps

    async def rows(self, name: str) -> tuple[HistoryRow, ...]:
        """What was done to a module, newest first."""
        rows, kept = await self._keeping.ask(lambda store: (store.history.of(name), store.history.kept_code(name)))
        return tuple(self._judged(row, kept) for row in rows)

    async def last(self, count: int) -> tuple[HistoryRow, ...]:
        """The last acts on all modules, newest first."""

        def read(store: Store) -> tuple[tuple[HistoryRow, ...], dict[str, frozenset[str]]]:
            rows = store.history.last(count)
            return rows, {name: store.history.kept_code(name) for name in {row.module for row in rows}}

        rows, kept = await self._keeping.ask(read)
        return tuple(self._judged(row, kept[row.module]) for row in rows)

    async def earlier(self, name: str, to: int | None = None) -> Earlier:
        """What a roll-back brings back: what ran before the last change, or after the act with an id.

        Raises:
            NothingToRollBack: there was no change, or what ran before it is no longer kept.
            PointUnknown: nothing ran after that act, or it is no longer kept.
            HostError: what ran then runs now.
        """
        current = self._roster.trail.current(name)
        if to is None:
            point = self._roster.trail.back(name)
            if point is None:
                raise NothingToRollBack(name, data_option(self._roster.data))
        else:
            point = await self._point(name, to)
            if current is not None and point.code == current.code:
                raise HostError(f"{name} {point.version} runs as it did after {to}; nothing was changed")
        manifest, bundle = await self._code(name, point, to or point.id)
        _, state = await self._keeping.ask(lambda store: store.history.state_after(name, to or point.id))
        return Earlier(point=point, manifest=manifest, bundle=bundle, state=state)

    async def standing(self, manifest: Manifest, bundle: Bundle) -> tuple[Manifest, Bundle] | None:
        """What a module is to run where the save that it was rolled back from still lies on disk, in that version."""
        name = manifest.name
        left, current = self._roster.trail.left(name), self._roster.trail.current(name)
        if left is None or current is None or left.code != digest_of_code(manifest, bundle):
            return None
        try:
            found = await self._code(name, current, current.id)
        except PointUnknown:
            return None
        return found if found[0].version == manifest.version else None

    async def compare(self, name: str, earlier: int, later: int | None = None) -> Comparison:
        """Compare what ran after two acts, files and last states; ``later`` absent is now.

        Raises:
            PointUnknown: nothing ran after one of them.
            ModuleFault: the module's ``getState`` failed.
        """
        before = await self._point(name, earlier)
        after = self._roster.trail.current(name) if later is None else await self._point(name, later)
        after = after or before
        old, new = await self._state(name, earlier), await self._state(name, later)
        found, beyond, message = await asyncio.to_thread(_compared, old, new, str(earlier), str(later or "now"))
        files, diff = await self._files(name, before, after)
        return Comparison(
            module=name,
            earlier=earlier,
            later=later,
            from_version=before.version,
            to_version=after.version,
            files=files,
            diff=diff,
            differences=found,
            beyond=beyond,
            message=message,
        )

    def _ran(self, name: str, row: HistoryRow) -> Point | None:
        """What ran after an act; ``None`` where nothing did, or nothing new."""
        if row.outcome is not Outcome.COMMITTED or row.kind == "unload":
            return None
        return self._roster.trail.at(name, row.id)

    async def _point(self, name: str, row_id: int) -> Point:
        rows = await self._keeping.ask(lambda store: store.history.of(name))
        row = next((each for each in rows if each.id == row_id), None)
        if row is None:
            known = ", ".join(str(each.id) for each in rows if self._ran(name, each) is not None)
            raise PointUnknown(name, row_id, f"its history has {known or 'nothing'} to choose from")
        point = self._ran(name, row)
        if point is not None:
            return point
        if row.outcome is not Outcome.COMMITTED:
            raise PointUnknown(name, row_id, f"that {row.kind} was taken back, and what ran before it ran on")
        if row.kind == "unload":
            raise PointUnknown(name, row_id, "nothing ran after that unload; choose the act before it")
        raise PointUnknown(name, row_id, "what ran then is no longer kept")

    def _judged(self, row: HistoryRow, kept: frozenset[str]) -> HistoryRow:
        """Say whether what ran after an act is what runs, or else whether it can come back; and what it changed."""
        serving = self._roster.serving(row.module)
        if serving is not None and (words := self._last_swaps.words(serving, row.at)):
            row = structs.replace(row, state="; ".join(filter(None, (words, row.state))))
        point, current = self._ran(row.module, row), self._roster.trail.current(row.module)
        if point is None or current is None:
            return row
        if point.code == current.code:
            return structs.replace(row, current=True)
        return structs.replace(row, reachable=point.code in kept or self._on_disk(row.module, point) is not None)

    def _on_disk(self, name: str, point: Point) -> Manifest | None:
        """The manifest of a point where it lies on disk as it was."""
        versions = self._library.repository.versions(name)
        return next((each for each in versions if each.digest and point.code.startswith(each.digest)), None)

    async def _code(self, name: str, point: Point, row_id: int) -> tuple[Manifest, Bundle]:
        """The code of a point: as it was kept, else from disk where it lies there unchanged."""
        packed = await self._keeping.ask(lambda store: store.history.code(name, point.code))
        found = unpacked_code(packed) if packed is not None else None
        manifest = self._on_disk(name, point)
        if found is not None:
            placed = manifest or found[0]  # the folder may have moved
            return placed, replace(found[1], folder=placed.folder)
        if manifest is not None:
            try:
                bundle = await asyncio.to_thread(read_bundle, manifest)
            except LoadFailed:
                bundle = None
            if bundle is not None and digest_of_code(manifest, bundle) == point.code:
                return manifest, bundle
        raise PointUnknown(name, row_id, f"the code of {point.version} as it was then is no longer kept, nor on disk")

    async def _state(self, name: str, row_id: int | None) -> bytes | None:
        """The last state after an act: what the next change found, else what the module has now, or went with."""
        if row_id is not None:
            changed, state = await self._keeping.ask(lambda store: store.history.state_after(name, row_id))
            if changed:
                return state
        instance = self._roster.serving(name)
        if instance is not None:
            return instance.state()
        kept = (await self._keeping.checkpoints.of(frozenset({name}))).get(name)
        return kept.state if kept is not None else None

    async def _files(self, name: str, before: Point, after: Point) -> tuple[tuple[str, ...], str]:
        """Which files differ, and their lines."""
        if before.code == after.code:
            return (), ""
        try:
            (_, old), (_, new) = [await self._code(name, each, each.id) for each in (before, after)]
        except PointUnknown:
            return (), ""
        files = new.changed_files(old)
        return files, await asyncio.to_thread(unified, old.files, new.files, files)


def _compared(old: bytes | None, new: bytes | None, *ids: str) -> tuple[tuple[Difference, ...], int, str]:
    missing = [row_id for row_id, state in zip(ids, (old, new), strict=True) if state is None]
    if old is None or new is None:
        return (), 0, f"no state of {' and '.join(missing)} is kept"
    try:
        return (*differences(decode(old), decode(new)), "")
    except NotData as fault:  # it was kept in a swap's pause, where of a large one not all is looked at
        return (), 0, f"the states are not compared: {fault}"
