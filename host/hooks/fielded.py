"""The ways into handlers for events that are one small table, by what its fields are called."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

from host.hooks.handler import FieldWay, Handler
from host.vocabulary.payload import Names

FREQUENT: Final = 8
"""Events of one form after which ways are made for it: that takes 10 µs for each handler."""
MOST_FORMS: Final = 100
"""For which there are ways; where a table's fields are called by what it is about, no form comes often."""

_Form: TypeAlias = tuple[str, Names]


Entry: TypeAlias = tuple[int, Callable[[], int], int, FieldWay, Handler]
"""Mark, ``used``, ceiling and way of a handler, and it: what each call needs lies together, for the processor's cache.

A plain tuple: Python takes one of a named class apart with an iterator, 0.05 µs for each handler.
"""


class FieldWays:
    """The inline cache of one table of handlers: their ways by event and form, made for a form that comes often.

    Source: Deutsch and Schiffman, "Efficient implementation of the Smalltalk-80 system" (1984).
    """

    __slots__ = ("_seen", "_ways")

    def __init__(self) -> None:
        self._ways: dict[_Form, tuple[Entry, ...] | None] = {}
        self._seen: dict[_Form, int] = {}

    def of(self, event: str, handlers: tuple[Handler, ...], names: Names) -> tuple[Entry, ...] | None:
        """Give all handlers of an event with their ways; ``None`` where the event goes as bytes."""
        form = (event, names)
        if form in self._ways:
            return self._ways[form]
        if len(self._seen) >= MOST_FORMS:
            self._seen.clear()
        self._seen[form] = self._seen.get(form, 0) + 1
        if self._seen[form] < FREQUENT or len(self._ways) >= MOST_FORMS:
            return None
        entries = tuple(
            (handler.mark, handler.used, handler.ceiling, way, handler)
            for handler in handlers
            if (way := handler.fields(names))
        )
        self._ways[form] = entries if len(entries) == len(handlers) else None
        return self._ways[form]
