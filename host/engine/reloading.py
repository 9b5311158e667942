"""Live reload: from changed files to swaps."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from pathlib import Path

from host.discovery.bundle import read_bundle
from host.discovery.watcher import Watcher
from host.engine.chronicle import Chronicle
from host.engine.library import Library
from host.engine.refitting import Refitting
from host.engine.refused_saves import refused_save, reload_problem
from host.engine.roster import Roster
from host.engine.swapping import Swapping
from host.lifecycle.instance import Instance
from host.resolution.relations import tied
from host.vocabulary import bugs
from host.vocabulary.errors import HostError, LoadFailed, SwapFailed
from host.vocabulary.events import EventKind
from host.vocabulary.manifest import MANIFEST_NAME, Manifest
from host.vocabulary.views import ProblemView, Severity, WatchView

_Tried = tuple[int, Manifest, str]
"""A save that was looked at: which instance ran then, the manifest, the digest of the code."""


class Reloading:
    """Watches the roots and reloads what changed, one burst after another.

    What was saved at once and needs one another is swapped at once; what was held back so is tried again with it.
    """

    def __init__(
        self,
        roots: tuple[Path, ...],
        library: Library,
        roster: Roster,
        swapping: Swapping,
        refitting: Refitting,
        chronicle: Chronicle,
        changing: asyncio.Lock,
    ) -> None:
        self._roots = roots
        self._library = library
        self._roster = roster
        self._swapping = swapping
        self._refitting = refitting
        self._chronicle = chronicle
        self._changing = changing
        self._bursts: asyncio.Queue[frozenset[Path]] = asyncio.Queue()
        self._watcher: Watcher | None = None
        self._task: asyncio.Task[None] | None = None
        self._last = 0.0
        self._tried: dict[str, _Tried] = {}
        self._held: set[str] = set()
        self._unwatched: set[str] = set()

    def start(self) -> None:
        """Begin to watch."""
        self._watcher = Watcher(self._roots, self._bursts.put_nowait)
        self._watcher.start()
        if self._watcher.limited is not None:
            self._chronicle.stands(
                ProblemView(id="watch", severity=Severity.WARNING, message=str(self._watcher.limited))
            )
        self._task = asyncio.create_task(self._follow())

    async def stop(self) -> None:
        """Watch no more."""
        if self._watcher is not None:
            self._watcher.stop()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def watches(self, name: str) -> bool:
        """Whether saves of a module that runs are taken in."""
        return self._watcher is not None and name not in self._unwatched

    def unwatched(self, name: str) -> bool:
        """Whether somebody wanted them not to be."""
        return name in self._unwatched

    def watch(self, name: str, *, on: bool) -> None:
        """Take saves of a module in, what was saved meanwhile too, or none from now on; until the host ends.

        Raises:
            ModuleUnknown: it is not loaded.
            HostError: nothing is watched at all.
        """
        instance = self._roster.get(name)
        if self._watcher is None:
            raise HostError("this host watches no files (it was started with --no-watch); nothing was changed")
        if on is self.watches(name):
            return
        if on:
            self._unwatched.discard(name)
            self._bursts.put_nowait(frozenset({instance.manifest.folder / MANIFEST_NAME}))
        else:
            self._unwatched.add(name)
            self._held.discard(name)
        self._chronicle.log(name, "info", f"saves of it are {'taken in again' if on else 'no longer taken in'}")
        self._chronicle.touch(name)

    def view(self) -> WatchView:
        """Whether what runs is what lies on disk."""
        folders = tuple(map(str, self._roots))
        if self._watcher is None:
            return WatchView(watching=False, folders=folders, text="Not watching")
        behind = [each.module for each in self._chronicle.problems if each.id.startswith("reload:")]
        behind += [name for name, instance in self._roster.active.items() if instance.superseded]
        typed = [name for name, instance in self._roster.active.items() if instance.unsaved]
        count = f"{len(folders)} folder{'s' if len(folders) != 1 else ''}"
        text = f"Watching {count}, in step"
        gone = [name for name, each in self._roster.active.items() if self._has_gone(each.manifest.folder)]
        failed = any(each.id == "reloading" for each in self._chronicle.problems)
        if failed:
            text = f"Watching {count}; what was saved last may not be running"
        elif behind:
            text = f"Watching {count}; the newest save of {_first(behind)} is not running"
        elif typed:
            text = f"Watching {count}; what runs of {_first(typed)} is not on disk"
        elif gone:
            text = f"Watching {count}; the files of {_first(gone)} are gone from disk"
        return WatchView(
            watching=True,
            folders=folders,
            in_step=not (failed or behind or typed or gone),
            last_change=self._last,
            text=text,
        )

    def _has_gone(self, folder: Path) -> bool:
        return self._library.repository.at(folder) is None and self._library.refused_at(folder) is None

    async def _follow(self) -> None:
        while True:
            paths = await self._bursts.get()
            async with self._changing:
                try:
                    await self.take_in(paths)
                except Exception as mistake:  # noqa: BLE001 - the host's own; the saves that come after it are taken in
                    self._failed(bugs.told("taking in what was saved", mistake))
                else:
                    self._chronicle.settled("reloading")

    def _failed(self, text: str) -> None:
        self._chronicle.log("", "error", text)
        self._chronicle.stands(
            ProblemView(
                id="reloading",
                severity=Severity.ERROR,
                message=f"what was saved last may not be running: {text}",
                remedy="Save it again, or reload the module.",
            )
        )

    async def take_in(self, paths: Iterable[Path]) -> None:
        """Reload what some paths belong to; the caller holds the lock of all changes."""
        known = self._library.repository
        if any(path.suffix != ".lua" for path in paths) or not all(known.folder_of(path) for path in paths):
            await self._library.look()
        self._last = time.time()
        folders = {self._library.repository.folder_of(path) for path in paths} | {
            known.folder_of(path) for path in paths
        }
        touched = [
            each
            for each in self._roster.active.values()
            if each.manifest.folder in folders and each.name not in self._unwatched
        ]
        refused = {each.name for each in touched if self._refuses_manifest(each)}
        there = [each for each in touched if self._library.repository.at(each.manifest.folder) is not None]
        saved = [each.name for each in there if await self._is_new(each)]
        for group in self._together({*saved, *refused}):
            await self._reload(group, refused & group)

    def _together(self, names: AbstractSet[str]) -> list[frozenset[str]]:
        """What of some modules, and of those that were held back before, has to change at once."""
        self._held &= self._roster.active.keys()
        concerned = [self._roster.get(name).manifest for name in names | self._held]
        on_disk = [self._library.repository.at(manifest.folder) for manifest in concerned]
        return [group for group in tied([*concerned, *filter(None, on_disk)]) if group & names]

    async def _is_new(self, instance: Instance) -> bool:
        """Whether a save is to be swapped in; one that is what runs already may bring another configuration."""
        manifest = self._library.at(instance.manifest.folder)
        if self._unchanged(instance, manifest):
            if manifest.reloadable and self._in_step(instance):
                await self._refitting.look(instance)
            return False
        if not manifest.reloadable:
            self._chronicle.log(
                instance.name, "info", "its files changed; it says reloadable = false and runs on as it is"
            )
        return manifest.reloadable

    async def _reload(self, group: frozenset[str], refused: AbstractSet[str]) -> None:
        """Swap what was saved together, all or none; where a manifest of it cannot be read, the others wait for it."""
        waiting = group - refused
        if refused:
            self._held |= waiting
            for name in sorted(waiting):
                others = ", ".join(sorted(refused))
                self._refuse(self._roster.get(name), f"it waits for {others}, whose manifest cannot be used")
            return
        try:
            await self._swapping.reload(
                [self._library.at(self._roster.get(name).manifest.folder) for name in sorted(waiting)]
            )
        except SwapFailed as failure:  # told as events and problems where it was refused
            self._held |= {report.module for report in failure.report.others}
            self._held.discard(failure.report.module)
        else:
            self._held -= waiting

    def _unchanged(self, instance: Instance, manifest: Manifest) -> bool:
        """Whether a save is what runs, which settles what was wrong before it, or what was tried last."""
        try:
            digest = read_bundle(manifest).digest
        except LoadFailed:  # the swap says why, and that the last good code runs on
            return False
        now = (instance.serial, manifest, digest)
        before, self._tried[instance.name] = self._tried.get(instance.name), now
        if self._in_step(instance):
            self._held.discard(instance.name)
            self._chronicle.settled(f"reload:{instance.name}")
            self._chronicle.touch(instance.name)
            return True
        return before == now

    def _in_step(self, instance: Instance) -> bool:
        """Whether the save that was looked at last is what runs."""
        _, manifest, digest = self._tried[instance.name]
        return (manifest, digest) == (instance.manifest, instance.bundle.digest)

    def leave(self, instance: Instance) -> None:
        """Take what lies on disk as tried: what was rolled back stays so until the next save."""
        manifest = self._library.repository.at(instance.manifest.folder)
        if manifest is not None:
            self._unchanged(instance, manifest)

    def _refuses_manifest(self, instance: Instance) -> bool:
        """Whether a module's manifest was saved with a fault, which is told; one that is gone has none."""
        refused = self._library.refused_at(instance.manifest.folder)
        if refused is None:
            return False
        fault = refused.problems[0]
        where = LoadFailed(instance.name, instance.version, "read", str(fault), str(fault.file), fault.line)
        self._refuse(instance, str(fault), where)
        return True

    def _refuse(self, instance: Instance, reason: str, where: LoadFailed | None = None) -> None:
        text = refused_save(instance.name, instance.version, reason)
        self._chronicle.tell(
            EventKind.RELOAD_REFUSED, text, module=instance.name, version=instance.version, error=reason
        )
        self._chronicle.stands(reload_problem(instance.name, text, where))


def _first(names: list[str]) -> str:
    """``chat``, or ``chat and 2 others``."""
    others = len(names) - 1
    return names[0] if not others else f"{names[0]} and {others} other{'s' if others > 1 else ''}"
