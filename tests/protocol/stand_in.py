"""A small engine that runs beside a window, with the real server and marker; asked to, it dies or hangs.

Usage: stand_in.py DATA [exit STATUS WORDS | silent]
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
import time
from pathlib import Path
from typing import Any

from host.protocol.beside import end_when_stuck, tell_ready, window_gone
from host.protocol.dispatch import Answer
from host.protocol.endpoint import choose_endpoint
from host.protocol.messages import PROTOCOL_VERSION, Hello
from host.protocol.server import Server
from host.vocabulary.marker import Marker, open_marker
from host.vocabulary.states import Phase
from host.vocabulary.views import PlainData


class StandIn:
    """Answers what a window asks at its start, and ``call``, which does what its test wants."""

    def __init__(self, data: Path, marker: Marker) -> None:
        self.data = data
        self.marker = marker
        self.slot = marker.slot("faulty", "0.3.0")
        self.end = asyncio.Event()

    async def hello(self) -> Hello:
        return Hello(protocol=PROTOCOL_VERSION, version="0", pid=os.getpid(), data=str(self.data))

    async def stop(self) -> None:
        self.end.set()

    async def call(self, name: str, function: str, args: list[PlainData]) -> PlainData:
        self.marker.cell[0] = (self.slot if name == "faulty" else 0) << 8 | (Phase.HOOK if name == "faulty" else 0)
        match function:
            case "die":
                os.kill(os.getpid(), args[0])
            case "hang":
                re.match("(a+)+$", "a" * 60 + "b")  # with the interpreter's lock, as the worst of Lua
            case "exit":
                os.write(1, b"said on stdout\n")
                os._exit(args[0])
            case "doze":
                time.sleep(args[0])  # noqa: ASYNC251 - that the loop stands still is what it is for
        return None


async def main(data: Path) -> None:
    gone = window_gone()
    marker = open_marker(data)
    stand_in = StandIn(data, marker)
    stuck = asyncio.ensure_future(end_when_stuck(float(os.environ.get("STUCK_S", "30"))))
    answers: dict[str, Answer] = {"hello": stand_in.hello, "stop": stand_in.stop, "call": stand_in.call}
    ends: set[asyncio.Future[Any]] = {gone, asyncio.ensure_future(stand_in.end.wait())}
    async with Server(answers, choose_endpoint(data), print):
        tell_ready()
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
    stuck.cancel()
    (data / "cleaned up").touch()
    marker.close()


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    match sys.argv[2:]:
        case ["exit", status, words]:
            sys.stderr.write(words)
            sys.exit(int(status))
        case ["silent"]:
            os.read(0, 1)
        case _:
            asyncio.run(main(folder))
