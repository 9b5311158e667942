"""The engine's hold on the prepared process, and on each process that was forked from it.

Source: the fork server of Python's ``multiprocessing``, and Android's zygote.
"""

from __future__ import annotations

import asyncio
import errno
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final, Protocol

from host.runtime.isolated.messages import ENDED, FORKED, NOTICE, OUT_OF_MEMORY, READY, REFUSED
from host.vocabulary.errors import HostError

PREPARED: Final = "host.runtime.isolated.prepared"
START: Final = 20.0
"""Seconds within which the prepared process must have forked, though it is only starting."""
DYING: Final = 2.0
"""Seconds that the system may take to end a process that was killed."""
_ROOT: Final = str(Path(__file__).parents[3])
_KEPT: Final = ("LD_LIBRARY_PATH", "TZ")
"""Of the environment; all else, which may hold secrets, stays out of processes that run modules."""

_GONE: Final = (EOFError, ConnectionError, TimeoutError)
"""What is heard of a prepared process that has ended, or hangs."""

AVAILABLE: Final = sys.platform == "linux"


class Loop(Protocol):
    """What of an event loop is needed to hear a process that nobody waits for."""

    def add_reader(self, descriptor: int, callback: Callable[[], object], /) -> None: ...
    def remove_reader(self, descriptor: int, /) -> bool: ...


class Forked:
    """One process, known by a descriptor: its number may be another's by tomorrow.

    Attributes:
        pid: its number.
        connection: the socket that it serves.
    """

    def __init__(self, pid: int, watched: int, connection: socket.socket, server: ForkServer) -> None:
        self.pid: Final = pid
        self.connection: Final = connection
        self._watched = watched
        self._server = server
        self._poll: Final = select.poll()
        self._poll.register(watched, select.POLLIN)

    def kill(self) -> bool:
        """End it, whatever it does; whether it is gone."""
        if self._watched >= 0:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._watched, signal.SIGKILL)
        return self.gone(DYING)

    def gone(self, within_s: float = 0.0) -> bool:
        """Whether it has ended, by now or so soon."""
        return self._watched < 0 or bool(self._poll.poll(within_s * 1000))

    def status(self) -> int | None:
        """How it ended, as ``waitpid`` says; ``None`` where nobody knows."""
        return self._server.status(self.pid)

    def close(self) -> None:
        """Kill it, and let go of it."""
        self.kill()
        self.connection.close()
        if self._watched >= 0:
            os.close(self._watched)
        self._watched = -1
        self._server.forget(self.pid)


class ForkServer:
    """Starts the prepared process when it is first needed, and again where it is gone.

    Attributes:
        ready: whether it has said that it can fork.

    Raises, from ``fork``:
        HostError: no process can be had.
    """

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._socket: socket.socket | None = None
        self.ready = False
        self._ended: dict[int, int] = {}
        self._living: dict[int, Forked] = {}

    @property
    def pid(self) -> int:
        """Of the prepared process; 0 where there is none."""
        return self._process.pid if self._process is not None else 0

    def start(self) -> None:
        """Start it, unless it runs; returns before it is ready, what is asked meanwhile waits."""
        if self._process is not None and self._process.poll() is None:
            return
        self._end()
        if not AVAILABLE:
            raise HostError("modules get a process of their own on Linux only; load it as shared here")
        mine, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        environment = {name: value for name, value in os.environ.items() if name in _KEPT}
        with its:
            self._process = subprocess.Popen(
                [sys.executable, "-m", PREPARED, str(its.fileno()), str(os.getpid())],
                pass_fds=[its.fileno()],
                env={**environment, "PYTHONPATH": _ROOT},
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C in the terminal is for the engine
            )
        self._socket = mine

    async def until_ready(self, loop: Loop) -> None:
        """Start it, and let others run until it can fork, or is gone, which the next fork will see.

        Raises:
            HostError: there is none to be had.
        """
        self.start()
        while not self.ready and self._socket is not None:
            heard, descriptor = asyncio.Event(), self._socket.fileno()
            loop.add_reader(descriptor, heard.set)
            try:
                async with asyncio.timeout(START):
                    await heard.wait()
                self._read(time.monotonic() + DYING)
            except (OSError, EOFError):
                return
            finally:
                loop.remove_reader(descriptor)

    def fork(self) -> Forked:
        """Have a process forked."""
        try:
            try:
                return self._fork()
            except _GONE:  # and what was forked from it with it
                self._end()
                return self._fork()
        except (OSError, EOFError) as error:
            reason = getattr(error, "strerror", None) or "the process that forks them ended"
            raise HostError(f"no process of its own could be started ({reason.lower()}); nothing was changed") from None

    def status(self, pid: int) -> int | None:
        """How a process ended; waits a moment for the news of it."""
        until = time.monotonic() + DYING
        with suppress(OSError, EOFError):
            while pid in self._living.keys() - self._ended.keys() and time.monotonic() < until:
                self._read(until)
        return self._ended.get(pid)

    def forget(self, pid: int) -> None:
        """Nobody will ask how it ended."""
        self._living.pop(pid, None)
        self._ended.pop(pid, None)

    def close(self) -> None:
        """End the prepared process, and with it all that were forked from it."""
        for forked in list(self._living.values()):
            forked.close()
        self._end()

    def _end(self) -> None:
        if self._socket is not None:
            self._socket.close()
        if self._process is not None:
            try:
                self._process.wait(DYING)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._process = self._socket = None
        self.ready = False
        self._ended.clear()
        self._living.clear()  # whoever holds one of them will see that it is gone

    def _fork(self) -> Forked:
        self.start()
        mine, its = socket.socketpair()
        try:
            with its:
                assert self._socket is not None  # noqa: S101 - it was started
                socket.send_fds(self._socket, [b"f"], [its.fileno()])
            until = time.monotonic() + START
            while (found := self._read(until)) is None:
                pass
        except BaseException:
            mine.close()
            raise
        pid, watched = found
        self._living[pid] = Forked(pid, watched, mine, self)
        return self._living[pid]

    def _read(self, until: float) -> tuple[int, int] | None:
        """Take in one notice: a new process with what it is watched by, or how one ended."""
        if self._socket is None:
            raise EOFError
        self._socket.settimeout(max(0.001, until - time.monotonic()))
        data, descriptors, _, _ = socket.recv_fds(self._socket, NOTICE.size, 1, socket.MSG_CMSG_CLOEXEC)
        if not data:
            raise EOFError
        kind, pid, status = NOTICE.unpack(data)
        if kind == FORKED:
            if not descriptors:  # there was no room for it here; the process ends with its socket
                raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
            return pid, descriptors[0]
        if kind == REFUSED:
            raise OSError(status, os.strerror(status))
        self.ready = self.ready or kind == READY
        if kind == ENDED and pid in self._living:
            self._ended[pid] = status
        return None


def proportional_memory(pid: int) -> int:
    """Bytes that a process holds, of what it shares with others its part (PSS); 0 where nobody says."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines()
    except OSError:  # it is gone
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0)


def ending(status: int | None) -> tuple[bytes, bytes]:
    """The beginning of a fault's record: what kind, and how a process ended, in words."""
    if status is None:
        return b"ended", b"it is gone, and nothing tells why"
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        return b"ended", f"by signal {number} ({signal.strsignal(number)})".lower().encode()
    if os.WEXITSTATUS(status) == OUT_OF_MEMORY:
        return b"memory", b""
    return b"ended", f"by itself, with status {os.WEXITSTATUS(status)}".encode()
