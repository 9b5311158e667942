"""Locks and counters that jobs share.

Whoever holds something is noted: what a job holds when it fails or is stopped, is given back.

Source: Go's ``sync``; the lock for readers and writers is fair, as P. J. Courtois, F. Heymans and D. L. Parnas'
third ("Concurrent control with readers and writers", 1971, and what followed).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Final

from host.jobs.waits import DONE, REFUSED, Answer, Wait, ended
from host.vocabulary.errors import HostError

LARGEST: Final = 1 << 53
"""Whole numbers that Lua tells apart."""


@dataclass(slots=True, eq=False)
class _Claim:
    """Who waits for something, how much of it, and whether to share it."""

    wait: Wait
    holder: Hashable
    shared: bool = False


class Lock:
    """Held by one, or shared by several that only read; first come, first served."""

    def __init__(self) -> None:
        self._writer: Hashable = None
        self._readers: list[Hashable] = []
        self._waiting: deque[_Claim] = deque()

    def try_take(self, holder: Hashable, *, shared: bool = False) -> bool:
        """Take it where it is free and nobody waits for it."""
        if self._waiting or not self._free(shared=shared):
            return False
        self._give(holder, shared=shared)
        return True

    def take(self, holder: Hashable, *, shared: bool = False) -> Wait:
        wait = Wait()
        self.take_for(wait, holder, shared=shared)
        return wait

    def take_for(self, wait: Wait, holder: Hashable, *, shared: bool = False) -> None:
        """Have a wait end when its holder has it."""
        wait.undo = lambda _answer: self._drop(holder, shared=shared)
        if self.try_take(holder, shared=shared):
            wait.end(DONE)
            return
        claim = _Claim(wait, holder, shared)
        self._waiting.append(claim)
        wait.withdraw = lambda: self._withdraw(claim)

    def release(self, *, shared: bool = False) -> None:
        """Give it back; anybody may.

        Raises:
            HostError: it is not held so.
        """
        if shared and self._readers:
            self._readers.pop()
        elif not shared and self._writer is not None:
            self._writer = None
        else:
            raise HostError("unlock of what nobody has locked")
        self._serve()

    def abandon(self, holder: Hashable) -> None:
        """Give back what somebody holds who is gone."""
        if self._writer == holder:
            self._writer = None
        self._readers = [each for each in self._readers if each != holder]
        self._serve()

    def held_by(self, holder: Hashable) -> bool:
        return self._writer is not None and self._writer == holder

    def _free(self, *, shared: bool) -> bool:
        return self._writer is None and (shared or not self._readers)

    def _give(self, holder: Hashable, *, shared: bool) -> None:
        if shared:
            self._readers.append(holder)
        else:
            self._writer = holder

    def _drop(self, holder: Hashable, *, shared: bool) -> None:
        if shared and holder in self._readers:
            self._readers.remove(holder)
        elif not shared and self._writer == holder:
            self._writer = None
        self._serve()

    def _withdraw(self, claim: _Claim) -> None:
        if claim in self._waiting:
            self._waiting.remove(claim)
        self._serve()

    def _serve(self) -> None:
        while self._waiting and self._free(shared=self._waiting[0].shared):
            claim = self._waiting.popleft()
            self._give(claim.holder, shared=claim.shared)
            claim.wait.end(DONE)


class Semaphore:
    """So many tokens."""

    def __init__(self, capacity: int) -> None:
        self.capacity: Final = capacity
        self._holders: list[Hashable] = []
        self._waiting: deque[_Claim] = deque()

    @property
    def available(self) -> int:
        return self.capacity - len(self._holders)

    def try_acquire(self, holder: Hashable) -> bool:
        if self._waiting or self.available <= 0:
            return False
        self._holders.append(holder)
        return True

    def acquire(self, holder: Hashable) -> Wait:
        wait = Wait()
        wait.undo = lambda _answer: self._drop(holder)
        if self.try_acquire(holder):
            wait.end(DONE)
            return wait
        claim = _Claim(wait, holder)
        self._waiting.append(claim)
        wait.withdraw = lambda: self._withdraw(claim)
        return wait

    def release(self, holder: Hashable) -> None:
        """Give a token back: one's own first, else anybody's.

        Raises:
            HostError: all are here.
        """
        if not self._holders:
            raise HostError("release of a semaphore that nobody has acquired")
        self._holders.remove(holder if holder in self._holders else self._holders[0])
        self._serve()

    def abandon(self, holder: Hashable) -> None:
        """Give back what somebody holds who is gone."""
        self._holders = [each for each in self._holders if each != holder]
        self._serve()

    def _drop(self, holder: Hashable) -> None:
        if holder in self._holders:
            self._holders.remove(holder)
        self._serve()

    def _withdraw(self, claim: _Claim) -> None:
        if claim in self._waiting:
            self._waiting.remove(claim)

    def _serve(self) -> None:
        while self._waiting and self.available > 0:
            claim = self._waiting.popleft()
            self._holders.append(claim.holder)
            claim.wait.end(DONE)


class Condition:
    """Waits for a signal, with a lock given back meanwhile."""

    def __init__(self, lock: Lock) -> None:
        self.lock: Final = lock
        self._waiting: deque[_Claim] = deque()

    def wait(self, holder: Hashable) -> Wait:
        """Give the lock back, wait to be woken, and take it again.

        Raises:
            HostError: the lock is not held by whoever waits.
        """
        if not self.lock.held_by(holder):
            raise HostError("wait on a condition whose mutex is not locked")
        claim = _Claim(Wait(), holder)
        self._waiting.append(claim)
        claim.wait.withdraw = lambda: self._waiting.remove(claim)
        self.lock.release()
        return claim.wait

    def wake(self, most: int) -> None:
        """Wake some of those who wait, the first first."""
        for _ in range(min(most, len(self._waiting))):
            claim = self._waiting.popleft()
            self.lock.take_for(claim.wait, claim.holder)


class WaitGroup:
    """Counts what is to be done, and is waited for until nothing is."""

    def __init__(self) -> None:
        self._count = 0
        self._waiting: list[Wait] = []

    def add(self, delta: int) -> None:
        """Count so many more.

        Raises:
            HostError: more would be done than was added; nothing is changed.
        """
        if self._count + delta < 0:
            raise HostError("a wait group is done more often than was added to it")
        self._count += delta
        if self._count == 0:
            waiting, self._waiting = self._waiting, []
            for wait in waiting:
                wait.end(DONE)

    def wait(self) -> Wait:
        if self._count == 0:
            return ended(DONE)
        wait = Wait()
        self._waiting.append(wait)
        wait.withdraw = lambda: self._waiting.remove(wait)
        return wait


class Once:
    """Lets the first who comes do something; the others wait until that is done."""

    def __init__(self) -> None:
        self._doer: Hashable = None
        self._done = False
        self._waiting: list[Wait] = []

    def begin(self, holder: Hashable) -> Wait:
        """Give whether it is to be done now by this one."""
        if self._done:
            return ended(REFUSED)
        if self._doer is None:
            self._doer = holder
            first = ended(DONE)
            first.undo = self._undo
            return first
        wait = Wait()
        self._waiting.append(wait)
        wait.withdraw = lambda: self._waiting.remove(wait)
        return wait

    def finish(self) -> None:
        """It is done, well or not."""
        self._done = True
        waiting, self._waiting = self._waiting, []
        for wait in waiting:
            wait.end(REFUSED)

    def abandon(self, holder: Hashable) -> None:
        """Whoever does it is gone: it counts as done, as in Go."""
        if self._doer == holder and not self._done:
            self.finish()

    def _undo(self, _answer: Answer) -> None:
        self.finish()


class Atomic:
    """A whole number that is read and changed as one."""

    def __init__(self, value: int) -> None:
        self.value = value

    def change(self, to: Callable[[int], int]) -> tuple[int, int]:
        """Change it; gives what it was and what it is.

        Raises:
            HostError: it would be too large; it is as it was.
        """
        before, after = self.value, to(self.value)
        if not -LARGEST <= after <= LARGEST:
            raise HostError("an atomic integer has at most 53 bits")
        self.value = after
        return before, after
