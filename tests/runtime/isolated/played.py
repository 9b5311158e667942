"""A process whose part a test plays: what it is to say lies ready, and a real process stands for it."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from host.runtime.isolated import messages
from host.runtime.isolated.conversation import Crowd
from host.runtime.isolated.customs import Customs
from host.runtime.isolated.fork_server import Forked, ForkServer
from host.runtime.isolated.runtime import IsolatedRuntime
from host.vocabulary.errors import ModuleFault
from host.vocabulary.identity import ModuleKey
from host.vocabulary.manifest import MIB, Limits
from tests.runtime.surroundings import Surroundings

SERIAL: Final = 7


class Played:
    """The engine's hold on it, and the other end.

    Attributes:
        ends: what the engine was told of its end.
    """

    def __init__(self, process: subprocess.Popen[bytes], call: float) -> None:
        mine, self.its = socket.socketpair()
        self.process: Final = process
        self.around: Final = Surroundings({}, {})
        self.ends: Final[list[ModuleFault | None]] = []
        self.crowd: Final = Crowd()
        self._customs: Final = Customs()
        forked = Forked(process.pid, os.pidfd_open(process.pid), mine, ForkServer())
        limits = Limits(memory=MIB, call=call)
        key = ModuleKey("m", "1.0.0")
        self.runtime: Final = IsolatedRuntime(
            key, SERIAL, limits, self.around, forked, self._customs, self.crowd, self.ends.append
        )

    def says(self, *said: messages.Said) -> None:
        """Have it say something, in answer to whatever it will be asked."""
        for each in said:
            self.sends(messages.encode(each))

    def sends(self, data: bytes) -> None:
        """Have it send any bytes as a frame."""
        self.its.sendall(len(data).to_bytes(4, "big") + data)


@contextmanager
def played(call: float = 5.0) -> Iterator[Played]:
    """Play one, to its end."""
    with subprocess.Popen(["sleep", "60"]) as process:
        part = Played(process, call)
        try:
            yield part
        finally:
            part.runtime.close()
            part.its.close()
            process.kill()
