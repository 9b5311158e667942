"""What can be seen of a state, a page of one of its tables at a time."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class StateRow:
    """One entry of a table in a module's state.

    Attributes:
        key: the entry's key: text, number or boolean.
        kind: ``table``, ``string``, ``number``, ``boolean`` or ``bytes``.
        text: the value, clipped at 256 characters; of a table, its number of entries in words.
        editable: whether ``edit_state`` may put another value in its place, as the whole of it is in ``text``.
        children: how many entries it has; 0 for all but tables.
    """

    key: str | int | float | bool
    kind: str
    text: str
    editable: bool = False
    children: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class StatePage:
    """A part of one table of a module's state.

    Attributes:
        digest: changes when the state does.
        total: entries of the table.
        message: why there is nothing to show, one sentence; empty where there is.
    """

    digest: str
    total: int
    rows: tuple[StateRow, ...]
    message: str = ""
