"""Files, in the name of whoever calls: each is judged by the gate, and opened below a folder that is held open."""

import errno
import os
import re
import secrets
import stat
import time
from collections.abc import Callable, Iterator
from functools import wraps
from itertools import islice
from pathlib import Path
from typing import Any

from host.lifecycle.native_data import Data
from host.trust.caller import Caller
from host.trust.gate import Gate
from host.trust.opening import Held
from host.trust.places import PathUnclear
from host.vocabulary.errors import PermissionDenied

from .watching import Watching

LARGEST = 64 << 20  # bytes that are read at once
LONGEST_LOOK = 0.25  # seconds of a search, removal or move, in which the host does nothing else
MOST = 10_000  # names that one listing, search or removal looks at
DEEPEST = 50  # folders inside each other
LONGEST = 4096  # characters of a pattern
OF_TWO = {"copy", "move"}
KINDS = {stat.S_IFREG: "file", stat.S_IFDIR: "folder", stat.S_IFLNK: "link"}


def functions(_folder: Path, gate: Gate) -> dict[str, Callable[..., Any]]:
    """What Lua finds in ``host.native``."""
    files = Files(gate)
    doing = (
        *(files.append, files.copy, files.exists, files.glob, files.ls, files.mkdir),
        *(files.move, files.read, files.rm, files.rmr, files.stat, files.write),
    )
    watching = Watching(gate)
    return {each.__name__: told(each) for each in (*doing, watching.watch)} | {
        "changed": watching.changed,
        "close": watching.close,
        "token": lambda _caller: secrets.token_hex(8),
        "unwatch": watching.unwatch,
    }


def told(method: Callable[..., Any]) -> Callable[..., Any]:
    """Have what is refused say of which path; a path that is none becomes a message to Lua, too."""

    @wraps(method)
    def call(caller: Caller, path: str | bytes, *more: Data) -> Data:
        try:
            return method(caller, path, *more)
        except PathUnclear as fault:
            raise OSError(str(fault)) from None
        except OSError as fault:
            between = f" and {shown(more[0])}" if method.__name__ in OF_TWO else ""
            raise OSError(f"{shown(path)}{between}: {fault.strerror.lower() if fault.strerror else fault}") from None

    return call


def shown(path: str | bytes) -> str:
    """A path as a message has it."""
    return os.fsdecode(path)[:200]


def raw(data: str | bytes) -> bytes:
    return data if isinstance(data, bytes) else data.encode()


def text(name: str) -> str | bytes:
    """A name as Lua has it: bytes that are no UTF-8 as they are."""
    data = os.fsencode(name)
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data


def put_whole(place: Held, data: bytes) -> None:
    """Write a file beside the one that is meant, and let it take its place: never is there less than one of them."""
    beside = f".{place.name[:100]}.{secrets.token_hex(6)}"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    descriptor = os.open(beside, flags, mode_of(place), dir_fd=place.folder)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(beside, place.name, src_dir_fd=place.folder, dst_dir_fd=place.folder)
    except BaseException:
        os.unlink(beside, dir_fd=place.folder)
        raise


def mode_of(place: Held) -> int:
    """The rights that a file has, or those of a new one; a folder cannot be written."""
    try:
        mode = os.stat(place.name, dir_fd=place.folder, follow_symlinks=False).st_mode
    except FileNotFoundError:
        return 0o600
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    return stat.S_IMODE(mode) & 0o777


def matcher(pattern: str) -> Callable[[str], bool]:
    """Whether a path is as a pattern says, in a time that grows with the path's length and no faster.

    All places of the pattern that a part of the path may have led to are one number, a bit for each. ``**`` stands
    for any text, also within a name (``**.txt``). Source: R. Baeza-Yates, G. Gonnet, A New Approach to Text Searching.

    Raises:
        OSError: the pattern is longer than any path.
    """
    if len(pattern) > LONGEST:
        raise OSError(f"the pattern has more than {LONGEST:,} characters")
    stars = names = 0
    steps: dict[str, int] = {}
    parts = re.findall(r"\*+|[^*]", pattern)
    for bit, part in ((1 << place, part) for place, part in enumerate(parts)):
        if part[0] == "*":
            stars, names = stars | bit, names | (bit if part == "*" else 0)
        else:
            steps[part] = steps.get(part, 0) | bit
    anything = steps.pop("?", 0)

    def fits(path: str) -> bool:
        at = 1 | (stars & 1) << 1
        for each in path:
            inside = stars if each != "/" else stars & ~names
            goes_on = steps.get(each, 0) | (anything if each != "/" else 0)
            at = at & inside | (at & goes_on) << 1
            at |= (at & stars) << 1
        return bool(at >> len(parts) & 1)

    return fits


class Files:
    """What may be done with files."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    def read(self, caller: Caller, path: str) -> bytes:
        with self._gate.open_read(caller, path) as stream:
            if os.fstat(stream.fileno()).st_size > LARGEST:
                raise OSError(f"it has more than {LARGEST >> 20} MiB")
            return stream.read(LARGEST)

    def write(self, caller: Caller, path: str, data: str | bytes) -> bool:
        with self._gate.at(caller, "fs.write", path, details={"bytes": len(data)}) as place:
            put_whole(place, raw(data))
        return True

    def append(self, caller: Caller, path: str, data: str | bytes) -> bool:
        """Write behind what is there: all of it, or nothing."""
        with self._gate.open_write(caller, path, "ab", details={"bytes": len(data)}) as stream:
            before, left = os.fstat(stream.fileno()).st_size, memoryview(raw(data))
            try:
                while left:
                    left = left[os.write(stream.fileno(), left) :]
            except OSError:
                os.ftruncate(stream.fileno(), before)
                raise
        return True

    def exists(self, caller: Caller, path: str) -> bool:
        try:
            self._look(caller, path)
        except (FileNotFoundError, NotADirectoryError):
            return False
        return True

    def stat(self, caller: Caller, path: str) -> Data:
        found = self._look(caller, path)
        kind = KINDS.get(stat.S_IFMT(found.st_mode), "other")
        return {"kind": kind, "size": found.st_size, "modified": found.st_mtime, "mode": stat.S_IMODE(found.st_mode)}

    def ls(self, caller: Caller, path: str) -> list[str | bytes]:
        return [text(name) for name in self._names(caller, path)]

    def glob(self, caller: Caller, pattern: str) -> list[str | bytes]:
        """Paths that a pattern fits, sorted; what the module may not look into is passed over."""
        start = pattern[: re.search(r"[*?]|$", pattern).start()].rpartition("/")[0]  # type: ignore[union-attr] # $ is found
        fits = matcher(pattern)
        found = [path for path in self._below(caller, start or "/", Looking(), 0) if fits(path)]
        return [text(path) for path in sorted(found)]

    def mkdir(self, caller: Caller, path: str, parents: bool) -> bool:  # noqa: FBT001 - called by Lua
        with self._gate.at(caller, "fs.write", path, make=bool(parents), follow=False) as place:
            try:
                os.mkdir(place.name, 0o700, dir_fd=place.folder)
            except FileExistsError:
                if not (parents and stat.S_ISDIR(self._of(place).st_mode)):
                    raise
        return True

    def rm(self, caller: Caller, path: str) -> bool:
        """Remove a file, a link or an empty folder."""
        with self._gate.at(caller, "fs.write", path, follow=False) as place:
            if stat.S_ISDIR(self._of(place).st_mode):
                os.rmdir(place.name, dir_fd=place.folder)
            else:
                os.unlink(place.name, dir_fd=place.folder)
        return True

    def rmr(self, caller: Caller, path: str) -> int:
        """Remove a folder with all in it, each file judged for itself; how many there were."""
        found, removing = list(self._below(caller, path, Looking("nothing was removed"), 0)), time.monotonic()
        for number, each in enumerate(sorted(found, key=len, reverse=True)):
            if time.monotonic() - removing > LONGEST_LOOK:
                raise OSError(
                    f"{number:,} of {len(found) + 1:,} were removed, and it takes long; do it again for the rest"
                )
            self.rm(caller, each)
        self.rm(caller, path)
        return len(found) + 1

    def copy(self, caller: Caller, source: str, target: str) -> bool:
        return self.write(caller, target, self.read(caller, source))

    def move(self, caller: Caller, source: str, target: str) -> bool:
        """Move a file, or a folder with all in it: each has to be allowed to be read and removed, and to be there."""
        gate = self._gate
        for below in self._movable(caller, source, "", Looking("nothing was moved")):
            gate.check(caller, "fs.write", target + below)
        with gate.at(caller, "fs.write", source, follow=False) as old, gate.at(caller, "fs.write", target) as new:
            os.replace(old.name, new.name, src_dir_fd=old.folder, dst_dir_fd=new.folder)
        return True

    def _movable(self, caller: Caller, source: str, below: str, looking: "Looking") -> Iterator[str]:
        """What lies at a path and below it, as what is added to the path; all of it may be read and written."""
        path = source + below
        with self._gate.at(caller, "fs.write", path, follow=False) as place:
            is_folder = stat.S_ISDIR(self._of(place).st_mode)
        with self._gate.at(caller, "fs.read", path, follow=False):
            yield below
        for name in self._names(caller, path) if is_folder else ():
            looking.at_one_more()
            yield from self._movable(caller, source, f"{below}/{name}", looking)

    def _look(self, caller: Caller, path: str) -> os.stat_result:
        with self._gate.at(caller, "fs.read", path) as place:
            return self._of(place)

    @staticmethod
    def _of(place: Held) -> os.stat_result:
        return os.stat(place.name, dir_fd=place.folder, follow_symlinks=False)

    def _names(self, caller: Caller, path: str) -> list[str]:
        names = [name for name, _ in self._entries(caller, path)]
        if len(names) > MOST:
            raise OSError(f"it holds more than {MOST:,} names")
        return names

    def _entries(self, caller: Caller, path: str) -> list[tuple[str, bool]]:
        """Names in a folder, sorted, and whether each is a folder; one more than there may be, at most."""
        with self._gate.at(caller, "fs.read", path) as place:
            flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
            descriptor = os.open(place.name, flags, dir_fd=place.folder)
            try:
                with os.scandir(descriptor) as entries:  # of what is held open, whatever its path leads to now
                    return sorted((each.name, each.is_dir(follow_symlinks=False)) for each in islice(entries, MOST + 1))
            finally:
                os.close(descriptor)

    def _below(self, caller: Caller, path: str, looking: "Looking", depth: int) -> Iterator[str]:
        """Paths below a folder, links unfollowed."""
        try:
            entries = self._entries(caller, path)
        except (OSError, PermissionDenied):
            return  # no folder, or one that is closed
        for name, is_folder in entries:
            looking.at_one_more()
            inner = f"{path.rstrip('/')}/{name}"
            yield inner
            if depth < DEEPEST and is_folder:
                yield from self._below(caller, inner, looking, depth + 1)


class Looking:
    """One look through files; ends where they are too many, or it takes too long."""

    def __init__(self, otherwise: str = "name a folder below it") -> None:
        """Begin; ``otherwise``: what is told then."""
        self._otherwise = otherwise
        self._left = MOST
        self._until = time.monotonic() + LONGEST_LOOK

    def at_one_more(self) -> None:
        """Look at one more.

        Raises:
            OSError: that is too many.
        """
        self._left -= 1
        if self._left < 0:
            raise OSError(f"it holds more than {MOST:,} files; {self._otherwise}")
        if time.monotonic() > self._until:
            raise OSError(f"to look through its files takes over {LONGEST_LOOK:g} s; {self._otherwise}")
