"""Looks now and then whether the database is still the one that was opened, and whole; otherwise nothing is kept."""

import math
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from host.storage.opening import is_corruption

from .opening import BUSY, look_through, refused

EACH = 1.0  # seconds between two looks at where the file is
EACH_WHOLE = 60.0  # between two looks through it
CHECKED_WHOLE = 8 << 20  # bytes up to which it is looked through: some 10 ms
GONE = (
    "state keeps nothing now: {file} {what} while the host runs; put it back, or reload state, which begins a new one"
    " and sets aside what is damaged"
)

Tell = Callable[[str], None]


def tell_nobody(_text: str) -> None:
    """Where nobody is to be told."""


class Watch:
    """Whether what is written is kept; once it is not, it stays so until the database is opened again.

    Attributes:
        next: when to look, by a clock that goes evenly; long past once something is wrong.
    """

    def __init__(self, file: Path, now: float, tell: Tell) -> None:
        self._file = file
        self._tell = tell
        self._known = identity(file)
        self._wrong = ""
        self._whole_at = now + EACH_WHOLE
        self.next = now

    def look(self, now: float) -> None:
        """Raise OSError where nothing that is written now would be kept."""
        if not self._wrong:
            if identity(self._file) != self._known:
                self._give_up("was removed or replaced")
            elif now >= self._whole_at and self._file.stat().st_size <= CHECKED_WHOLE:
                self._whole_at = now + EACH_WHOLE
                self._look_through()
        if self._wrong:
            raise OSError(self._wrong)
        self.next = now + EACH

    def refusal(self, error: sqlite3.Error) -> OSError:
        """What to say of an error; of damage, from now on."""
        if not is_corruption(error):
            return refused(error)
        if not self._wrong:
            self._give_up("was damaged")
        return OSError(self._wrong)

    def _look_through(self) -> None:
        """Look through a connection of its own: the other one remembers what it read."""
        try:
            with closing(sqlite3.connect(self._file, timeout=BUSY)) as reading:
                look_through(reading)
        except sqlite3.Error as error:
            self.refusal(error)

    def _give_up(self, what: str) -> None:
        self._wrong, self.next = GONE.format(file=self._file, what=what), -math.inf
        self._tell(self._wrong)


def identity(file: Path) -> tuple[int, int] | None:
    """What tells a file from another of its name."""
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
