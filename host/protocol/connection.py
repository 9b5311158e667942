"""One connection to an engine: questions go out with a number, answers come back in any order."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from itertools import count
from typing import Any, Final, TypeVar

import msgspec

from host.protocol.framing import MessageTooLarge, framed, read_frame
from host.protocol.refusal import INTERNAL, Refused, as_json
from host.vocabulary.errors import HostUnreachable

T = TypeVar("T")


class _Error(msgspec.Struct):
    code: int
    message: str
    data: dict[str, Any] = {}


class _Response(msgspec.Struct):
    id: int | None = None
    result: msgspec.Raw = msgspec.Raw(b"null")
    error: _Error | None = None


class Connection:
    """Asks until one of both sides ends it.

    Args:
        reader, writer: the stream; closed at the end.
        data: the data folder, for the sentence when it ends.

    Attributes:
        closed: set when the connection has ended, whoever ended it.
    """

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, data: str) -> None:
        self._reader: Final = reader
        self._writer: Final = writer
        self._data: Final = data
        self._numbers: Final = count(1)
        self._waiting: Final[dict[int, asyncio.Future[_Response]]] = {}
        self.closed: Final = asyncio.Event()
        self._reading: Final = asyncio.ensure_future(self._read())
        self._reading.add_done_callback(self._end)

    async def ask(self, method: str, result: type[T], **parameters: object) -> T:
        """Ask one question and wait for its answer.

        Raises:
            Refused: the host answered with a refusal.
            HostUnreachable: the connection ended before the answer came.
            MessageTooLarge: the question is over the limit; nothing was sent.
        """
        if self.closed.is_set():
            raise self._ended()
        number = next(self._numbers)
        question = {"jsonrpc": "2.0", "id": number, "method": method, "params": parameters}
        message = framed(msgspec.json.encode(question, enc_hook=as_json))
        answer = self._waiting[number] = asyncio.get_running_loop().create_future()
        try:
            self._writer.write(message)
            response = await answer
        finally:
            del self._waiting[number]
        return _result(method, response, result)

    async def close(self) -> None:
        """End it; whoever still waits for an answer is told so."""
        self._reading.cancel()
        await self.closed.wait()
        with suppress(ConnectionError):
            await self._writer.wait_closed()

    async def _read(self) -> None:
        try:
            while (frame := await read_frame(self._reader)) is not None:
                response = msgspec.json.decode(frame, type=_Response)
                answer = None if response.id is None else self._waiting.get(response.id)
                if answer is not None and not answer.done():
                    answer.set_result(response)
        except (MessageTooLarge, TimeoutError, ConnectionError, msgspec.DecodeError):  # no engine of ours: it is over
            return

    def _end(self, _reading: asyncio.Future[None]) -> None:
        self.closed.set()
        self._writer.close()
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_exception(self._ended())

    def _ended(self) -> HostUnreachable:
        return HostUnreachable(self._data, "the connection to it ended")


def _result(method: str, response: _Response, result: type[T]) -> T:
    if response.error is not None:
        raise Refused(code=response.error.code, message=response.error.message, facts=response.error.data)
    try:
        return msgspec.json.decode(response.result, type=result)
    except (msgspec.DecodeError, RecursionError) as error:
        reason = str(error).replace("`", "")
        message = f"the host's answer to {method} is of another version than this program: {reason}"
        raise Refused(code=INTERNAL, message=message) from error
