"""Lists: as one value, and item by item, so that to push, to pop and to count takes the same time however long one is.

In the database, a list that was pushed to is a mark in place of its value, with a number, and a row for each item under
that number. Whatever replaces the mark leaves the items behind, which are swept later.
"""

import secrets
import sqlite3

from host.lifecycle.native_data import Data
from host.runtime.codec import decode, encode, encode_list

from .keys import shown
from .store import Step

LARGEST_TAKEN_APART = 1 << 18  # bytes of a list, or of what is compared: each call takes all of it apart
MOST_ITEMS = 100_000  # a look at all of them takes 0.1 s, which nothing interrupts
LARGEST_WHOLE = 16 << 20  # bytes
SWEPT_AT_ONCE = 10  # lists
MARK = b"\x1f"  # no value that crosses begins with it

LAST = "SELECT position, value FROM items WHERE list = ? ORDER BY position DESC LIMIT 1"
LEFT_BEHIND = """
SELECT number FROM lists LEFT JOIN entries ON entries.module = lists.module AND entries.key = lists.key
WHERE entries.value IS NOT CAST(char(31) || number AS BLOB) LIMIT ?
"""


class Lists:
    """Lists item by item, inside of whatever transaction is under way."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def begun(self, space: str, key: bytes, value: bytes | None) -> bytes:
        """What stands in place of a list whose items are kept from now on.

        Raises:
            OSError: the value is no list, or too large.
        """
        items = [encode(item) for item in items_of(key, value)]
        number = secrets.randbits(62)
        self._connection.execute("INSERT INTO lists VALUES (?, ?, ?)", (number, space, key))
        self._connection.executemany(
            "INSERT INTO items VALUES (?, ?, ?)", ((number, at, item) for at, item in enumerate(items, 1))
        )
        return MARK + str(number).encode()

    def push(self, key: bytes, mark: bytes, item: bytes) -> int:
        """Add an item; how many there are.

        Raises:
            OSError: there are too many.
        """
        length = self.length(mark) + 1
        if length > MOST_ITEMS:
            raise OSError(f"key {shown(key)} holds {MOST_ITEMS:,} items, and no list has more")
        self._connection.execute("INSERT INTO items VALUES (?, ?, ?)", (number_of(mark), length, item))
        return length

    def pop(self, mark: bytes) -> bytes | None:
        """Take the last item; None where there is none."""
        last = self._connection.execute(LAST, (number_of(mark),)).fetchone()
        if last is None:
            return None
        self._connection.execute("DELETE FROM items WHERE list = ? AND position = ?", (number_of(mark), last[0]))
        item: bytes = last[1]
        return item

    def length(self, mark: bytes) -> int:
        last = self._connection.execute(LAST, (number_of(mark),)).fetchone()
        return 0 if last is None else last[0]

    def whole(self, key: bytes, mark: bytes) -> bytes:
        """All items as one value.

        Raises:
            OSError: they are too large for one.
        """
        of = (number_of(mark),)
        (size,) = self._connection.execute("SELECT total(length(value)) FROM items WHERE list = ?", of).fetchone()
        if size > LARGEST_WHOLE:
            raise OSError(f"key {shown(key)} holds a list of more than {LARGEST_WHOLE >> 20} MiB; pop its items")
        rows = self._connection.execute("SELECT value FROM items WHERE list = ? ORDER BY position", of)
        return encode_list([value for (value,) in rows])

    def sweep(self) -> None:
        """Remove some of what was left behind."""
        for (number,) in self._connection.execute(LEFT_BEHIND, (SWEPT_AT_ONCE,)).fetchall():
            self._connection.execute("DELETE FROM items WHERE list = ?", (number,))
            self._connection.execute("DELETE FROM lists WHERE number = ?", (number,))


def number_of(mark: bytes) -> int:
    return int(mark.removeprefix(MARK))


# -- as one value --


def pushed(key: bytes, item: bytes) -> Step[int]:
    """A step that adds an item; how many there are."""

    def step(before: bytes | None) -> tuple[bytes, int]:
        items = [*items_of(key, before), decode(item)]
        return encode(items), len(items)

    return step


def popped(key: bytes) -> Step[bytes | None]:
    """A step that takes the last item."""

    def step(before: bytes | None) -> tuple[bytes | None, bytes | None]:
        items = items_of(key, before)
        if not items:
            return before, None
        last = items.pop()
        return encode(items), encode(last)

    return step


def items_of(key: bytes, value: bytes | None) -> list[Data]:
    items = [] if value is None else decode(apart_of(key, value))
    if items == {}:
        return []
    if not isinstance(items, list):
        raise OSError(f"key {shown(key)} is not a list")
    return items


def apart_of(key: bytes, value: bytes) -> bytes:
    """A value that may be taken apart.

    Raises:
        OSError: nothing interrupts that, and it would take long.
    """
    if len(value) > LARGEST_TAKEN_APART:
        raise OSError(
            f"key {shown(key)} holds more than {LARGEST_TAKEN_APART >> 10} KiB; give its parts keys of their own"
        )
    return value
