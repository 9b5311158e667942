"""All that a program started, wherever it went: by parents, by session, and by a mark among its variables.

Whoever leaves its parent and its session keeps its variables, unless it drops them as well. Without ``/proc`` there is
the program's session alone. Source: the cookies by which Jenkins ends what a build left behind.
"""

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

MARK = "EXEC_PROGRAM"  # the variable
PROCESSES = "/proc"
PARENT, SESSION, BEGAN = 1, 3, 19  # where they stand in a process's `stat`, counted from its state on


class Process(NamedTuple):
    """One that runs.

    Attributes:
        began: when, in ticks of the machine's clock.
    """

    pid: int
    parent: int
    session: int
    began: int


class Family:
    """A program that leads a session of its own, and all that it started.

    Args:
        leader: its number, while it runs.
        mark: what its variable ``MARK`` says, and that of no other.
    """

    def __init__(self, leader: int, mark: str) -> None:
        self._leader = leader
        self._mark = f"{MARK}={mark}".encode()
        found = look(str(leader))
        self._began = 0 if found is None else found.began

    def ask_to_end(self) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._leader, signal.SIGTERM)

    def end(self) -> None:
        """End all of them; each is stopped first, so that none starts another meanwhile."""
        found: set[int] = set()
        while new := self._members() - found:
            send(new, signal.SIGSTOP)
            found |= new
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._leader, signal.SIGKILL)
        send(found, signal.SIGKILL)

    def _members(self) -> set[int]:
        every = [each for each in running() if each.began >= self._began]
        found = {each.pid for each in every if each.session == self._leader or self._mark in variables(each.pid)}
        while more := {each.pid for each in every if each.parent in found} - found:
            found |= more
        return found


def running() -> Iterator[Process]:
    """All processes of this machine; none where nothing lists them."""
    with suppress(FileNotFoundError):
        for name in os.listdir(PROCESSES):  # noqa: PTH208 - hundreds of them: names alone, and no paths, in a third of the time
            found = look(name) if name.isdecimal() else None
            if found is not None:
                yield found


def look(name: str) -> Process | None:
    """A process that still does something."""
    state, *rest = read(f"{PROCESSES}/{name}/stat").rpartition(b")")[2].split() or [b"X"]
    if state in b"ZX":
        return None
    return Process(int(name), *(int(rest[place - 1]) for place in (PARENT, SESSION, BEGAN)))


def variables(pid: int) -> list[bytes]:
    """Those with which a process began; none where that is another user's."""
    return read(f"{PROCESSES}/{pid}/environ").split(b"\0")


def read(path: str) -> bytes:
    """What a file says, nothing where it is gone or closed."""
    try:
        with open(path, "rb", buffering=0) as stream:  # noqa: PTH123 - the same
            return stream.read()
    except OSError:
        return b""


def send(pids: set[int], which: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, which)
