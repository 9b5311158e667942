"""What a start finds in the data folder: a store, a marker, and how the engine before ended."""

from __future__ import annotations

from pathlib import Path

from host.storage import Store, memory_store, open_store
from host.vocabulary.errors import StorageUnavailable
from host.vocabulary.marker import MARKER_NAME, Marker, MarkerReading, memory_marker, open_marker, read_marker


class Grounds:
    """What a start finds in the data folder.

    Attributes:
        unkept: why nothing can be kept; ``None`` where it can.
        died: how the engine before ended, where it did not end cleanly.
    """

    def __init__(self, data: Path) -> None:
        """Open the folder, or what takes its place in memory.

        Raises:
            HostBusy: another host holds it.
        """
        self.unkept: StorageUnavailable | None = None
        self.died: MarkerReading | None = None
        self.store = self._opened_store(data)
        self.marker = self._opened_marker(data)

    def _opened_store(self, data: Path) -> Store:
        try:
            return open_store(data)
        except StorageUnavailable as error:
            self.unkept = error
            return memory_store(data)

    def _opened_marker(self, data: Path) -> Marker:
        if self.unkept is not None:  # nobody holds the folder
            return memory_marker()
        reading = read_marker(data / MARKER_NAME)
        self.died = reading if reading is not None and reading.running else None
        try:
            return open_marker(data)
        except StorageUnavailable as error:
            self.unkept = error
            return memory_marker()
