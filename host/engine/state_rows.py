"""A value of a state in a few words, and the entries of a table in their order."""

from __future__ import annotations

from typing import Final

from host.runtime.faults import printable
from host.vocabulary.views import PlainData, StateRow

CLIPPED: Final = 256
"""Characters, or bytes, of a value that are shown."""


def count_text(count: int) -> str:
    """How many entries a table has, in words."""
    return f"{count} entr{'y' if count == 1 else 'ies'}"


def entries(value: PlainData) -> list[tuple[PlainData, PlainData]]:
    """Entries of a table, its numbers first, then its words; Lua's lists begin at 1."""
    if isinstance(value, list):
        return list(enumerate(value, 1))
    if isinstance(value, dict):
        return sorted(value.items(), key=lambda item: (isinstance(item[0], str), str(item[0])))
    return []


def state_row(key: PlainData, value: PlainData) -> StateRow:
    """One entry of a table as it is shown."""
    shown = printable(key.decode("utf-8", "replace")) if isinstance(key, bytes) else key
    if isinstance(value, (list, dict)):
        return StateRow(key=shown, kind="table", text=count_text(len(value)), children=len(value))
    if isinstance(value, bool):
        return StateRow(key=shown, kind="boolean", text="true" if value else "false", editable=True)
    if isinstance(value, (int, float)):
        return StateRow(
            key=shown, kind="number", text=f"{value:.14g}" if isinstance(value, float) else str(value), editable=True
        )
    if isinstance(value, bytes):
        return StateRow(key=shown, kind="bytes", text=value[:CLIPPED].hex(" "))
    text = printable(str(value)[:CLIPPED])
    return StateRow(key=shown, kind="string", text=text, editable=text == value)
