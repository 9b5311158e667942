"""A wait: for something that another job, or the module, does later."""

from __future__ import annotations

from collections.abc import Callable

from host.runtime.crossing import Crossing
from host.vocabulary.errors import HostError

Answer = Crossing | HostError
"""What a wait ends with: a value, or what it raises."""

DONE = Crossing(None, True)
REFUSED = Crossing(None, False)
NOTHING = Crossing(None, None)


class Wait:
    """Ends once; whoever changes it holds the lock of its scope.

    Attributes:
        answer: what it ended with.
        withdraw: takes it out of whatever it waits in; called where it is given up before it ended.
        tidy: takes it out of what else it waits in; called when it ends.
        undo: takes an answer back that nobody has got: it is given up after it ended.
    """

    __slots__ = ("_told", "answer", "tidy", "undo", "withdraw")

    def __init__(self) -> None:
        self.answer: Answer | None = None
        self.withdraw: Callable[[], None] = _nothing
        self.tidy: Callable[[], None] = _nothing
        self.undo: Callable[[Answer], None] = _no_undo
        self._told: Callable[[], None] | None = None

    def end(self, answer: Answer) -> None:
        """End it; nothing where it has ended."""
        if self.answer is None:
            self.answer = answer
            self.tidy()
            self.tidy = self.withdraw = _nothing
            if self._told is not None:
                self._told()

    def then(self, told: Callable[[], None]) -> None:
        """Have somebody told of its end; at once where it has ended."""
        self._told = told
        if self.answer is not None:
            told()

    def give_up(self) -> None:
        """Have nobody wait for it any more."""
        self._told = None
        if self.answer is None:
            self.withdraw()
            self.answer = NOTHING
        else:
            self.undo(self.answer)


def ended(answer: Answer) -> Wait:
    """A wait that is over."""
    wait = Wait()
    wait.end(answer)
    return wait


def _nothing() -> None:
    """Be in no queue."""


def _no_undo(_answer: Answer) -> None:
    """Lose nothing by it."""
