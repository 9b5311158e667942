"""Events that arrive while their module is paused: kept in order, delivered once."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final

from host.hooks.dispatch import Dispatch
from host.hooks.handler import Handler
from host.hooks.table import HookTable
from host.vocabulary.payload import FaultRecord, Payload, Shape

MOST: Final = 10_000
"""Events that wait for one module; what comes after is refused, and its emitter told."""

_FULL = (b"error", b"the event was refused: too many wait for this module, which is being swapped")


@dataclass(slots=True)
class Waiting:
    """The queue of one paused module: event, shape and payload of each."""

    owner: str
    queue: deque[tuple[str, Shape, Payload]] = field(default_factory=deque)

    def standing_in(self, table: HookTable) -> HookTable:
        """Make the table in which one stand-in for each event of the module takes its events in."""
        first = {
            event: next(each for each in table.of(event) if each.owner == self.owner)
            for event in table.events.get(self.owner, ())
        }
        return table.replacing(self.owner, [self._stand_in(handler) for handler in first.values()])

    def deliver(self, dispatch: Dispatch, handlers: Callable[[str], tuple[Handler, ...]]) -> int:
        """Deliver what waits, and what comes in meanwhile, in order; gives how many events that were.

        An event that nobody answers any more is dropped, as it would be had it come later.
        """
        delivered = 0
        while self.queue and delivered < 2 * MOST:
            event, shape, payload = self.queue.popleft()
            dispatch.deliver(handlers(event), shape, payload)
            delivered += 1
        return delivered

    @property
    def notes(self) -> tuple[str, ...]:
        """A sentence where events were left over."""
        count = len(self.queue)
        return (
            (f"{count} event{'s' if count != 1 else ''} left undelivered: each answer made another",) if count else ()
        )

    def _stand_in(self, handler: Handler) -> Handler:
        return replace(
            handler,
            scalar=partial(self._take, handler.event, None),
            packed=lambda payload, shape: self._take(handler.event, shape, payload),
            answer=partial(self._answer, handler),
            fields=lambda _names: None,
            used=int,
            full=bool,
        )

    def _take(self, event: str, shape: Shape, payload: Payload) -> FaultRecord | None:
        if len(self.queue) >= MOST:
            return _FULL
        self.queue.append((event, shape, payload))
        return None

    def _answer(self, handler: Handler, shape: Shape, payload: Payload, *rest: Shape | Payload) -> tuple[None, None]:
        """Take a large event in, which comes by this way too; a filter, told by its further arguments, passes by."""
        if not rest and (refused := self._take(handler.event, shape, payload)) is not None:
            raise handler.fault(refused)
        return (None, None)
