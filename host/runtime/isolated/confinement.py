"""What a process gives up before it runs a module: privileges, files, children, memory beyond its share.

Linux only. Source: prctl(2), setrlimit(2), close_range(2).
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
from typing import Final

from host.runtime.isolated.calls import refuse_other_calls

FREE: Final = 3
"""The lowest descriptor after the three that every process has."""

_PR_SET_PDEATHSIG: Final = 1
_PR_SET_NO_NEW_PRIVS: Final = 38
_SC_PAGE_SIZE: Final = os.sysconf("SC_PAGE_SIZE")

_prctl: Final = ctypes.CDLL(None, use_errno=True).prctl


def die_with(parent: int) -> None:
    """Have the system kill this process as soon as its parent is gone; end it where it is gone already."""
    _set(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(0)


def keep_only(descriptor: int) -> int:
    """Close every file but one, and put nothing in the place of the first three; gives the kept one's new number."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in range(FREE):
        os.dup2(nothing, standard)
    kept = FREE if descriptor == FREE else os.dup2(descriptor, FREE)
    os.closerange(FREE + 1, 1 << 20)
    return kept


def confine(memory: int) -> None:
    """Never be allowed more again than to compute: no new file or socket, no child, no privilege.

    Args:
        memory: bytes of address space that may come on top of what this process has now.
    """
    _set(_PR_SET_NO_NEW_PRIVS, 1)
    with open("/proc/self/statm", "rb") as status:  # noqa: PTH123 - 0.1 ms less in each process
        size = int(status.read().split()[0]) * _SC_PAGE_SIZE
    for limit, most in (
        (resource.RLIMIT_AS, size + memory),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_NOFILE, 0),
    ):
        hard = resource.getrlimit(limit)[1]
        given = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(limit, (given, given))
    refuse_other_calls()  # where the kernel and the machine have it; the limits above hold anyway


def _set(option: int, value: int) -> None:
    if _prctl(option, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), f"prctl {option}")
