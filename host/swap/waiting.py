"""Events that arrive while their modules are paused: kept in one order for all of them, delivered once."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Final

from host.hooks.dispatch import Dispatch
from host.hooks.handler import Handler
from host.lifecycle.instance import Instance, Waited
from host.trust.caller import Calling
from host.vocabulary.errors import EventRefused, ModuleFault
from host.vocabulary.payload import FaultRecord, Payload, Shape

MOST: Final = 10_000
"""Events that wait for one module; what comes after is refused, and its emitter told."""

_FULL: Final = (b"full",)


class Waiting:
    """The queue of all modules of a swap: what waits for which, in the order in which it would have come.

    Attributes:
        delivered: how many events, by module.
        bounded: whether what comes when it is full is refused; not what was withheld, whose emitter was told yes.
    """

    def __init__(self, dispatch: Dispatch, queue: deque[Waited] | None = None) -> None:
        """Begin with an empty queue, or go on with one."""
        self.delivered: Final = Counter[str]()
        self.bounded = True
        self._dispatch = dispatch
        self._queue: deque[Waited] = deque() if queue is None else queue
        self._missed: list[Waited] = []
        self._waiting, self._refused, self._passed = Counter[str](), Counter[str](), Counter[str]()

    def stand_in_for(self, instances: Sequence[Instance]) -> None:
        """Have what some instances would answer taken in: once for each event and module."""
        table = self._dispatch.table
        for instance in instances:
            first: dict[str, Handler] = {}
            for handler in instance.in_order():
                first.setdefault(handler.event, handler)
            calling = instance.exchange.calling
            table = table.replacing(instance.name, [self._stand_in(handler, calling) for handler in first.values()])
        self._dispatch.table = table

    def precede(self, missed: Iterable[Waited]) -> None:
        """Have events delivered before all that waits."""
        self._missed.extend(missed)

    def take_over(self, instance: Instance) -> None:
        """Have what waits for an instance whose process ended wait here, in its place."""
        self._waiting[instance.name] += len(instance.held)
        self._queue.extend(instance.held)
        instance.held.clear()

    def deliver(self, serving: Sequence[Instance]) -> None:
        """Deliver what waits, and what comes in meanwhile, in order, while stand-ins still take in what comes.

        An event that nobody answers any more is dropped, as it would be had it come later. What is left when the
        process of its module ends waits with the instance.
        """
        by_name = {instance.name: instance for instance in serving}
        for missed in self._missed:
            self._tell(by_name[missed[0]], missed)
        left = 2 * MOST * len(by_name)
        while self._queue and left:
            waited = self._queue.popleft()
            self._waiting[waited[0]] -= 1
            self.delivered[waited[0]] += self._tell(by_name[waited[0]], waited)
            left -= 1

    def _tell(self, serving: Instance, waited: Waited) -> bool:
        if serving.runtime.dead:
            serving.held.append(waited)
            return False
        _, event, shape, payload, behalf = waited
        handlers = tuple(each for each in serving.in_order() if each.event == event)
        calling = serving.exchange.calling
        before, calling.behalf = calling.behalf, behalf
        try:
            self._dispatch.deliver(handlers, shape, payload)
        finally:
            calling.behalf = before
        return True

    def notes(self, owner: str) -> tuple[str, ...]:
        """A sentence each on events of a module that were left over or refused, and on filters that passed it by."""
        return tuple(self._notes(owner))

    def _notes(self, owner: str) -> Iterator[str]:
        if left := self._waiting[owner]:
            yield f"{left} event{_s(left)} left undelivered: each answer made another"
        if refused := self._refused[owner]:
            yield f"{refused} event{_s(refused)} refused, as {MOST:,} waited already; who emitted was told"
        if passed := self._passed[owner]:
            yield f"{passed} filter{_s(passed)} passed it by while it was paused"

    def _stand_in(self, handler: Handler, calling: Calling) -> Handler:
        return replace(
            handler,
            scalar=partial(self._take, handler, calling, None),
            packed=lambda payload, shape: self._take(handler, calling, shape, payload),
            answer=partial(self._answer, handler, calling),
            fields=lambda _names: None,
            begin=None,
            used=int,
            full=bool,
            fault=partial(_refusal, handler),
        )

    def _take(self, handler: Handler, calling: Calling, shape: Shape, payload: Payload) -> FaultRecord | None:
        owner = handler.owner
        if self.bounded and self._waiting[owner] >= MOST:
            self._refused[owner] += 1
            return _FULL
        self._waiting[owner] += 1
        self._queue.append((owner, handler.event, shape, payload, calling.behalf))
        return None

    def _answer(
        self, handler: Handler, calling: Calling, shape: Shape, payload: Payload, *rest: Shape | Payload
    ) -> tuple[None, None]:
        """Take a large event in, which comes by this way too; a filter, told by its further arguments, passes by."""
        if rest:
            self._passed[handler.owner] += 1
        elif (refused := self._take(handler, calling, shape, payload)) is not None:
            raise _refusal(handler, refused)
        return (None, None)


def _refusal(handler: Handler, _record: FaultRecord) -> ModuleFault:
    return EventRefused(handler.owner, handler.event, "too many wait", most=MOST)


def _s(count: int) -> str:
    return "" if count == 1 else "s"
