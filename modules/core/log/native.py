"""The log's file: a JSON object a line, in files that take turns."""

import json
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any, BinaryIO

from host.lifecycle.native_data import Data, lenient
from host.trust.caller import Caller
from host.trust.gate import Gate

NAME = "log.jsonl"
MIB = 1 << 20


def functions(folder: Path, _gate: Gate) -> dict[str, Callable[..., Any]]:
    """What Lua finds in ``host.native``."""
    lines = Lines(folder)
    return {
        "caller": lambda caller: caller.name,
        "close": lines.close,
        "now": lambda _caller: time.monotonic(),
        "record": lines.record,
        "rotate": lines.rotate,
    }


class Lines:
    """The file that is written, and those before it: ``log.1.jsonl`` is the newest of them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._largest, self._files = 8 * MIB, 3
        self._stream: BinaryIO | None = None
        self._size = 0

    def rotate(self, _caller: Caller, mebibytes: float, files: float) -> bool:
        """Say how large one file may become, and how many there may be."""
        self._largest, self._files = int(mebibytes * MIB), int(files)
        return True

    def record(self, caller: Caller, level: str, tag: Data, text: Data, fields: Data) -> bool:
        """Write a line, or none of it where the disk refuses in the middle."""
        said = {"at": time.time(), "level": level, "module": caller.name, "tag": tag, "text": text, "fields": fields}
        line = json.dumps({key: lenient(value) for key, value in said.items() if value is not None}, ensure_ascii=False)
        data = line.encode() + b"\n"
        stream = self._opened(len(data))
        written = 0
        try:
            while written < len(data):
                written += stream.write(data[written:])
        except OSError:
            if written:
                stream.truncate(self._size)
            raise
        finally:
            if written < len(data):
                self.close()
        self._size += len(data)
        return True

    def close(self) -> None:
        if self._stream is not None:
            self._stream.close()
        self._stream = None

    def _opened(self, more: int) -> BinaryIO:
        if self._stream is not None and self._size + more > self._largest:
            self.close()
            self._turn()
        if self._stream is None:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._stream = (self._folder / NAME).open("ab+", buffering=0)
            self._size = self._stream.seek(0, 2)
            self._end_line()
        return self._stream

    def _end_line(self) -> None:
        """Begin on a new line, where a crash cut the last one off."""
        assert self._stream is not None  # noqa: S101 - it was just opened
        if self._size:
            self._stream.seek(self._size - 1)
            if self._stream.read(1) != b"\n":
                self._size += self._stream.write(b"\n")

    def _turn(self) -> None:
        """Let every file step back by one; the last one goes."""
        names = [NAME, *(f"log.{number}.jsonl" for number in range(1, self._files))]
        for newer, older in reversed(list(pairwise(names))):
            if (self._folder / newer).exists():
                (self._folder / newer).replace(self._folder / older)
        if len(names) == 1:
            (self._folder / NAME).unlink()
