"""Values from other processes, looked at before any runtime of this one decodes them, and what they refer to."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any, Final

from lupa import luajit21

from host.runtime.crossing import LuaFunction
from host.runtime.parts import bytecode
from host.vocabulary.manifest import MIB
from host.vocabulary.payload import Payload, Shape

GROWTH: Final = 32
"""Bytes that one byte decodes to, at most: a key of one letter and a truth value are a node and a string."""
MOST_VALUES: Final = 250
"""That cross at once; Lua's own functions take no more arguments than that."""
MOST_REFERENCES: Final = 20_000
"""To functions that one module is known to have; the one it used least recently is forgotten first."""

Reference = tuple[int, int]
"""The owner's number, and the function's."""


class UnsoundError(Exception):
    """What was handed over is no value of any runtime's."""


class Customs:
    """Decodes what comes in a runtime of its own, with little more memory than an honest value needs."""

    def __init__(self) -> None:
        self._lua: Any = luajit21.LuaRuntime(
            encoding=None,
            register_eval=False,
            register_builtins=False,
            unpack_returned_tuples=True,
            max_memory=MIB,
        )
        self._look: LuaFunction = self._lua.execute(bytecode("isolated/customs"))

    def references(self, shape: Shape, payload: Payload) -> tuple[Reference, ...]:
        """The functions among values on their way.

        Raises:
            UnsoundError: they are not what their shape says.
        """
        if shape is None:
            return ()
        count = -shape - 1 if shape < 0 else shape
        if not isinstance(payload, bytes) or count > MOST_VALUES:
            raise UnsoundError
        self._lua.set_max_memory(self._lua.get_memory_used() + GROWTH * len(payload) + MIB)
        try:
            sound, found = self._look(payload, count, shape < 0)
        except luajit21.LuaError:
            raise UnsoundError from None
        if not sound:
            raise UnsoundError
        numbers = [int(each) for each in found.split()] if found else ()
        return tuple(zip(numbers[::2], numbers[1::2], strict=True))


class Known:
    """Functions of others that were handed to one module: it can call, and hand on, no other."""

    def __init__(self, serial: int) -> None:
        self._serial = serial
        self._known: OrderedDict[Reference, None] = OrderedDict()

    def learn(self, references: tuple[Reference, ...]) -> None:
        """Note what it is handed."""
        for reference in references:
            if reference[0] != self._serial:
                self._known[reference] = None
                self._known.move_to_end(reference)
                if len(self._known) > MOST_REFERENCES:
                    self._known.popitem(last=False)

    def has(self, reference: Reference) -> bool:
        """Whether the module may call it."""
        if reference in self._known:
            self._known.move_to_end(reference)
            return True
        return reference[0] == self._serial
