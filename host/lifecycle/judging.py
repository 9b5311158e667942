"""Inside the process that judges settings: a line of JSON with a schema and settings, and a line with their faults.

Runs as ``python -m host.lifecycle.judging SECONDS``, and ends with its input, or by SIGPROF where one question takes
more of its processor's time than that.
"""

from __future__ import annotations

import json
import signal
import sys
from contextlib import suppress
from dataclasses import astuple
from typing import Final

from host.lifecycle.faults import faults

MEMORY: Final = 1 << 30
"""Bytes of address space."""


def main() -> None:
    _confine()
    longest = float(sys.argv[1])
    faults({}, {})  # what that imports takes longer than most questions
    _say([])
    for line in sys.stdin.buffer:
        _within(longest)
        schema, settings = json.loads(line)
        _say([astuple(fault) for fault in faults(schema, settings)])
        _within(0)


def _say(answer: object) -> None:
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n")
    sys.stdout.buffer.flush()


def _within(seconds: float) -> None:
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_PROF, seconds)


def _confine() -> None:
    with suppress(ImportError):  # as on Windows
        import resource  # noqa: PLC0415 - not there everywhere

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    with suppress(MemoryError):  # who asked sees the end
        main()
