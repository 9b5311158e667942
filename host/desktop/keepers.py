"""Who brings the window and an engine together, and what is done about it when the window closes."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Final, Protocol

from host.desktop.link import Link
from host.protocol.client import Client
from host.vocabulary.errors import HostUnreachable

_PATIENCE_S: Final = 0.5


class Keeper(Protocol):
    """Tells a link of engines that come and go."""

    async def run(self, link: Link) -> None:
        """Keep the link as long as the window is open; ends by being cancelled."""

    async def end(self) -> None:
        """The window has closed."""


class Attached:
    """The window of an engine that somebody else started; closing the window leaves it running."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._client: Client | None = None

    async def run(self, link: Link) -> None:
        while True:
            try:
                self._client = await Client.connect(self._data)
            except HostUnreachable:
                await asyncio.sleep(_PATIENCE_S)
                continue
            link.restore(self._client)
            await link.wait_down()

    async def end(self) -> None:
        if self._client is not None:
            await self._client.close()
