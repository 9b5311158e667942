"""The watcher: tells, in the event loop, which files of modules changed. It compares no contents.

An editor's atomic save arrives as a move whose destination is the file that matters; a truncating save shows an empty
file first. Both are why changes are gathered into bursts, and why only closed files count where the system tells.
"""

from __future__ import annotations

import asyncio
import errno
import os
import sys
import warnings
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path, PurePath
from typing import Final

from watchdog.events import (
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver, ObservedWatch
from watchdog.observers.polling import PollingObserver

from host.discovery.burst import Burst
from host.discovery.folders import distinct
from host.vocabulary.errors import WatchLimited

SUFFIXES: Final = (".lua", ".toml", ".json", ".otmod")
POLLING: Final = 1.0
"""Seconds between two looks where the system lets nothing be watched."""

_NAMES: Final[list[type[FileSystemEvent]]] = [
    *(FileCreatedEvent, FileDeletedEvent, FileMovedEvent),
    *(DirCreatedEvent, DirDeletedEvent, DirMovedEvent),
]
# inotify tells when a writer closes a file, and tells a change of attributes as a modification; elsewhere there is
# nothing but modifications.
_WATCHED: Final = [*_NAMES, FileClosedEvent if sys.platform == "linux" else FileModifiedEvent]
_POLLED: Final = [*_NAMES, FileModifiedEvent]
_LIMITS: Final = (errno.ENOSPC, errno.EMFILE, errno.ENFILE)

Identity = tuple[int, int]


class Watcher:
    """Watches roots, those too that are not there yet, or go and come back.

    Attributes:
        roots: absolute, none twice.
        limited: why the roots are polled instead of watched; ``None`` where they are watched.
    """

    def __init__(
        self,
        roots: Iterable[Path],
        on_change: Callable[[frozenset[Path]], None],
        *,
        quiet: float = 0.025,
        longest: float = 0.25,
        look: float = 1.0,
    ) -> None:
        """Prepare; nothing is watched yet.

        Args:
            roots: folders of modules.
            on_change: called in the event loop with the paths of changed files and folders.
            quiet: seconds without a change that end a burst.
            longest: seconds after which a burst is told though it goes on.
            look: seconds between two looks whether a root came or went.
        """
        self.roots = tuple(distinct(roots))
        self.limited: WatchLimited | None = None
        self._on_change = on_change
        self._quiet, self._longest, self._look = quiet, longest, look
        self._watches: dict[Path, tuple[Identity, ObservedWatch]] = {}
        self._lost: set[Path] = set()
        self._running: tuple[BaseObserver, Burst] | None = None
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Begin to watch; in the thread of a running event loop."""
        loop = asyncio.get_running_loop()
        burst = Burst(loop, self._on_change, quiet=self._quiet, longest=self._longest)
        try:
            self._running = _observing(Observer), burst
            self._follow_roots()
            self._probe()
        except OSError as fault:
            self._poll(burst, fault)
        self._timer = loop.call_later(self._look, self._look_again, loop)

    def stop(self) -> None:
        """Watch no more and tell nothing more; its threads have ended when it returns."""
        if self._timer is not None:
            self._timer.cancel()
        if self._running is not None:
            observer, burst = self._running
            self._running = None
            burst.close()
            _end(observer)
        self._watches.clear()

    def _poll(self, burst: Burst, fault: OSError) -> None:
        """Look at the roots from time to time instead of watching them, where the reason is a limit."""
        if self._running is not None:
            _end(self._running[0])
            self._running = None
        if fault.errno not in _LIMITS or self.limited is not None:
            raise fault
        self._watches.clear()
        self.limited = WatchLimited(self.roots, str(fault.strerror), POLLING)
        self._running = _observing(lambda: PollingObserver(timeout=POLLING)), burst
        self._follow_roots()

    def _probe(self) -> None:
        """Ask for one watch more: an observer does not tell when the limit is met below a root.

        Raises:
            OSError: the limit is met.
        """
        if self._running is not None:
            observer = self._running[0]
            observer.unschedule(observer.schedule(FileSystemEventHandler(), os.sep, event_filter=[DirDeletedEvent]))

    def _look_again(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._running is None:
            return
        burst = self._running[1]
        try:
            changed = self._follow_roots()
        except OSError as fault:
            self._poll(burst, fault)
            changed = list(self.roots)
        for root in changed:
            burst.add(str(root))
        self._timer = loop.call_later(self._look, self._look_again, loop)

    def _follow_roots(self) -> list[Path]:
        """Watch the folders that the roots' names lead to now; returns the roots for which that is another."""
        changed = [root for root in self.roots if self._moved_on(root)]
        for root in changed:
            self._follow(root)
        return changed

    def _moved_on(self, root: Path) -> bool:
        known = self._watches.get(root)
        return root in self._lost or _identity(root) != (known and known[0])

    def _follow(self, root: Path) -> None:
        if self._running is None:
            return
        observer, burst = self._running
        if (known := self._watches.pop(root, None)) is not None:
            observer.unschedule(known[1])
        self._lost.discard(root)
        if (identity := _identity(root)) is None:
            return
        handler = _Handler(root, burst, self._lost)
        events = _POLLED if self.limited else _WATCHED
        with suppress(FileNotFoundError, NotADirectoryError):  # it went in between; the next look sees that
            self._watches[root] = identity, observer.schedule(handler, str(root), recursive=True, event_filter=events)


class _Handler(FileSystemEventHandler):
    """Hands on what concerns a module; runs in the observer's thread."""

    def __init__(self, root: Path, burst: Burst, lost: set[Path]) -> None:
        self._root = str(root)
        self._burst = burst
        self._lost = lost

    def dispatch(self, event: FileSystemEvent) -> None:
        if isinstance(event, DirDeletedEvent) and os.fsdecode(event.src_path) == self._root:
            self._lost.add(Path(self._root))  # this watch is dead, even if a folder of that name is there again
        for path in map(os.fsdecode, (event.src_path, event.dest_path)):
            if path and matters(path[len(self._root) :], folder=event.is_directory):
                self._burst.add(path)


def matters(relative: str, *, folder: bool) -> bool:
    """Whether a path below a root can concern a module: no hidden or compiled folder, no editor's own file."""
    if not folder and not relative.endswith(SUFFIXES):
        return False
    return not any(part.startswith(".") or part == "__pycache__" for part in PurePath(relative).parts)


def _observing(make: Callable[[], BaseObserver]) -> BaseObserver:
    # watchdog watches a folder twice that is made while it walks the parent: it warns of it, and no harm is done.
    warnings.filterwarnings("ignore", "Callback with id", RuntimeWarning, "watchdog")
    observer = make()
    observer.start()
    return observer


def _end(observer: BaseObserver) -> None:
    observer.stop()
    observer.join()


def _identity(root: Path) -> Identity | None:
    """Which folder a path leads to now; ``None`` where it leads to none."""
    try:
        status = root.stat()
    except OSError:
        return None
    return (status.st_dev, status.st_ino) if root.is_dir() else None
