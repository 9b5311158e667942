"""What can be seen of a state, a page of one of its tables at a time."""

from __future__ import annotations

from msgspec import Struct

from host.vocabulary.views.history import Difference


class StateRow(Struct, frozen=True, kw_only=True):
    """One entry of a table in a module's state.

    Attributes:
        key: the entry's key: text, number or boolean.
        kind: ``table``, ``string``, ``number``, ``boolean`` or ``bytes``.
        text: the value, clipped at 256 characters; of a table, its number of entries in words.
        editable: whether ``edit_state`` may put another value in its place, as the whole of it is in ``text``.
        children: how many entries it has; 0 for all but tables.
        swap: what the last swap did to it: ``kept``, ``changed`` or ``added``; empty where it came later, or nobody
            knows.
        before: of a value that it changed, the one before, in a few words.
    """

    key: str | int | float | bool
    kind: str
    text: str
    editable: bool = False
    children: int = 0
    swap: str = ""
    before: str = ""


class StatePage(Struct, frozen=True, kw_only=True):
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


class LastSwap(Struct, frozen=True, kw_only=True):
    """What the swap that brought what runs did to the state.

    Attributes:
        at: seconds since the Unix epoch; 0.0 where there was none.
        kind: as in the history: ``swap``, ``reload``, ``rollback``, ``scratch`` or ``edit``.
        differences: between what the old one gave and what the new one had at once, the first 200.
        beyond: how many more there are.
        message: why the states are not compared, one sentence; empty where they are.
    """

    at: float = 0.0
    kind: str = ""
    from_version: str = ""
    to_version: str = ""
    differences: tuple[Difference, ...] = ()
    beyond: int = 0
    message: str = ""
