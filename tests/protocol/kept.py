"""A small headless engine and its keeper, as two processes: the engine does in turn what is asked, then ends.

Usage: kept.py DATA WHAT..., each of ``hang``, ``die SIGNAL``, ``exit STATUS``, ``wait``: one run of the engine each.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
from pathlib import Path

from host.protocol.hanging import Care
from host.protocol.keeper import Line, answer, keep
from host.vocabulary.marker import open_marker
from host.vocabulary.states import Phase

QUICK = Care(ask_s=0.05, answer_s=0.3, look_s=0.02, pauses_s=(0.0, 0.0, 0.0))


def serve(line: Line | None) -> int:
    assert line is not None
    runs = data / "runs"
    before = runs.read_text().split() if runs.exists() else []
    runs.write_text(" ".join([*before, str(os.getpid())]))
    return asyncio.run(engine(line, asked[len(before)] if len(before) < len(asked) else "exit 0"))


async def engine(line: Line, what: str) -> int:
    ending = asyncio.Event()
    answer(line, ending.set)
    marker = open_marker(data)
    if what != "wait":
        marker.cell[0] = marker.slot("faulty", "0.3.0") << 8 | Phase.HOOK
    match what.split():
        case ["hang"]:
            re.match("(a+)+$", "a" * 60 + "b")  # with the interpreter's lock, as the worst of Lua
        case ["die", number]:
            os.kill(os.getpid(), int(number))
        case ["exit", status]:
            return int(status)
    os.write(1, b"waits\n")
    await ending.wait()
    return 0


data, asked = Path(sys.argv[1]), sys.argv[2:]
if __name__ == "__main__":
    sys.exit(keep(serve, data, QUICK))
