"""What jobs share, by number, for as long as somebody has it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final, TypeVar

from host.jobs.channels import Channel
from host.jobs.held import Held
from host.jobs.locks import Lock, Once, Semaphore
from host.runtime.crossing import Crossing
from host.vocabulary.errors import HostError
from host.vocabulary.payload import Payload

T = TypeVar("T")

MODULE: Final = 0
"""Who holds what the module itself holds; jobs have numbers from 1."""
MOST: Final = 100_000
"""Channels, locks and the like of one module."""


class Things:
    """Channels, locks and the like, and who holds each; changed with the lock of the scope held.

    The face tells when the runtime of the module, or of a job, has no object of a thing any more; what a job was given
    or made is let go when it ends. What went over a channel may be anywhere, and is kept for good.
    """

    def __init__(self, owner: str, number: Callable[[], int], held: Held) -> None:
        """Begin with none.

        Args:
            owner: the core module, which a refusal names.
            number: gives a number that nothing else in the scope has.
            held: counts what is in channels.
        """
        self._owner = owner
        self._number = number
        self.held: Final = held
        self._things: dict[int, object] = {}
        self._holders: dict[int, set[int]] = {}
        self._held: dict[int, list[int]] = {}
        self._for_good: set[int] = set()

    def add(self, thing: object, holder: int) -> Crossing:
        """Keep something for whoever made it: its number.

        Raises:
            HostError: there are too many.
        """
        if len(self._things) >= MOST:
            raise HostError(f"more than {MOST:,} channels, locks and the like; make them once, and keep them")
        number = self._number()
        self._things[number] = thing
        self.hold(holder, (number,))
        return Crossing(None, number)

    def get(self, kind: type[T], number: Payload) -> T:
        """Give something by its number.

        Raises:
            HostError: it is not there.
        """
        thing = self._things.get(number) if isinstance(number, int) else None
        if thing is None or not isinstance(thing, kind):
            name = kind.__name__.lower()
            raise HostError(f"this {name} is gone: {self._owner} was swapped meanwhile; make a new one")
        return thing

    def hold(self, holder: int, numbers: Iterable[int]) -> None:
        """Keep things for one more."""
        for number in numbers:
            self._holders.setdefault(number, set()).add(holder)
            if holder != MODULE:
                self._held.setdefault(holder, []).append(number)

    def keep(self, numbers: tuple[int, ...]) -> None:
        """Keep things for good: they went where nobody sees who has them."""
        self.hold(MODULE, numbers)
        self._for_good.update(numbers)

    def let_go(self, numbers: Iterable[int], holder: int) -> None:
        """Forget things that a holder has let go of, where no other has them."""
        for number in numbers:
            holders = self._holders.get(number)
            if holders is None or number in self._for_good:
                continue
            holders.discard(holder)
            if not holders:
                del self._holders[number]
                thing = self._things.pop(number, None)
                if isinstance(thing, Channel):
                    thing.drop()

    def job_ended(self, job: int, *, well: bool) -> None:
        """Let go of what a job had; where it did not end well, free what it held locked."""
        held = self._held.pop(job, ())
        if not well:
            for number in {*held, *self._for_good}:
                thing = self._things.get(number)
                if isinstance(thing, (Lock, Semaphore, Once)):
                    thing.abandon(job)
        self.let_go(held, job)

    def clear(self) -> None:
        """Forget all."""
        self._things.clear()
