"""Emit and filter: the whole meaning of a hook in one file."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Final, TypeAlias, TypeVar

from host.hooks.fielded import Entry
from host.hooks.handler import SAMPLE_EVERY, Handler
from host.hooks.table import HookTable
from host.hooks.together import Run
from host.vocabulary.errors import ModuleFault, NestedTooDeep
from host.vocabulary.payload import FaultRecord, Fields, Payload, Shape

LARGE: Final = 1 << 18
"""Bytes of arguments above which a runtime needs room made before it is entered."""
DEEPEST: Final = 40
"""Emissions, filters and calls inside each other; each level takes C stack of this thread."""

Heard: TypeAlias = Callable[[str, Shape, Payload | Fields], None]
_Crossing: TypeAlias = tuple[Shape, Payload]
_Told = TypeVar("_Told")
_Failed: TypeAlias = tuple[Handler, FaultRecord | ModuleFault]


class Dispatch:
    """Delivers events to the handlers in force.

    Attributes:
        table: assigned as a whole, at any time; an emission under way goes on with the one it began with.
        depth: emissions, filters and calls inside each other.
        heard: told of each event before it is delivered, where anybody hears them.
        filtering: told the name of each event by which a value is about to be filtered, where anybody wants it.
    """

    def __init__(self, cell: memoryview, on_fault: Callable[[Handler, ModuleFault], None]) -> None:
        """Prepare with an empty table.

        Args:
            cell: of the crash marker.
            on_fault: told of each handler that failed.
        """
        self.table = HookTable()
        self.depth = 0
        self.heard: Heard | None = None
        self.filtering: Callable[[str], None] | None = None
        self._listeners: tuple[Heard, ...] = ()
        self._cell = cell
        self._on_fault = on_fault
        self._rounds = 0

    def note_in(self, cell: memoryview) -> None:
        """Say in another cell from now on who is entered."""
        self._cell = cell

    def hear(self, listener: Heard) -> Callable[[], None]:
        """Tell somebody of each event before it is delivered; what is returned ends that."""
        self._listen((*self._listeners, listener))
        return lambda: self._listen(tuple(each for each in self._listeners if each is not listener))

    def _listen(self, listeners: tuple[Heard, ...]) -> None:
        self._listeners = listeners
        self.heard = listeners[0] if len(listeners) == 1 else partial(_tell_all, listeners) if listeners else None

    def emit(self, event: str, shape: Shape, payload: Payload | Fields) -> tuple[int, list[ModuleFault]]:
        """Deliver one event to all that answer it; each gets a copy of its own.

        Args:
            event: its name.
            shape: of the arguments, as in ``runtime.crossing.Crossing``.
            payload: the arguments; a small table may come by its fields, whatever the shape.

        Returns:
            How many answered without a fault, and the faults of the others.

        Raises:
            NestedTooDeep: nothing was delivered.
        """
        if self.heard is not None and self.depth < DEEPEST:
            self.heard(event, shape, payload)
        handlers = self.table.of(event)
        if not handlers:
            return 0, []
        if self.depth >= DEEPEST:
            raise NestedTooDeep(DEEPEST)
        self._rounds += 1
        before = self._cell[0]
        self.depth += 1
        try:
            failed = self._told(event, handlers, shape, payload)
        finally:
            self.depth -= 1
            self._cell[0] = before
        faults = [self._failed(handler, record) for handler, record in failed]
        return len(handlers) - len(faults), faults

    def deliver(self, handlers: tuple[Handler, ...], shape: Shape, payload: Payload) -> list[ModuleFault]:
        """Deliver an event that waited to some handlers, whatever the table says."""
        before = self._cell[0]
        try:
            return [self._failed(handler, record) for handler, record in self._sized(handlers, shape, payload)]
        finally:
            self._cell[0] = before

    def _told(
        self, event: str, handlers: tuple[Handler, ...], shape: Shape, payload: Payload | Fields
    ) -> list[_Failed]:
        timed = self._rounds % SAMPLE_EVERY == 0 or handlers[0].timing.wanted
        runs = self.table.together.of(event, handlers) if len(handlers) > 1 else ()
        if runs:
            return self._in_runs(runs, *(payload.packed() if isinstance(payload, Fields) else (shape, payload)))
        if isinstance(payload, Fields):
            entries = self.table.field_ways.of(event, handlers, payload.names)
            if entries:
                return self._fielded(_timed(entries, handlers) if timed else entries, payload)
            shape, payload = payload.packed()
        told = _timed(handlers, handlers) if timed else handlers
        if shape is None and type(payload) is not bytes:
            return self._plain(told, payload)
        return self._sized(told, shape, payload)

    def _plain(self, handlers: Iterable[Handler], value: Payload) -> list[_Failed]:
        """Hot: 0.04 µs a handler beside the call into Lua; measured against pluggy in ``make bench``.

        A way is looked up before it is called: ``handler.scalar(value)`` in one takes Python 0.02 µs longer, because it
        is the value of a slot and no method.
        """
        failed: list[_Failed] = []
        cell = self._cell
        for handler in handlers:
            cell[0] = handler.mark
            scalar = handler.scalar
            try:
                record = scalar(value)
            except Exception as error:  # noqa: BLE001 - here Lua is called; what is not of Lua is raised again
                record = handler.unforeseen(error)
            if record is not None:
                failed.append((handler, record))
        return failed

    def _sized(self, handlers: Iterable[Handler], shape: Shape, payload: Payload) -> list[_Failed]:
        """Hot: as above, and 0.03 µs for the look whether there is room for the argument."""
        failed: list[_Failed] = []
        cell = self._cell
        large = len(payload) > LARGE if type(payload) is bytes else False
        for handler in handlers:
            cell[0] = handler.mark
            used = handler.used
            try:
                if large or used() > handler.ceiling:
                    record = self._roomy(handler, shape, payload)
                elif shape is None:
                    scalar = handler.scalar
                    record = scalar(payload)
                else:
                    packed = handler.packed
                    record = packed(payload, shape)
            except Exception as error:  # noqa: BLE001 - as above
                record = handler.unforeseen(error)
            if record is not None:
                failed.append((handler, record))
        return failed

    def _fielded(self, entries: Iterable[Entry], fields: Fields) -> list[_Failed]:
        """Hot: a table of three fields takes 0.2 µs less for each handler than as bytes."""
        failed: list[_Failed] = []
        cell = self._cell
        values = fields.values
        for mark, used, ceiling, way, handler in entries:
            cell[0] = mark
            try:
                record = way(*values) if used() <= ceiling else self._roomy(handler, *fields.packed())
            except Exception as error:  # noqa: BLE001 - as above
                record = handler.unforeseen(error)
            if record is not None:
                failed.append((handler, record))
        return failed

    def _in_runs(self, runs: tuple[Run, ...], shape: Shape, payload: Payload) -> list[_Failed]:
        """Tell the handlers of each run at the same time, and one run after another."""
        failed: list[_Failed] = []
        for run in runs:
            failed += self._side_by_side(run, shape, payload) if len(run) > 1 else self._sized(run, shape, payload)
        return failed

    def _side_by_side(self, run: Run, shape: Shape, payload: Payload) -> list[_Failed]:
        """Begin all, then wait for all; the time of each is that from the end of the one before."""
        failed: list[_Failed] = []
        begun = []
        for handler in run:
            self._cell[0] = handler.mark
            assert handler.begin is not None  # noqa: S101 - that makes it one of several
            begun.append((handler, handler.begin(shape, payload)))
        for handler, ended in _timed(begun, run):
            self._cell[0] = handler.mark
            record = ended()
            if record is not None:
                failed.append((handler, record))
        return failed

    def _roomy(self, handler: Handler, shape: Shape, payload: Payload) -> FaultRecord | ModuleFault | None:
        """Enter a runtime that is nearly full, or with much: by the way that makes room."""
        if handler.full():
            return (b"memory", b"its memory is full")
        try:
            handler.answer(shape, payload)
        except ModuleFault as fault:
            return fault
        return None

    def filter(self, event: str, value: _Crossing, rest: _Crossing) -> tuple[_Crossing, list[ModuleFault]]:
        """Hand a value from one handler to the next; one that returns nothing, or fails, leaves it as it is.

        Args:
            event: its name.
            value: shape and payload of the value.
            rest: the same of what each handler gets beside it.

        Returns:
            Shape and payload of what the last one made of it, and the faults on the way.
        """
        if self.depth >= DEEPEST:
            raise NestedTooDeep(DEEPEST)
        if self.filtering is not None:
            self.filtering(event)
        self._rounds += 1
        handlers = self.table.of(event)
        timed = self._rounds % SAMPLE_EVERY == 0 or (bool(handlers) and handlers[0].timing.wanted)
        before = self._cell[0]
        self.depth += 1
        faults = []
        try:
            for handler in handlers:
                self._cell[0] = handler.mark
                start = time.perf_counter() if timed else 0.0
                try:
                    result = handler.answer(*value, *rest)
                except ModuleFault as fault:
                    faults.append(self._failed(handler, fault))
                else:
                    value = value if result == (None, None) else result
                if timed:
                    handler.timing.add(time.perf_counter() - start)
        finally:
            self.depth -= 1
            self._cell[0] = before
        return value, faults

    def _failed(self, handler: Handler, record: FaultRecord | ModuleFault) -> ModuleFault:
        # The frames of a fault that was raised hold the runtime, and are held by the list of faults.
        fault = record.with_traceback(None) if isinstance(record, ModuleFault) else handler.fault(record)
        self._on_fault(handler, fault)
        return fault


def _tell_all(listeners: tuple[Heard, ...], event: str, shape: Shape, payload: Payload | Fields) -> None:
    for listener in listeners:
        listener(event, shape, payload)


def _timed(told: Iterable[_Told], handlers: Iterable[Handler]) -> Iterator[_Told]:
    """Give one after another, and each one's handler the time until the next is asked for."""
    start = time.perf_counter()
    for each, handler in zip(told, handlers, strict=True):
        yield each
        end = time.perf_counter()
        handler.timing.add(end - start)
        start = end
