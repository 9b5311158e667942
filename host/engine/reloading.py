"""Live reload: from changed files to swaps."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
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
from host.vocabulary.errors import LoadFailed, SwapFailed
from host.vocabulary.events import EventKind
from host.vocabulary.manifest import Manifest
from host.vocabulary.views import ProblemView, Severity, WatchView

_Tried = tuple[int, Manifest, str]
"""A save that was looked at: which instance ran then, the manifest, the digest of the code."""


class Reloading:
    """Watches the roots and reloads what changed, one burst after another."""

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

    def view(self) -> WatchView:
        """Whether what runs is what lies on disk."""
        folders = tuple(map(str, self._roots))
        if self._watcher is None:
            return WatchView(watching=False, folders=folders, text="Not watching")
        behind = [each.module for each in self._chronicle.problems if each.id.startswith("reload:")]
        behind += [name for name, instance in self._roster.active.items() if instance.superseded]
        count = f"{len(folders)} folder{'s' if len(folders) != 1 else ''}"
        text = f"Watching {count}, in step"
        if behind:
            text = f"Watching {count}; the newest save of {behind[0]} is not running"
        return WatchView(watching=True, folders=folders, in_step=not behind, last_change=self._last, text=text)

    async def _follow(self) -> None:
        while True:
            paths = await self._bursts.get()
            async with self._changing:
                await self.take_in(paths)

    async def take_in(self, paths: Iterable[Path]) -> None:
        """Reload what some paths belong to; the caller holds the lock of all changes."""
        known = self._library.repository
        if any(path.suffix != ".lua" for path in paths) or not all(known.folder_of(path) for path in paths):
            await self._library.look()
        self._last = time.time()
        folders = {self._library.repository.folder_of(path) for path in paths} | {
            known.folder_of(path) for path in paths
        }
        for instance in list(self._roster.active.values()):
            if instance.manifest.folder in folders:
                await self._reload(instance)

    async def _reload(self, instance: Instance) -> None:
        folder, name = instance.manifest.folder, instance.name
        manifest = self._library.repository.at(folder)
        if manifest is None:
            self._refuse_manifest(instance)
            return
        if self._unchanged(instance, manifest):
            if manifest.reloadable and self._in_step(instance):
                await self._refitting.look(instance)
            return
        if not manifest.reloadable:
            self._chronicle.log(name, "info", "its files changed; it says reloadable = false and runs on as it is")
            return
        try:
            await self._swapping.reload([manifest])
        except SwapFailed:  # told as an event and a problem where it was refused
            return

    def _unchanged(self, instance: Instance, manifest: Manifest) -> bool:
        """Whether a save is what runs, which settles what was wrong before it, or what was tried last."""
        try:
            digest = read_bundle(manifest).digest
        except LoadFailed:  # the swap says why, and that the last good code runs on
            return False
        now = (instance.serial, manifest, digest)
        before, self._tried[instance.name] = self._tried.get(instance.name), now
        if self._in_step(instance):
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

    def _refuse_manifest(self, instance: Instance) -> None:
        refused = self._library.refused_at(instance.manifest.folder)
        if refused is None:
            return
        fault = refused.problems[0]
        text = refused_save(instance.name, instance.version, str(fault))
        where = LoadFailed(instance.name, instance.version, "read", str(fault), str(fault.file), fault.line)
        self._chronicle.tell(
            EventKind.RELOAD_REFUSED, text, module=instance.name, version=instance.version, error=str(fault)
        )
        self._chronicle.stands(reload_problem(instance.name, text, where))
