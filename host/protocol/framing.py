"""Messages on a stream: four bytes of length, the larger first, then that many bytes of JSON."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import ClassVar, Final

from host.vocabulary.errors import HostError

LARGEST: Final = 64 << 20
"""Bytes of one message, either way."""

BODY_S: Final = 30.0
"""Seconds within which a message that began must be whole."""

_PREFIX: Final = 4


@dataclass(eq=False)
class MessageTooLarge(HostError):
    """A message over the limit; sizes in bytes."""

    size: int
    largest: int = LARGEST
    code: ClassVar[int] = -32016

    def __str__(self) -> str:
        return (
            f"a message of {self.size / 1048576:.1f} MiB is over the limit of {self.largest / 1048576:.0f} MiB and "
            "was not sent; ask for a part of it"
        )


def framed(message: bytes) -> bytes:
    """Put the length before a message.

    Raises:
        MessageTooLarge: the other side would drop the connection.
    """
    if len(message) > LARGEST:
        raise MessageTooLarge(len(message))
    return len(message).to_bytes(_PREFIX, "big") + message


async def read_frame(reader: asyncio.StreamReader, body_s: float = BODY_S) -> bytes | None:
    """Read one message; ``None`` where the stream ended, between two or within one.

    Raises:
        MessageTooLarge: what is announced is over the limit; nothing of it was read.
        TimeoutError: it began and did not end.
    """
    try:
        size = int.from_bytes(await reader.readexactly(_PREFIX), "big")
        if size > LARGEST:
            raise MessageTooLarge(size)
        async with asyncio.timeout(body_s):
            return await reader.readexactly(size)
    except asyncio.IncompleteReadError:
        return None
