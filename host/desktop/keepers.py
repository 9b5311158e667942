"""Who brings the window and an engine together, and what is done about it when the window closes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol, assert_never

from host.desktop.link import Link, Loss
from host.desktop.wording import sentence
from host.protocol.lifesigns import EngineChange, EngineDown, EngineGivenUp, EngineUp
from host.protocol.supervisor import Supervisor
from host.vocabulary.errors import HostUnreachable

if TYPE_CHECKING:
    from host.protocol.client import Client
    from host.protocol.launching import Launched

_PATIENCE_S: Final = 0.5


class Keeper(Protocol):
    """Tells a link of engines that come and go."""

    async def start(self) -> None:
        """Begin what takes long; there is no window yet."""

    async def run(self, link: Link) -> None:
        """Keep the link as long as the window is open; ends by being cancelled."""

    async def restart(self, *, safe: bool) -> None:
        """Somebody wants the engine started again; ``safe``: with nothing loaded."""

    async def end(self) -> None:
        """The window has closed."""


class Attached:
    """The window of an engine that somebody else started; closing the window leaves it running."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._client: Client | None = None

    async def start(self) -> None:
        """Nothing: whoever started the engine did so before."""

    async def run(self, link: Link) -> None:
        from host.protocol.client import Client  # noqa: PLC0415 - not before the first frame

        while True:
            try:
                self._client = await Client.connect(self._data)
            except HostUnreachable:
                await asyncio.sleep(_PATIENCE_S)
                continue
            link.restore(self._client)
            await self._client.closed.wait()
            waits = "What is shown is as it was then; the window waits for it to be started again."
            link.lose(Loss(time.time(), "The host ended.", waits, returns=False))

    async def restart(self, *, safe: bool) -> None:
        """Nothing: whoever started the engine starts it again."""

    async def end(self) -> None:
        if self._client is not None:
            await self._client.close()


class Supervised:
    """An engine of the window's own: started before there is a window, ended with it."""

    def __init__(
        self, command: Sequence[str], data: Path, safe_command: Sequence[str] = (), first: Launched | None = None
    ) -> None:
        """Keep an engine.

        Args:
            command: starts it.
            data: the data folder.
            safe_command: starts it with nothing loaded; as ``command`` where it is empty.
            first: the engine, where it was started already.
        """
        self._commands = {False: tuple(command), True: tuple(safe_command or command)}
        self._supervisor = Supervisor(command, data, self._changed, first=first)
        self._early: list[EngineChange] = []
        self._link: Link | None = None

    async def start(self) -> None:
        """Begin at once; what happens before there is a link is told to it later."""
        await self._supervisor.start()

    async def run(self, link: Link) -> None:
        self._link = link
        for change in self._early:
            self._changed(change)
        self._early.clear()
        await asyncio.Event().wait()

    async def restart(self, *, safe: bool) -> None:
        await self._supervisor.restart(self._commands[safe])

    async def end(self) -> None:
        self._link = None
        await self._supervisor.stop()

    def _changed(self, change: EngineChange) -> None:
        if self._link is None:
            self._early.append(change)
            return
        match change:
            case EngineUp(client=client):
                self._link.restore(client)
            case EngineDown():
                self._link.lose(
                    Loss(change.at, sentence(str(change)), "It is being started again.", module=change.suspect)
                )
            case EngineGivenUp():
                self._link.give_up(sentence(str(change)))
            case _:
                assert_never(change)
