"""The prepared process: all that a runtime needs is imported and compiled, and each module's process forked from it.

Runs as ``python -m host.runtime.isolated.prepared DESCRIPTOR PARENT``: a socket to the engine, and the engine's number.
It has one thread and runs no code of any module. It ends with the engine, and its children with it.
"""

from __future__ import annotations

import errno
import gc
import os
import signal
import socket
import sys
import time
from contextlib import suppress
from importlib.resources import files
from select import POLLIN, poll
from typing import Final, NoReturn, cast

from host.runtime.crossing import Requests
from host.runtime.inprocess import Runtime
from host.runtime.isolated import messages
from host.runtime.isolated.channel import Channel
from host.runtime.isolated.confinement import confine, die_with, keep_only
from host.runtime.isolated.messages import ENDED, FORKED, NOTICE, OUT_OF_MEMORY, READY, REFUSED
from host.runtime.isolated.serving import Served
from host.runtime.parts import bytecode
from host.vocabulary.identity import ModuleKey
from host.vocabulary.manifest import Limits


def main() -> None:
    engine = socket.socket(fileno=int(sys.argv[1]))
    die_with(int(sys.argv[2]))
    _prepare()
    _Prepared(engine).run()


def _prepare() -> None:
    """Do once what each process would have to do; none of them can open a file."""
    for part in files("host.runtime").iterdir():
        if part.name.endswith(".lua"):
            bytecode(part.name.removesuffix(".lua"))
    time.localtime()  # reads the time zone, which os.date tells
    nobody = cast("Requests", None)  # nothing is asked before something of a module runs
    Runtime(ModuleKey("none", "0"), 0, Limits(), nobody, watched=False).close()
    gc.collect()
    gc.freeze()


class _Prepared:
    """Forks for the engine, and tells it how what was forked ended."""

    def __init__(self, engine: socket.socket) -> None:
        self._engine: Final = engine
        self._poll: Final = poll()
        self._poll.register(engine, POLLIN)
        self._children: dict[int, int] = {}

    def run(self) -> None:
        """Go on until the engine is gone."""
        self._engine.send(NOTICE.pack(READY, os.getpid(), 0))
        while True:
            for descriptor, _ in self._poll.poll():
                if descriptor != self._engine.fileno():
                    self._reap(descriptor)
                elif not self._asked():
                    self._end()
                    return

    def _asked(self) -> bool:
        """Fork with the socket that was sent; False where the engine is gone."""
        try:
            data, descriptors, _, _ = socket.recv_fds(self._engine, 1, 1)
        except ConnectionResetError:
            return False
        if not data:
            return False
        try:
            child, watched = _forked(descriptors)
        except OSError as error:
            self._tell(NOTICE.pack(REFUSED, 0, error.errno))
            return True
        self._children[watched] = child
        self._poll.register(watched, POLLIN)
        self._tell(NOTICE.pack(FORKED, child, 0), watched)
        return True

    def _tell(self, notice: bytes, *descriptors: int) -> None:
        with suppress(ConnectionError):  # the engine is gone, as the next look shows
            socket.send_fds(self._engine, [notice], descriptors)

    def _end(self) -> None:
        """Leave nothing behind, not even what others would have to reap."""
        for watched, child in self._children.items():
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(watched, signal.SIGKILL)
            os.waitpid(child, 0)

    def _reap(self, watched: int) -> None:
        self._poll.unregister(watched)
        child = self._children.pop(watched)
        _, status = os.waitpid(child, 0)
        os.close(watched)
        self._tell(NOTICE.pack(ENDED, child, status))


def _forked(descriptors: list[int]) -> tuple[int, int]:
    """Fork a process for the socket that was sent; its number, and what it is watched by.

    Raises:
        OSError: the system has no more processes or descriptors to give.
    """
    if not descriptors:  # there was no room for it
        raise OSError(errno.EMFILE, "")
    own = os.getpid()
    try:
        child = os.fork()
        if not child:
            _be_child(own, descriptors[0])
        try:
            return child, os.pidfd_open(child)
        except OSError:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            raise
    finally:
        os.close(descriptors[0])


def _be_child(parent: int, descriptor: int) -> NoReturn:
    """Serve one module; never returns."""
    status = 1
    try:
        die_with(parent)
        connection = socket.socket(fileno=keep_only(descriptor))
        channel = Channel(connection, messages.LONGEST_BEGIN)
        begin = messages.begin_of(channel.next())
        channel.largest = messages.largest_frame(begin.memory)
        confine(messages.room(begin.memory))
        Served(channel, begin).serve()
    except MemoryError:
        status = OUT_OF_MEMORY
    finally:
        os._exit(status)


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    main()
