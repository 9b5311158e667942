"""The C library's allocator: lupa takes from it, block by block, what a runtime with a memory limit uses."""

from __future__ import annotations

import ctypes
import sys
from functools import cache
from typing import Final

_M_MXFAST: Final = 1  # of <malloc.h>
_M_TRIM_THRESHOLD: Final = -1
_M_TOP_PAD: Final = -2
_M_MMAP_THRESHOLD: Final = -3
_MADV_HUGEPAGE: Final = 14  # of <linux/mman.h>

MANY: Final = 32
"""Runtimes of one process from which huge pages are worth what they round up to: memory is held by 2 MiB at a time."""
_HUGE: Final = 2 << 20
"""Bytes of a huge page."""
_ROOM: Final = 64 << 20
"""Bytes by which the heap grows at a time; the system gives memory for those only that are written."""
_MAPPED: Final = 4 << 20
"""Bytes from which a block lies outside the heap; without a word glibc would stay at 128 KiB once the room is set."""
_LARGEST: Final = _MAPPED - (1 << 16)


@cache
def join_freed_blocks() -> bool:
    """Have glibc join freed small blocks with their neighbours at once; acts on the whole process, the first time.

    Otherwise it keeps those of up to 128 bytes in lists that all runtimes share, and what one runtime allocates in a
    row lies scattered among the blocks of all others: a table told to 100 modules takes a fifth longer.

    Source: mallopt(3), M_MXFAST.

    Returns:
        Whether the C library took it; only glibc has it.
    """
    glibc = _glibc()
    return glibc is not None and glibc.mallopt(_M_MXFAST, 0) == 1


def ask_for_huge_pages(runtimes: int) -> bool:
    """Ask for pages of 2 MiB for what the heap gets next, where it is of many runtimes; before they are made.

    A hundred that are told the same touch more pages of 4 KiB than the processor keeps the places of. Takes 3 µs.

    Source: madvise(2), MADV_HUGEPAGE; mallopt(3), M_TOP_PAD.

    Args:
        runtimes: how many this process has, with those to come.

    Returns:
        Whether it was asked for, and the system has such pages; nothing else is different without.
    """
    glibc = _glibc()
    if glibc is None or runtimes < MANY:
        return False
    start = _roomy_from(glibc)
    glibc.free(glibc.malloc(_LARGEST))  # where the end of the heap has no room for it, the heap grows
    end: int = glibc.sbrk(0)
    return end <= start or bool(glibc.madvise(start, end - start, _MADV_HUGEPAGE) == 0)  # else it has shrunk since


def give_back_freed() -> None:
    """Have glibc give whole free pages back to the system: runtimes that come and go leave holes between what stays.

    Takes below 1 ms. Source: malloc_trim(3).
    """
    glibc = _glibc()
    if glibc is not None:
        glibc.malloc_trim(0)


@cache
def _roomy_from(glibc: ctypes.CDLL) -> int:
    """Have the heap grow by much at a time; gives the first huge page's place in what it grows by."""
    glibc.mallopt(_M_MMAP_THRESHOLD, _MAPPED)
    glibc.mallopt(_M_TRIM_THRESHOLD, 2 * _ROOM)
    glibc.mallopt(_M_TOP_PAD, _ROOM)
    end: int = glibc.sbrk(0)
    return -(-end // _HUGE) * _HUGE


@cache
def _glibc() -> ctypes.CDLL | None:
    library = ctypes.CDLL(None) if sys.platform == "linux" else None
    if library is None or not hasattr(library, "mallopt"):
        return None
    address, size = ctypes.c_void_p, ctypes.c_size_t
    library.malloc.restype, library.malloc.argtypes = address, (size,)
    library.free.restype, library.free.argtypes = None, (address,)
    library.sbrk.restype, library.sbrk.argtypes = address, (ctypes.c_ssize_t,)
    library.madvise.argtypes = (address, size, ctypes.c_int)
    library.malloc_trim.argtypes = (size,)
    return library
