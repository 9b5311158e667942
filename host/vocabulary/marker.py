"""The crash marker: who is being entered now, in memory that outlives the process.

The engine writes one number before it enters Lua. The page belongs to the file, so it is there for the next reader
however the engine ended: ``kill -9`` included, a power cut not.

The file: a header of 64 bytes, in which whoever ends an engine that is stuck notes the cell again; the cell; then slots
of 96 bytes with ``name NUL version`` in UTF-8, and in the last byte how many jobs of the module run on other threads.
"""

from __future__ import annotations

import mmap
import os
import struct
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from host.vocabulary.errors import StorageUnavailable
from host.vocabulary.identity import ModuleKey
from host.vocabulary.states import Phase

MARKER_NAME: Final = "engine.marker"
SLOTS: Final = 4096

_HEADER: Final = struct.Struct("<8sIIQd")  # magic, version, running, pid, started
_MAGIC: Final = b"THESEUS\n"
_VERSION: Final = 2
_RUNNING: Final = struct.Struct("<I")
_RUNNING_AT: Final = 12
_CELL: Final = struct.Struct("=Q")  # the machine's own order, as a memoryview writes it
_HUNG_AT: Final = 32
_CELL_AT: Final = 64
_SLOTS_AT: Final = 128
_SLOT_SIZE: Final = 96
_JOBS_AT: Final = _SLOT_SIZE - 1
_PHASES: Final = frozenset(map(int, Phase))
_SIZE: Final = _SLOTS_AT + SLOTS * _SLOT_SIZE


@dataclass(frozen=True, slots=True)
class MarkerReading:
    """What a marker said.

    Attributes:
        pid: of the engine that wrote it.
        running: whether that engine began and did not end cleanly; it may still be alive.
        started: seconds since the Unix epoch.
        module, version: who was being entered; empty where nobody was.
        phase: why.
        hung: whether the engine was ended because it was stuck there.
        jobs: modules that ran jobs on other threads.
    """

    pid: int
    running: bool
    started: float
    module: str = ""
    version: str = ""
    phase: Phase = Phase.REST
    hung: bool = False
    jobs: tuple[ModuleKey, ...] = ()

    @property
    def suspects(self) -> tuple[tuple[ModuleKey, Phase], ...]:
        """Who may have ended the engine: who was entered, and, unless it was stuck there, who ran jobs."""
        entered = ((ModuleKey(self.module, self.version), self.phase),) if self.module else ()
        jobs = () if self.hung else tuple((key, Phase.JOB) for key in self.jobs if key.name != self.module)
        return (*entered, *jobs)


@dataclass(frozen=True, slots=True)
class Entered:
    """Whose Lua is entered and why; nobody's where ``module`` is empty."""

    module: str = ""
    version: str = ""
    phase: Phase = Phase.REST


class Marker:
    """The writing side.

    Attributes:
        cell: one number, ``slot << 8 | phase``, 0 while no Lua runs; ``cell[0] = number`` takes 25 ns.
    """

    def __init__(self, memory: mmap.mmap | bytearray) -> None:
        """Begin a run in ``memory``, which has the size of the file and holds zeros."""
        self._memory = memory
        self._free: Final = list(range(SLOTS - 1, 0, -1))
        self.cell = _cell_of(memory)
        _HEADER.pack_into(memory, 0, _MAGIC, _VERSION, 1, os.getpid(), time.time())

    def slot(self, name: str, version: str) -> int:
        """Give an instance its number; 0, which names nobody, where all are taken."""
        if not self._free:
            return 0
        slot = self._free.pop()
        words = f"{name}\0{version}".encode()[:_JOBS_AT].ljust(_SLOT_SIZE, b"\0")
        at = _slot_at(slot)
        self._memory[at : at + _SLOT_SIZE] = words
        return slot

    def release(self, slot: int) -> None:
        """Take a number back; its words stay until it is given again."""
        if slot:
            self.jobs(slot, 0)
            self._free.append(slot)

    def jobs(self, slot: int, running: int) -> None:
        """Say how many jobs of an instance run on other threads now; from any of them."""
        self._memory[_slot_at(slot) + _JOBS_AT] = min(running, 0xFF)

    def entered(self) -> Entered:
        """Say who is being entered now; from any thread."""
        return _entered(self._memory, self.cell[0])

    def close(self) -> None:
        """Mark a clean end and leave the file; ``cell`` is another one from then on, which only this process sees."""
        self.cell[0] = 0
        _RUNNING.pack_into(self._memory, _RUNNING_AT, 0)
        memory, cell = self._memory, self.cell
        self._memory = bytearray(_SIZE)
        self.cell = _cell_of(self._memory)
        cell.release()
        if isinstance(memory, mmap.mmap):
            memory.close()


def open_marker(folder: Path) -> Marker:
    """Begin a new marker in a data folder; read the one before first, it is replaced.

    Raises:
        StorageUnavailable: the folder takes no such file; ``memory_marker`` does in its place.
    """
    file = folder / MARKER_NAME
    fresh = file.with_name(f"{MARKER_NAME}.new")
    try:
        # Written out, not only made long: a page without its place on a full disk would end the process when touched.
        fresh.write_bytes(bytes(_SIZE))
        with fresh.open("r+b") as handle:
            memory = mmap.mmap(handle.fileno(), _SIZE)
        fresh.replace(file)
    except OSError as error:
        raise StorageUnavailable(str(folder), f"{MARKER_NAME}: {(error.strerror or str(error)).lower()}") from error
    return Marker(memory)


def memory_marker() -> Marker:
    """Make a marker that only this process sees, for a folder that takes no file."""
    return Marker(bytearray(_SIZE))


def read_marker(file: Path) -> MarkerReading | None:
    """Read what a marker says, of this process, of another, or of one that is gone; ``None`` where there is none.

    Short and garbled files are none too.
    """
    try:
        content = file.read_bytes()
    except OSError:  # for a reader, no file and no access are the same: nothing is known
        return None
    if len(content) != _SIZE:
        return None
    magic, version, running, pid, started = _HEADER.unpack_from(content)
    if (magic, version) != (_MAGIC, _VERSION) or running > 1:
        return None
    (cell,) = _CELL.unpack_from(content, _CELL_AT)
    (hung,) = _CELL.unpack_from(content, _HUNG_AT)
    now = _entered(content, cell)
    is_hung = bool(now.module) and hung == cell
    at_work = content[_SLOTS_AT + _JOBS_AT :: _SLOT_SIZE]
    jobs = tuple(_key_in(content, slot) for slot in range(1, SLOTS) if at_work[slot]) if any(at_work) else ()
    return MarkerReading(pid, running == 1, started, now.module, now.version, now.phase, is_hung, jobs)


def mark_hung(file: Path, module: str) -> None:
    """Note that an engine is stuck in a module, for the next one; nothing where it is in another by now.

    Raises:
        OSError: the file cannot be written.
    """
    with file.open("r+b") as handle:
        content = handle.read()
        if len(content) < _CELL_AT + _CELL.size:  # cut off: it says nothing, and its next reader knows
            return
        (cell,) = _CELL.unpack_from(content, _CELL_AT)
        if _entered(content, cell).module == module:
            handle.seek(_HUNG_AT)
            handle.write(_CELL.pack(cell))


def _cell_of(memory: mmap.mmap | bytearray) -> memoryview:
    return memoryview(memory)[_CELL_AT : _CELL_AT + 8].cast("Q")


def _entered(content: bytes | bytearray | mmap.mmap, cell: int) -> Entered:
    slot, phase = cell >> 8, cell & 0xFF
    if slot >= SLOTS or phase not in _PHASES:
        return Entered()
    return Entered(*_key_in(content, slot), Phase(phase))


def _key_in(content: bytes | bytearray | mmap.mmap, slot: int) -> ModuleKey:
    at = _slot_at(slot)
    name, _, version = bytes(content[at : at + _JOBS_AT]).rstrip(b"\0").partition(b"\0")
    return ModuleKey(name.decode(errors="replace"), version.decode(errors="replace"))


def _slot_at(slot: int) -> int:
    return _SLOTS_AT + slot * _SLOT_SIZE
