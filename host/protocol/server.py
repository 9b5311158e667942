"""The engine's side: listens, announces itself, and holds a conversation with each client."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from host.protocol.conversation import Conversation, OnBug, Patience
from host.protocol.dispatch import Answer, Dispatch
from host.protocol.endpoint import LOOPBACK, Endpoint, announce, announcements, withdraw
from host.vocabulary.errors import HostBusy

CLIENTS: Final = 64
"""Connections at once; further ones are closed as they come."""

READ_AHEAD: Final = 1 << 20
"""Bytes read of a client before what came is worked on."""


class Server:
    """Answers clients from ``start`` to ``close``.

    Args:
        answers: typed coroutine functions by method name. The first request may be for any of them.
        endpoint: where; from ``choose_endpoint``.
        on_bug: told of an answer that failed by a fault of the program; its client is told only that it did.
        patience: what a client may take.
    """

    def __init__(
        self, answers: Mapping[str, Answer], endpoint: Endpoint, on_bug: OnBug, patience: Patience | None = None
    ) -> None:
        self._dispatch: Final = Dispatch(answers)
        self._endpoint: Final = endpoint
        self._on_bug: Final = on_bug
        self._patience: Final = patience or Patience()
        self._conversations: Final[dict[Conversation, asyncio.Task[None]]] = {}
        self._listening: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen, then say where.

        Raises:
            HostBusy: another engine answers there.
            OSError: the address could not be had.
        """
        with ExitStack() as undo:
            if self._endpoint.socket is None:
                server = await asyncio.start_server(self._accept, LOOPBACK, 0, limit=READ_AHEAD)
                address = f"tcp:{LOOPBACK}:{server.sockets[0].getsockname()[1]}"
            else:
                bound = _bound(self._endpoint.socket, self._endpoint.data)
                server = await asyncio.start_unix_server(self._accept, sock=bound, limit=READ_AHEAD)
                address = f"unix:{self._endpoint.socket}"
            undo.callback(server.close)
            announce(self._endpoint, address)
            undo.pop_all()
        self._listening = server

    async def close(self, grace_s: float = 5.0) -> None:
        """Take no more, end what only waits, let the rest end within ``grace_s`` seconds, then leave no trace.

        It waits for every request that runs: none of them may wait for it.
        """
        if self._listening is None:
            return
        self._listening.close()
        withdraw(self._endpoint)
        for conversation in tuple(self._conversations):
            conversation.hang_up()
        if self._conversations:
            await asyncio.wait(self._conversations.values(), timeout=grace_s)
        for conversation in tuple(self._conversations):
            conversation.abandon()
        if self._conversations:
            await asyncio.wait(self._conversations.values())
        await self._listening.wait_closed()
        self._listening = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._conversations) >= CLIENTS:
            writer.close()
            return
        conversation = Conversation(
            reader,
            writer,
            self._dispatch,
            token=self._endpoint.token,
            patience=self._patience,
            on_bug=self._on_bug,
        )
        task = asyncio.create_task(conversation.run())
        self._conversations[conversation] = task
        task.add_done_callback(lambda done: self._depart(conversation, done))

    def _depart(self, conversation: Conversation, done: asyncio.Task[None]) -> None:
        del self._conversations[conversation]
        if not done.cancelled() and (error := done.exception()) is not None:
            self._on_bug("a conversation", error)


def _bound(path: Path, data: Path) -> socket.socket:
    """Bind a socket for its user alone; nobody can connect before it listens, and by then its mode is set."""
    with ExitStack() as undo:
        bound = undo.enter_context(socket.socket(socket.AF_UNIX))
        _clear(path, data)
        bound.bind(os.fspath(path))
        path.chmod(0o600)
        undo.pop_all()
    return bound


def _clear(path: Path, data: Path) -> None:
    """Remove the socket of an engine that was killed; one that is still answered belongs to somebody."""
    with socket.socket(socket.AF_UNIX) as asking:
        asking.setblocking(False)  # a full queue is an answer too: BlockingIOError
        try:
            asking.connect(os.fspath(path))
        except (FileNotFoundError, ConnectionRefusedError):
            path.unlink(missing_ok=True)
            return
        except BlockingIOError:
            pass
    raise HostBusy(str(data), next((each.pid for each in announcements(data)), 0))
