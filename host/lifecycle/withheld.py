"""Events that staged instances emit: nobody hears them unless what they are staged for comes to count."""

from __future__ import annotations

from typing import Final

from host.hooks.dispatch import Dispatch
from host.runtime.crossing import Crossing
from host.trust.caller import Caller, Calling

MOST: Final = 10_000
"""Events that are withheld in one swap; what comes after is refused, and its emitter told."""


class Withheld:
    """In the order in which they were emitted, each in the name in which it was.

    Attributes:
        open: whether there is anything staged whose events are to be taken in.
    """

    def __init__(self) -> None:
        self.open = False
        self._events: list[tuple[str, Crossing, Caller | None]] = []

    def take(self, event: str, crossing: Crossing, behalf: Caller | None) -> bool:
        """Take an event in; whether there was room for it."""
        if len(self._events) >= MOST:
            return False
        self._events.append((event, crossing, behalf))
        return True

    def begin(self) -> None:
        """Take in from now on."""
        self.open = True

    def drop(self) -> None:
        """Forget what was taken in, and take in no more."""
        self.open = False
        self._events.clear()

    def tell(self, dispatch: Dispatch, calling: Calling) -> None:
        """Emit what was taken in, and take in no more."""
        events, self._events, self.open = self._events, [], False
        before = calling.behalf
        try:
            for event, crossing, calling.behalf in events:
                dispatch.emit(event, *crossing)
        finally:
            calling.behalf = before
