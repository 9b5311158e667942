"""Appends records to JSON-lines files, a batch wholly or not at all, and reads the newest back."""

import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

from host.lifecycle.native import encoded
from host.lifecycle.native_data import lenient
from host.runtime.crossing import Crossing
from host.trust.caller import Caller
from host.trust.gate import Gate
from host.trust.opening import Held

LARGEST = 16 << 20  # bytes of a file; a full one becomes NAME.1.jsonl, in place of the one before
LARGEST_BATCH = 1 << 20  # bytes as they cross: nothing interrupts the writing of one
TAIL = 1 << 20  # bytes at the end of a file in which the newest records are looked for
CHUNK = 1 << 14  # bytes that are looked through first
NAME = re.compile(r"[a-z][a-z0-9_]{0,63}\Z")


def functions(_folder: Path, gate: Gate) -> dict[str, Callable[..., Any]]:
    """What Lua finds in ``host.native``; a stream is a file of whoever calls, in that module's own data folder."""

    @encoded
    def append(caller: Caller, argument: Crossing) -> Crossing:
        if isinstance(argument.payload, bytes) and len(argument.payload) > LARGEST_BATCH:
            raise OSError(f"the records have more than {LARGEST_BATCH >> 10} KiB; append them in several batches")
        name, records = argument.values()
        path = path_of(name)
        lines = "".join(json.dumps(lenient(each), ensure_ascii=False, allow_nan=False) + "\n" for each in records)
        with gate.at(caller, "fs.write", path, details={"records": len(records)}) as place:
            make_room(place)
            write_whole(place, lines.encode())
        return Crossing.of(len(records))

    def newest(caller: Caller, name: str, count: int) -> list[Any]:
        try:
            with gate.open_read(caller, path_of(name)) as stream:
                return newest_of(stream, int(count))
        except FileNotFoundError:
            return []

    return {"append": append, "newest": newest}


def path_of(name: str) -> str:
    """The file of a stream; its name cannot lead out of the folder."""
    if not NAME.match(name):
        raise ValueError(f"{name[:64]!r} is no name for a stream: lower-case letters, digits and _ only")
    return f"data/{name}.jsonl"


def make_room(place: Held) -> None:
    """Put a full file aside, in place of the one before."""
    try:
        full = os.stat(place.name, dir_fd=place.folder, follow_symlinks=False).st_size >= LARGEST
    except FileNotFoundError:
        return
    if full:
        aside = place.name.removesuffix(".jsonl") + ".1.jsonl"
        os.replace(place.name, aside, src_dir_fd=place.folder, dst_dir_fd=place.folder)


def write_whole(place: Held, data: bytes) -> None:
    """Append all of it, on a new line; where the disk refuses in the middle, the file is as it was."""
    flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_NONBLOCK
    descriptor = os.open(place.name, flags, 0o600, dir_fd=place.folder)
    try:
        before = os.fstat(descriptor).st_size
        if before and os.lseek(descriptor, before - 1, os.SEEK_SET) >= 0 and os.read(descriptor, 1) != b"\n":
            data = b"\n" + data  # a crash cut the last line off
        written = 0
        try:
            while written < len(data):
                written += os.write(descriptor, data[written:])
        except OSError:
            if written:
                os.ftruncate(descriptor, before)
            raise
    finally:
        os.close(descriptor)


def newest_of(stream: BinaryIO, count: int) -> list[Any]:
    """The last records, oldest first; a line that a crash cut off is passed over."""
    found: list[Any] = []
    for line in reversed(last_lines(stream, count)):
        if len(found) >= count:
            break
        try:
            found.append(json.loads(line))
        except (ValueError, RecursionError):
            continue
    return found[::-1]


def last_lines(stream: BinaryIO, count: int) -> list[bytes]:
    """Enough whole lines from the end, or all that there is room for."""
    size = stream.seek(0, os.SEEK_END)
    reach = CHUNK
    while True:
        stream.seek(max(0, size - reach))
        lines = stream.read(reach).split(b"\n")
        if reach >= size:
            return lines
        if reach >= TAIL or len(lines) > count + 2:  # the first is a part of one, the last is empty
            return lines[1:]
        reach *= 4
