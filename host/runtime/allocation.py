"""The C library's allocator: lupa takes from it, block by block, what a runtime with a memory limit uses."""

from __future__ import annotations

import ctypes
import sys
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
    if sys.platform != "linux":
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    return mallopt is not None and mallopt(_M_MXFAST, 0) == 1
