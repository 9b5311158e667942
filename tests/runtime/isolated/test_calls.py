"""The filter of system calls, for each machine that it knows: run as the kernel would, against published numbers."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

from host.runtime.isolated import calls

NUMBERS: Final = {
    "brk": (12, 214),
    "clock_gettime": (228, 113),
    "exit": (60, 93),
    "exit_group": (231, 94),
    "futex": (202, 98),
    "getpid": (39, 172),
    "getrandom": (318, 278),
    "gettid": (186, 178),
    "gettimeofday": (96, 169),
    "madvise": (28, 233),
    "mmap": (9, 222),
    "mprotect": (10, 226),
    "mremap": (25, 216),
    "munmap": (11, 215),
    "recvfrom": (45, 207),
    "rseq": (334, 293),
    "rt_sigaction": (13, 134),
    "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139),
    "sched_yield": (24, 124),
    "sendto": (44, 206),
    "setitimer": (38, 103),
}
"""Of x86-64 (which has ``time``, 201, too) and ARM64. Source: the headers below, of Debian's linux-libc-dev 6.1.187."""
HEADERS: Final = {
    "x86_64": "/usr/include/x86_64-linux-gnu/asm/unistd_64.h",
    "aarch64": "/usr/include/asm-generic/unistd.h",  # which is all that the one of ARM64 includes
}
ARCHITECTURES: Final = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
"""Source: ``linux/audit.h``: the machine of ELF (62, 183), 64 bits, least byte first."""
X32: Final = 0x40000000
ALLOWED, REFUSED = 0x7FFF0000, 0x00050001
HIGHEST: Final = 1024

_DEFINED = re.compile(r"#define __NR(?:3264)?_(\w+)\s+(\d+)$", re.MULTILINE)


def expected(machine: str) -> dict[str, int]:
    column = list(ARCHITECTURES).index(machine)
    return {name: both[column] for name, both in NUMBERS.items()} | ({"time": 201} if machine == "x86_64" else {})


def verdict(machine: str, number: int, architecture: int) -> int:
    """Run the filter: of the instructions of classic BPF those that it has."""
    arch, allowed = calls._MACHINES[machine]  # noqa: SLF001 - the table is what is tested
    code = list(calls._INSTRUCTION.iter_unpack(calls._program(arch, allowed)))  # noqa: SLF001 - and its program
    data, at, held = {0: number, 4: architecture}, 0, 0
    while True:
        operation, if_so, if_not, value = code[at]
        at += 1
        match operation:
            case 0x20:
                held = data[value]
            case 0x15:
                at += if_so if held == value else if_not
            case 0x06:
                return int(value)
            case _:
                raise AssertionError(operation)


@pytest.mark.parametrize("machine", ARCHITECTURES)
def test_just_the_calls_that_a_module_needs_are_allowed(machine: str) -> None:
    architecture = ARCHITECTURES[machine]
    said = {number: verdict(machine, number, architecture) for number in range(HIGHEST)}
    assert {number for number, each in said.items() if each == ALLOWED} == set(expected(machine).values())
    assert set(said.values()) == {ALLOWED, REFUSED}


@pytest.mark.parametrize("machine", ARCHITECTURES)
def test_no_call_is_allowed_by_the_numbers_of_another_machine(machine: str) -> None:
    for architecture in {*ARCHITECTURES.values(), 0x40000003, 0x40000028} - {ARCHITECTURES[machine]}:
        assert {verdict(machine, number, architecture) for number in range(HIGHEST)} == {REFUSED}
    numbers = [number | X32 for number in range(HIGHEST)]
    assert {verdict(machine, number, ARCHITECTURES[machine]) for number in numbers} == {REFUSED}


@pytest.mark.parametrize("machine", HEADERS)
def test_the_numbers_are_those_of_the_kernels_headers(machine: str) -> None:
    header = Path(HEADERS[machine])
    if not header.is_file():
        pytest.skip(f"{header} is not installed")
    defined = {name: int(number) for name, number in _DEFINED.findall(header.read_text())}
    assert {name: defined[name] for name in expected(machine)} == expected(machine)
