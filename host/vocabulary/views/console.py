"""What text of a console gave, and how it could go on."""

from __future__ import annotations

from msgspec import Struct


class ValueRow(Struct, frozen=True, kw_only=True):
    """A value, with what is in it as far as it is shown.

    Attributes:
        key: where it stands in the table around it: a name, or ``[1]``; empty for a result itself.
        kind: of the value, as Lua's ``type`` says, or ``bytes``.
        text: the value, clipped at 256 bytes; of a function of the module's, where it stands; of a table within
            itself, ``itself``.
        entries: of a table, how many it has.
        rows: those that are shown: 200 of one table, 2,000 in all, 6 levels.
    """

    key: str
    kind: str
    text: str = ""
    entries: int = 0
    rows: tuple[ValueRow, ...] = ()


class Evaluation(Struct, frozen=True, kw_only=True):
    """What the text gave, how long it ran, in seconds, and the lines that the module logged meanwhile, the last 200."""

    results: tuple[ValueRow, ...]
    seconds: float
    printed: tuple[str, ...] = ()


class Completion(Struct, frozen=True, kw_only=True):
    """A name that the text could go on with, and what Lua's ``type`` says of its value."""

    name: str
    kind: str
