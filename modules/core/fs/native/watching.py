"""Tells what changes at a path, which is judged once and held open, looked at now and then, and judged again each time.

Looks and no notices of the system: those follow names, and a name may lead elsewhere by then.
"""

import asyncio
import os
import secrets
import stat
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial

from host.lifecycle.native_data import Data
from host.trust.caller import Caller
from host.trust.gate import Gate

EVERY = 0.25  # seconds between two looks
MOST = 10_000  # names in a folder
MOST_WATCHES = 100  # of one module

Look = dict[str, tuple[int, int, int]]
"""What tells two versions of a file apart, by its name."""


@dataclass(eq=False)
class Watch:
    """A file, or the names in a folder.

    Attributes:
        folder: held open; of a file the one that it lies in.
        name: of a file; empty for a folder.
        ended: set when nobody watches any more.
    """

    caller: Caller
    path: str
    folder: int
    name: str
    seen: Look = field(default_factory=dict)
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    def look(self) -> Look:
        """Raise OSError where there are too many."""
        found: Look = {}
        names: Iterable[str] = [self.name] if self.name else os.listdir(self.folder)  # noqa: PTH208 - of what is held open
        for count, name in enumerate(names):
            if count >= MOST:
                raise OSError(f"{self.path} holds more than {MOST:,} names")
            try:
                status = os.stat(name, dir_fd=self.folder, follow_symlinks=False)
            except FileNotFoundError:
                continue
            found[name] = (status.st_mtime_ns, status.st_size, status.st_ino)
        return found

    def changes(self) -> list[Data]:
        """What is otherwise than at the look before, sorted by name."""
        before, self.seen = self.seen, self.look()
        found = []
        for name in sorted(before.keys() | self.seen.keys()):
            old, new = before.get(name), self.seen.get(name)
            if old != new:
                kind = "created" if old is None else "removed" if new is None else "changed"
                found.append({"path": self.path if self.name else f"{self.path.rstrip('/')}/{name}", "kind": kind})
        return found


class Watching:
    """Watches by the words for them."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._watches: dict[str, Watch] = {}

    def watch(self, caller: Caller, path: str) -> str:
        """Begin; the word for it."""
        if sum(each.caller is caller for each in self._watches.values()) >= MOST_WATCHES:
            raise OSError(f"more than {MOST_WATCHES} watches")
        with self._gate.at(caller, "fs.read", path) as place:
            is_folder = stat.S_ISDIR(os.stat(place.name, dir_fd=place.folder, follow_symlinks=False).st_mode)
            flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
            watch = Watch(
                caller,
                path,
                os.open(place.name, flags, dir_fd=place.folder) if is_folder else os.dup(place.folder),
                "" if is_folder else place.name,
            )
        word = secrets.token_hex(8)
        self._watches[word] = watch
        try:
            watch.seen = watch.look()
        except OSError:
            self.unwatch(caller, word)
            raise
        caller.at_end[self] = partial(self._end, caller)
        return word

    async def changed(self, caller: Caller, word: str) -> list[Data] | None:
        """Wait for changes; nothing when it has ended."""
        while (watch := self._watches.get(word)) is not None and watch.caller is caller:
            try:
                async with asyncio.timeout(EVERY):
                    await watch.ended.wait()
            except TimeoutError:
                found = watch.changes()
                if found:
                    self._gate.check(caller, "fs.read", watch.path)
                    return found
        return None

    def unwatch(self, caller: Caller, word: str) -> bool:
        """End one; whether it was there."""
        watch = self._watches.get(word)
        if watch is None or watch.caller is not caller:
            return False
        del self._watches[word]
        watch.ended.set()
        os.close(watch.folder)
        return True

    def close(self) -> None:
        for word, watch in list(self._watches.items()):
            watch.caller.at_end.pop(self, None)
            self.unwatch(watch.caller, word)

    def _end(self, caller: Caller) -> None:
        for word in list(self._watches):
            self.unwatch(caller, word)
