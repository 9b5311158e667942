"""What a process that runs a module may ask of the kernel: to compute, to hear and to speak on the socket that it has.

Linux, on the machines below. Source: seccomp(2), bpf(4); the numbers are those of the kernel's own tables.
"""

from __future__ import annotations

import ctypes
import errno
import platform
from struct import Struct
from typing import Final

_X86_64: Final = (
    *(9, 10, 11, 12, 25, 28),  # mmap mprotect munmap brk mremap madvise
    *(44, 45),  # sendto recvfrom
    *(13, 14, 15, 38),  # rt_sigaction rt_sigprocmask rt_sigreturn setitimer
    *(96, 201, 228),  # gettimeofday time clock_gettime
    *(24, 39, 60, 186, 202, 231, 318, 334),  # sched_yield getpid exit gettid futex exit_group getrandom rseq
)
_AARCH64: Final = (
    *(214, 215, 216, 222, 226, 233),  # brk munmap mremap mmap mprotect madvise
    *(206, 207),  # sendto recvfrom
    *(134, 135, 139, 103),  # rt_sigaction rt_sigprocmask rt_sigreturn setitimer
    *(113, 169),  # clock_gettime gettimeofday
    *(93, 94, 98, 124, 172, 178, 278, 293),  # exit exit_group futex sched_yield getpid gettid getrandom rseq
)
_MACHINES: Final = {"x86_64": (0xC000003E, _X86_64), "aarch64": (0xC00000B7, _AARCH64)}
"""The number that the kernel's audit has for a machine, and the calls that may be made on it."""

_LOAD, _EQUAL, _RETURN = 0x20, 0x15, 0x06  # BPF_LD|W|ABS, BPF_JMP|JEQ|K, BPF_RET|K
_NUMBER_AT, _ARCH_AT = 0, 4
_ALLOW: Final = 0x7FFF0000
_REFUSE: Final = 0x00050000 | errno.EPERM
_INSTRUCTION: Final = Struct("=HBBI")
_PR_SET_SECCOMP, _FILTERED = 22, 2


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def refuse_other_calls() -> bool:
    """Have the kernel refuse all else for good; needs ``no_new_privs``. False where it cannot on this machine."""
    known = _MACHINES.get(platform.machine())
    if known is None:
        return False
    code = _program(*known)
    program = _Program(len(code) // _INSTRUCTION.size, code)
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    refused: int = prctl(_PR_SET_SECCOMP, _FILTERED, ctypes.byref(program), 0, 0)
    return refused == 0


def _program(arch: int, allowed: tuple[int, ...]) -> bytes:
    """Compare the machine, then the number of the call with one after another."""
    lines = [
        (_LOAD, 0, 0, _ARCH_AT),
        (_EQUAL, 1, 0, arch),
        (_RETURN, 0, 0, _REFUSE),
        (_LOAD, 0, 0, _NUMBER_AT),
        *((_EQUAL, len(allowed) - at, 0, number) for at, number in enumerate(allowed)),
        (_RETURN, 0, 0, _REFUSE),
        (_RETURN, 0, 0, _ALLOW),
    ]
    return b"".join(_INSTRUCTION.pack(*line) for line in lines)
