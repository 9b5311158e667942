"""One client's side of the server: requests come in order, run together, and are answered as they end."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from host.protocol.dispatch import UNREADABLE, Dispatch, encoded
from host.protocol.framing import MessageTooLarge, framed, read_frame
from host.protocol.messages import WAITING
from host.protocol.refusal import AnswerFailed, NotARequest, NotJson, ParametersWrong, Stopping, as_words, error_object
from host.vocabulary.errors import HostError

OnBug = Callable[[str, BaseException], None]
"""Told of a method that failed by a fault of the program, and of the fault."""


@dataclass(frozen=True, slots=True)
class Patience:
    """What a client may take: seconds until its first request, and until it reads; requests at once; bytes unread."""

    first_s: float = 10.0
    read_s: float = 30.0
    at_once: int = 64
    unread: int = 1 << 20


class Request(msgspec.Struct):
    """One request; without ``id`` nobody waits for its answer."""

    method: str
    jsonrpc: str = ""
    id: int | float | str | msgspec.UnsetType | None = msgspec.UNSET
    params: msgspec.Raw = msgspec.Raw(b"{}")


class Conversation:
    """Reads one client's requests until it goes, or does what no client does.

    Args:
        reader, writer: the connection; closed at the end.
        dispatch: the methods.
        token: what the first request has to bring along; empty where the kernel has checked already.
        patience: how long and how much.
        on_bug: told what no client is told.
    """

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        dispatch: Dispatch,
        *,
        token: str,
        patience: Patience,
        on_bug: OnBug,
    ) -> None:
        self._reader: Final = reader
        self._writer: Final = writer
        self._dispatch: Final = dispatch
        self._token: Final = token
        self._patience: Final = patience
        self._on_bug: Final = on_bug
        self._free: Final = asyncio.Semaphore(patience.at_once)
        self._writing: Final = asyncio.Lock()
        self._works: Final[set[asyncio.Task[bytes]]] = set()
        self._waits: Final[set[asyncio.Task[bytes]]] = set()
        self._requests: Final[set[asyncio.Task[None]]] = set()
        writer.transport.set_write_buffer_limits(high=patience.unread)
        self._reading: Final = asyncio.create_task(self._read())

    async def run(self) -> None:
        """Answer until the client goes; then end what it only waited for, and see what it began to its end."""
        await asyncio.wait({self._reading})
        for work in tuple(self._waits):
            work.cancel()
        while self._requests:
            await asyncio.wait(self._requests)
        self._writer.close()
        try:
            async with asyncio.timeout(self._patience.read_s):
                await self._writer.wait_closed()
        except (TimeoutError, ConnectionError):
            self._writer.transport.abort()

    def hang_up(self) -> None:
        """Take no more requests."""
        self._reading.cancel()

    def abandon(self) -> None:
        """End everything now, done or not."""
        self._reading.cancel()
        for work in tuple(self._works):
            work.cancel()
        self._writer.transport.abort()

    async def _read(self) -> None:
        try:
            async with asyncio.timeout(self._patience.first_s):
                first = await read_frame(self._reader)
            if first is not None and self._may_enter(first):
                await self._answer_all(first)
        except (MessageTooLarge, TimeoutError, ConnectionError):  # no client of ours; it learns it by the end
            return

    async def _answer_all(self, first: bytes) -> None:
        frame: bytes | None = first
        while frame is not None:
            await self._free.acquire()
            try:
                request = _request(frame)
            except HostError as refusal:
                await self._send(_response(None, refusal))
                self._free.release()
                if isinstance(refusal, NotJson):
                    return
            else:
                self._begin(request)
            frame = await read_frame(self._reader)

    def _begin(self, request: Request) -> None:
        task = asyncio.create_task(self._answer(request))
        self._requests.add(task)
        task.add_done_callback(self._end)

    def _end(self, task: asyncio.Task[None]) -> None:
        self._requests.discard(task)
        self._free.release()
        if not task.cancelled() and (error := task.exception()) is not None:
            self._on_bug("answering", error)

    async def _answer(self, request: Request) -> None:
        try:
            answer = await self._outcome(request, self._dispatch.prepared(request.method, request.params))
        except HostError as refusal:
            answer = _response(request.id, refusal)
        if request.id is not msgspec.UNSET:
            await self._send(answer)

    async def _outcome(self, request: Request, call: Awaitable[object]) -> bytes:
        """Run a call as a task of its own: what ends the waiting for it does not end it, and its faults are its own."""
        work: asyncio.Task[bytes] = asyncio.create_task(self._encoded_result(request, call))
        self._works.add(work)
        work.add_done_callback(self._works.discard)
        if request.method in WAITING:
            self._waits.add(work)
            work.add_done_callback(self._waits.discard)
        await asyncio.wait({work})
        if work.cancelled():
            raise Stopping(request.method)
        match work.exception():
            case None:
                return work.result()
            case HostError() as refusal:
                raise refusal
            case fault:
                self._on_bug(request.method, fault)
                raise AnswerFailed(request.method)

    async def _encoded_result(self, request: Request, call: Awaitable[object]) -> bytes:
        result = msgspec.Raw(self._dispatch.encoded(request.method, await call))
        return framed(msgspec.json.encode({"jsonrpc": "2.0", "id": _plain_id(request.id), "result": result}))

    async def _send(self, message: bytes) -> None:
        """Send one message after the other, so that no more than one waits for a client that does not read."""
        async with self._writing:
            if self._writer.is_closing():
                return
            self._writer.write(message)
            try:
                async with asyncio.timeout(self._patience.read_s):
                    await self._writer.drain()
            except (TimeoutError, ConnectionError):
                self._writer.transport.abort()

    def _may_enter(self, first: bytes) -> bool:
        if not self._token:
            return True
        try:
            shown = msgspec.json.decode(_request(first).params, type=_Token).token
        except (HostError, *UNREADABLE):
            return False
        return hmac.compare_digest(shown.encode(), self._token.encode())


class _Token(msgspec.Struct):
    token: str = ""


def _request(frame: bytes) -> Request:
    try:
        request = msgspec.json.decode(frame, type=Request)
    except msgspec.ValidationError as error:
        raise NotARequest(str(error).replace("`", "")) from error
    except UNREADABLE as error:
        raise NotJson from error
    if not bytes(request.params).lstrip().startswith(b"{"):
        raise ParametersWrong(request.method, "they are given by name, in an object")
    return request


def _response(request_id: Any, refusal: HostError) -> bytes:  # noqa: ANN401 - as the client chose it
    return framed(encoded({"jsonrpc": "2.0", "id": _plain_id(request_id), "error": error_object(refusal)}, as_words))


def _plain_id(request_id: Any) -> Any:  # noqa: ANN401 - as the client chose it
    return None if request_id is msgspec.UNSET else request_id
