"""Bytes that wait outside any runtime: in channels, with those who wait to send, and in the queues of pools."""

from __future__ import annotations

from typing import Final

from host.vocabulary.errors import HostError
from host.vocabulary.manifest import MIB


class Held:
    """Counts them for one module; changed with the lock of its scope held.

    Attributes:
        used: bytes that wait now.
        hits: how often there was no room.
        most: bytes that may wait.
    """

    def __init__(self, most: int) -> None:
        """Begin with none; ``most``: bytes."""
        self.used = 0
        self.hits = 0
        self.most: Final = most

    def expect(self, size: int) -> None:
        """Look whether there is room for so many more.

        Raises:
            HostError: there is none.
        """
        if self.used + size > self.most:
            self.hits += 1
            raise HostError(
                f"channels and queues of jobs would hold more than {self.most / MIB:g} MiB; take something out first"
            )
