"""Frames on a socket between two processes: four bytes of length, the larger first, then that many bytes."""

from __future__ import annotations

import os
import select
import socket
import time
from typing import Final

_PREFIX: Final = 4
_PIECE: Final = 1 << 16
_MOST: Final = 1 << 20


class FrameTooLargeError(Exception):
    """A frame over the limit was announced; nothing of it was read."""


class Channel:
    """One end; frames come out whole and in order.

    Attributes:
        largest: bytes of one frame that is taken in.
    """

    def __init__(self, connection: socket.socket, largest: int) -> None:
        self.largest = largest
        self._connection: Final = connection
        self._poll: Final = select.poll()
        self._poll.register(connection.fileno(), select.POLLIN)
        self._pieces = bytearray()

    def fileno(self) -> int:
        return self._connection.fileno()

    def send(self, message: bytes) -> None:
        """Send one frame, as long as it takes.

        Raises:
            OSError: the other end is gone.
        """
        self._connection.sendall(len(message).to_bytes(_PREFIX, "big") + message)

    def send_within(self, message: bytes, seconds: float) -> None:
        """Send one frame.

        Raises:
            TimeoutError: the other end has not taken it in.
            OSError: it is gone.
        """
        data = len(message).to_bytes(_PREFIX, "big") + message
        sent = self._sent(data)
        if sent == len(data):
            return
        until, room, rest = time.monotonic() + seconds, select.poll(), memoryview(data)
        room.register(self._connection.fileno(), select.POLLOUT)
        while sent < len(data):
            left = until - time.monotonic()
            if left <= 0 or not room.poll(left * 1000):
                raise TimeoutError
            sent += self._sent(rest[sent:])

    def wait(self, seconds: float) -> bool:
        """Wait until there is something to read, or the other end is gone; whether that came in time."""
        if self._pieces and self._missing() <= 0:
            return True
        return bool(self._poll.poll(max(0.0, seconds * 1000)))

    def wait_awake(self, seconds: float) -> bool:
        """Wait as :meth:`wait` does, for a moment, giving the processor to whoever wants it instead of sleeping."""
        until = time.monotonic() + seconds
        while not self.wait(0.0):
            if time.monotonic() > until:
                return False
            os.sched_yield()
        return True

    def frame(self) -> bytes | None:
        """Read what is there; a frame where one is whole by now.

        Raises:
            EOFError: the other end is gone.
            FrameTooLargeError: it sends more than it may.
        """
        return self._next(socket.MSG_DONTWAIT)

    def next(self) -> bytes:
        """Wait for a frame, as long as it takes.

        Raises:
            EOFError, FrameTooLargeError: as :meth:`frame`.
        """
        while (frame := self._next(0)) is None:
            pass
        return frame

    def close(self) -> None:
        self._connection.close()

    def _next(self, flags: int) -> bytes | None:
        pieces = self._pieces
        if not pieces:
            data = self._read(_PIECE, flags)
            if data is None:
                return None
            if len(data) - _PREFIX == int.from_bytes(data[:_PREFIX], "big"):  # the common case: one frame, alone
                return data[_PREFIX:]
            pieces += data
        elif (missing := self._missing()) > 0:
            data = self._read(max(_PIECE, min(missing, _MOST)), flags)
            if data is None:
                return None
            pieces += data
        return self._whole()

    def _sent(self, data: bytes | memoryview) -> int:
        try:
            return self._connection.send(data, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return 0

    def _missing(self) -> int:
        pieces = self._pieces
        if len(pieces) < _PREFIX:
            return _PREFIX - len(pieces)
        return _PREFIX + int.from_bytes(pieces[:_PREFIX], "big") - len(pieces)

    def _whole(self) -> bytes | None:
        pieces = self._pieces
        if len(pieces) < _PREFIX:
            return None
        end = _PREFIX + int.from_bytes(pieces[:_PREFIX], "big")
        if end - _PREFIX > self.largest:
            raise FrameTooLargeError
        if len(pieces) < end:
            return None
        frame = bytes(memoryview(pieces)[_PREFIX:end])
        del pieces[:end]
        return frame

    def _read(self, size: int, flags: int) -> bytes | None:
        """Read a piece; ``None`` where nothing is there and nobody may wait."""
        try:
            data = self._connection.recv(size, flags)
        except BlockingIOError:
            return None
        except ConnectionResetError:
            raise EOFError from None
        if not data:
            raise EOFError
        return data
