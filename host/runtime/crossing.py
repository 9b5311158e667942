"""How values stand between a runtime and Python, and what a module's Lua may ask of whoever holds it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final, NamedTuple, Protocol, TypeAlias

from host.runtime.codec import decode, decode_all, encode, encode_all, utf8
from host.vocabulary.errors import NotData
from host.vocabulary.payload import LARGEST_INT, FaultRecord, Fields, Payload, Shape
from host.vocabulary.views import PlainData

LuaFunction: TypeAlias = Callable[..., Any]
"""A function of Lua, as Python holds it."""
Answer: TypeAlias = tuple[Any, ...]
"""What Lua is told: ``True`` and values, or ``False`` and a sentence, which is missing where there is no room."""

MOST_FIELDS: Final = 6
"""Of a table that is handed over by its fields."""
LONGEST_FIELD: Final = 1000
"""Characters or bytes of each of them: together they fit into what is kept free in every runtime."""
_TEXTS: Final = frozenset({str, bytes})
_PLAIN: Final = _TEXTS | {bool, int, float}


class Crossing(NamedTuple):
    """Values on their way from one runtime to another, encoded at most once.

    ``shape`` is ``None`` where ``payload`` is the value itself (None, bool, number, bytes); n >= 0 where it is the
    bytes of n values; -(n + 1) where functions are among those n, as references.
    """

    shape: Shape
    payload: Payload

    @classmethod
    def of(cls, *values: PlainData) -> Crossing:
        """Encode Python values.

        Raises:
            NotData: what is no plain data, by its path.
        """
        if len(values) <= 1:
            value = values[0] if values else None
            if value is None or isinstance(value, (bool, float, bytes)):
                return cls(None, value)
            if isinstance(value, str):
                return cls(None, utf8(value))
            if isinstance(value, int) and -(1 << 53) <= value <= 1 << 53:
                return cls(None, value)
            return cls(1, encode(value))
        return cls(len(values), encode_all(values))

    def values(self) -> tuple[PlainData, ...]:
        """Decode to plain data.

        Raises:
            NotData: where a function is among the values; a reference means nothing outside Lua.
        """
        if self.shape is None:
            return (_plain(self.payload),)
        if self.shape < 0 or not isinstance(self.payload, bytes):
            raise NotData("the value", "a function, or holds one")
        if self.shape == 1:
            return (decode(self.payload),)
        return decode_all(self.payload, self.shape)

    def value(self) -> PlainData:
        """One value as itself, several as a tuple, none as ``None``."""
        values = self.values()
        return values[0] if len(values) == 1 else values or None


def _plain(scalar: Payload) -> PlainData:
    if not isinstance(scalar, bytes):
        return scalar
    try:
        return scalar.decode("utf-8")
    except UnicodeDecodeError:
        return scalar


def fields_of(value: PlainData) -> Fields | None:
    """Take a small table without tables in it apart; ``None`` for all else, which goes as bytes."""
    if type(value) is not dict or not 0 < len(value) <= MOST_FIELDS:
        return None
    values: list[Payload] = []
    for name, each in value.items():
        kind = type(each)
        if type(name) is not str or not name.isascii() or len(name) > LONGEST_FIELD or kind not in _PLAIN:
            return None
        if len(each) > LONGEST_FIELD if kind in _TEXTS else kind is int and not -LARGEST_INT <= each <= LARGEST_INT:
            return None
        values.append(utf8(each, f"value.{name}") if kind is str else each)
    return Fields(tuple(value), tuple(values), partial(Crossing.of, value))


class Ways(NamedTuple):
    """The ways into one Lua function; ``scalar`` and ``packed`` return ``None`` or a fault record.

    Attributes:
        scalar: takes one plain value.
        packed: takes bytes and their shape.
        answer: takes shape and payload, twice for a filter; gives ``(True, shape, payload)`` or ``(False, *record)``.
        fields: takes names as bytes; gives the way that takes the fields' values and makes a table of them.
        begin: takes shape and payload, begins the call and gives what waits for its end, as ``scalar`` does; ``None``
            where the function runs in this process.
    """

    scalar: Callable[[Payload], FaultRecord | None]
    packed: Callable[[Payload, int], FaultRecord | None]
    answer: LuaFunction
    fields: LuaFunction
    begin: Callable[[Shape, Payload], Callable[[], FaultRecord | None]] | None = None


class Ticket(int):
    """The number of an answer that is not there yet, in place of the answer."""


Step: TypeAlias = Crossing | Ticket | None
"""How a task gave control back: ended, waiting for an answer, or to let others go first."""
Wake: TypeAlias = tuple[bool | None, Shape | bytes, Payload]
"""What a task goes on with: ``True`` and what a crossing has; else bytes for what its wait raises, with ``False`` where
that was refused, and ``None`` where the task is cancelled."""


class Binding(NamedTuple):
    """An export of another module, found once to be called many times.

    Attributes:
        stands: whether the module that answers is still the one that was found.
        call: of a native function of that module, which answers without its Lua being entered: takes shape and payload,
            gives the answer, or ``None`` where the export has to be asked for anew; ``None`` for all other exports.
        brief: whether that takes some microseconds at most, but for what is large.
    """

    stands: Callable[[], bool]
    call: Callable[[Shape, Payload], tuple[Shape, Payload] | Ticket | None] | None
    brief: bool = False


class Requests(Protocol):
    """What a module's Lua may ask; refusals are HostErrors, which reach Lua as text."""

    def register(self, event: str, priority: float, ways: Ways) -> int: ...
    def unregister(self, registration: int) -> None: ...
    def export(self, name: str, answer: LuaFunction, native: str = "") -> int: ...
    def emit(self, event: str, crossing: Crossing) -> Crossing: ...
    def filter(self, event: str, value: Crossing, rest: Crossing) -> Crossing: ...
    def schedule(
        self, seconds: float, fire: Callable[[Payload], FaultRecord | None], *, repeating: bool
    ) -> int | None: ...
    def cancel(self, registration: int) -> bool: ...
    def show_panel(self, declared: bytes, answer: LuaFunction) -> int: ...
    def update_panel(self, panel: int, changes: bytes) -> None: ...
    def panel_value(self, panel: int, widget: str) -> Crossing: ...
    def log(self, level: str, text: str) -> None: ...
    def bug(self, request: str, error: Exception) -> None: ...
    def limited(self, limit: str) -> None: ...
    def dependency(self, name: str) -> str | None: ...
    def has_export(self, owner: str, name: str) -> bool: ...
    def bind(self, owner: str, name: str) -> Binding | None: ...
    def call_export(self, owner: str, name: str, crossing: Crossing) -> Crossing: ...
    def call_handed(self, serial: int, function: int, crossing: Crossing) -> Crossing: ...
    def begin_export(self, owner: str, name: str, crossing: Crossing) -> Crossing | Ticket: ...
    def begin_handed(self, serial: int, function: int, crossing: Crossing) -> Crossing | Ticket: ...
    def native(self, name: str, crossing: Crossing) -> Crossing | Ticket: ...
    def face(self, owner: str) -> bytes | None:
        """Text of the file of a core module that runs in the runtime of whoever needs that; ``None``: it has none."""
        ...

    def face_call(self, owner: str, name: str, arguments: tuple[Payload, ...]) -> Crossing | Ticket:
        """Ask the native part of a core module what its face asks."""
        ...

    def begin_task(self) -> int | None: ...
    def cancel_task(self, task: int) -> None: ...
    def join(self, task: int) -> Ticket: ...
    def sleep(self, seconds: float) -> Crossing | Ticket: ...
    def forget(self, ticket: int) -> None: ...
    def source(self, path: str) -> bytes | None: ...
    def asset(self, path: str) -> bytes: ...
