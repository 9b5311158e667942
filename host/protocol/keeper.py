"""Keeps a headless engine running: the process that was started looks after its child, which is the engine.

The keeper is there before anything large is imported, and ends with the engine's status. Where no process can be
forked, as on Windows, the engine runs by itself and nobody looks.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
import socket
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from host.protocol.engine_process import exit_text
from host.protocol.hanging import Care, Ends, down_of, until_it_hangs
from host.protocol.lifesigns import EngineDown, EngineGivenUp

Line = socket.socket
"""A pair of them is between both: what the keeper sends, the engine sends back. It ends with either."""

_WANTED: Final = frozenset({signal.SIGINT, signal.SIGTERM})
"""What somebody ends a host with; the engine is told, and not started again where it ends by it."""
_PR_SET_PDEATHSIG: Final = 1


def keep(serve: Callable[[Line | None], int], data: Path, care: Care | None = None) -> int:
    """Run an engine in a child, and again where it dies or hangs, until it ends by itself.

    Args:
        serve: runs the engine, which calls :func:`answer`; without a line where nobody looks.
        data: the data folder, with the engine's marker.
        care: when what is done.

    Returns:
        The exit status: in the child that of ``serve``, else the engine's; 1 where it is given up.
    """
    if not hasattr(os, "fork"):
        return serve(None)
    care = care or Care()
    ends = Ends(care)
    while True:
        ours, theirs = socket.socketpair()
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # as the command line has it; a loop that closed left another
        _flush()
        keeper, pid = os.getpid(), os.fork()
        if pid == 0:
            ours.close()
            _end_with(keeper)
            return serve(theirs)
        theirs.close()
        with ours:
            status, fault = asyncio.run(_accompany(pid, ours, data, care))
        if not fault and status >= 0:
            return status
        if not fault and -status in _WANTED:
            _end_by(-status)
        how = f"ended by its keeper: {fault}" if fault else exit_text(status)
        down = down_of(how, data, frozenset({pid}))
        ends.add(time.monotonic())
        reason = ends.too_many()
        _tell(down, "" if reason else "; it is started again")
        if reason:
            _tell(EngineGivenUp(at=time.time(), reason=reason))
            return 1
        time.sleep(ends.pause())


def answer(line: Line, on_end: Callable[[], None]) -> None:
    """Have the running event loop answer the keeper; told where that ends first."""
    loop = asyncio.get_running_loop()
    line.setblocking(False)

    def send_back() -> None:
        with suppress(OSError):
            if asked := line.recv(64):
                line.send(asked)
                return
        loop.remove_reader(line)
        on_end()

    loop.add_reader(line, send_back)


async def _accompany(pid: int, line: Line, data: Path, care: Care) -> tuple[int, str]:
    """Live through one run of the engine: its status, as ``subprocess`` counts, and why it was ended, where it was."""
    loop = asyncio.get_running_loop()
    line.setblocking(False)
    for number in _WANTED:
        loop.add_signal_handler(number, _pass_on, pid, number)
    ended = asyncio.ensure_future(asyncio.to_thread(os.waitpid, pid, 0))
    hanging = asyncio.ensure_future(until_it_hangs(_asking(line), data, frozenset({pid}), care))
    first: set[asyncio.Future[Any]] = {ended, hanging}
    await asyncio.wait(first, return_when=asyncio.FIRST_COMPLETED)
    fault = hanging.result() if hanging.done() and not ended.done() else ""
    hanging.cancel()
    if fault:
        _pass_on(pid, signal.SIGKILL)
    _, status = await ended
    return os.waitstatus_to_exitcode(status), fault


def _asking(line: Line) -> Callable[[], Awaitable[bool]]:
    async def ask() -> bool:
        loop = asyncio.get_running_loop()
        try:
            await loop.sock_sendall(line, b"?")
            return bool(await loop.sock_recv(line, 64))
        except OSError:
            return False

    return ask


def _pass_on(pid: int, number: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)


def _end_with(keeper: int) -> None:
    """Have the kernel end this process with the keeper, however that ends; elsewhere the line's end does."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != keeper:
            os.kill(os.getpid(), signal.SIGKILL)


def _end_by(number: int) -> None:
    """End as the engine did, so that whoever started it sees why."""
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)


def _flush() -> None:
    """Write what was printed: else the child would print it, too."""
    sys.stdout.flush()
    sys.stderr.flush()


def _tell(change: EngineDown | EngineGivenUp, more: str = "") -> None:
    sys.stderr.write(f"theseus: {change}{more}\n")
    sys.stderr.flush()
