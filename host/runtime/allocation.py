"""The C library's allocator: lupa takes from it, block by block, what a runtime with a memory limit uses."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable
from functools import cache
from typing import Final

_M_MXFAST: Final = 1  # of <malloc.h>


@cache
def join_freed_blocks() -> bool:
    """Have glibc join freed small blocks with their neighbours at once; acts on the whole process, the first time.

    Otherwise it keeps those of up to 128 bytes in lists that all runtimes share, and what one runtime allocates in a
    row lies scattered among the blocks of all others: a table told to 100 modules takes a fifth longer.

    Source: mallopt(3), M_MXFAST.

    Returns:
        Whether the C library took it; only glibc has it.
    """
    mallopt = _of_glibc("mallopt")
    return mallopt is not None and mallopt(_M_MXFAST, 0) == 1


def give_back_freed() -> None:
    """Have glibc give whole free pages back to the system: runtimes that come and go leave holes between what stays.

    Takes below 1 ms. Source: malloc_trim(3).
    """
    trim = _of_glibc("malloc_trim")
    if trim is not None:
        trim(0)


@cache
def _of_glibc(name: str) -> Callable[..., int] | None:
    return getattr(ctypes.CDLL(None), name, None) if sys.platform == "linux" else None
