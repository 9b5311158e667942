"""What is no client of ours: garbage, silence, haste and sloth harm neither the server nor the others."""

from __future__ import annotations

import asyncio
import json
import select
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from host.protocol import server as serving
from host.protocol.client import Client
from host.protocol.conversation import Patience
from host.protocol.endpoint import Endpoint
from host.protocol.framing import LARGEST
from host.protocol.server import Server
from tests.protocol.small_engine import PLAN, SNAPSHOT, SmallEngine

Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@pytest.fixture
async def stranger(server: Server, endpoint: Endpoint) -> AsyncIterator[Stream]:  # noqa: ARG001 - it has to run
    assert endpoint.socket is not None
    reader, writer = await asyncio.open_unix_connection(endpoint.socket)
    yield reader, writer
    writer.close()


def send(stream: Stream, message: bytes) -> None:
    stream[1].write(len(message).to_bytes(4, "big") + message)


async def receive(stream: Stream) -> dict[str, Any]:
    async with asyncio.timeout(10):
        size = int.from_bytes(await stream[0].readexactly(4), "big")
        answer: dict[str, Any] = json.loads(await stream[0].readexactly(size))
    return answer


async def ended(stream: Stream) -> bool:
    async with asyncio.timeout(10):
        try:
            return await stream[0].read() == b""
        except ConnectionError:
            return True


async def ask(stream: Stream, message: str) -> dict[str, Any]:
    send(stream, message.encode())
    return await receive(stream)


async def test_a_plain_request_is_answered_as_json_rpc(stranger: Stream, engine: SmallEngine) -> None:
    answer = await ask(stranger, '{"jsonrpc": "2.0", "id": "a", "method": "load", "params": {"name": "chat"}}')
    assert answer == {
        "jsonrpc": "2.0",
        "id": "a",
        "result": {
            "order": [{"name": "chat", "version": "2.1.0", "tier": "plugins", "path": "/m/chat", "replaces": ""}],
            "warnings": ["a wish"],
        },
    }
    assert engine.told == [("chat", ["", False, False])]


async def test_parameters_that_nobody_knows_are_left_out(stranger: Stream) -> None:
    answer = await ask(stranger, '{"id": 1, "method": "load", "params": {"name": "chat", "later": [1]}, "trace": 7}')
    assert answer["id"] == 1
    assert "result" in answer


async def test_an_unknown_method_is_refused_with_the_known_ones(stranger: Stream) -> None:
    error = (await ask(stranger, '{"id": 1, "method": "__class__"}'))["error"]
    assert error["code"] == -32601
    assert "snapshot" in error["message"]


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ('{"since": "x"}', "the parameters of changes are wrong: expected int, got str, at since"),
        ("{}", "the parameters of changes are wrong: missing since"),
        ("[1]", "the parameters of changes are wrong: they are given by name, in an object"),
        ("null", "the parameters of changes are wrong: they are given by name, in an object"),
    ],
)
async def test_wrong_parameters_are_named(stranger: Stream, parameters: str, sentence: str) -> None:
    error = (await ask(stranger, f'{{"id": 1, "method": "changes", "params": {parameters}}}'))["error"]
    assert (error["code"], error["message"]) == (-32602, sentence)
    assert "result" in await ask(stranger, '{"id": 2, "method": "snapshot"}')


@pytest.mark.parametrize("args", ['[{"$bytes": "?"}]', '[{"$pairs": [1]}]', '[{"$pairs": [[[], 1]]}]', '"text"'])
async def test_plain_data_that_is_none_is_a_wrong_parameter(stranger: Stream, args: str) -> None:
    message = f'{{"id": 1, "method": "emit", "params": {{"event": "onX", "args": {args}}}}}'
    assert (await ask(stranger, message))["error"]["code"] == -32602


@pytest.mark.parametrize("message", ["[]", "1", '{"id": 1}', '{"id": [], "method": "snapshot"}', '{"method": 5}'])
async def test_json_that_is_no_request_is_said_so_and_the_next_is_answered(stranger: Stream, message: str) -> None:
    assert (await ask(stranger, message))["error"]["code"] == -32600
    assert "result" in await ask(stranger, '{"id": 2, "method": "snapshot"}')


@pytest.mark.parametrize("message", [b"", b"GET / HTTP/1.1\r\n", b"\xff\xfe", b"[" * 500_000, b'{"id": 1, "met'])
async def test_what_is_no_json_ends_the_connection_and_no_other(
    stranger: Stream, client: Client, message: bytes
) -> None:
    send(stranger, message)
    assert (await receive(stranger))["error"]["code"] in {-32700, -32600}
    if message != b"[" * 500_000:
        assert await ended(stranger)
    assert await client.snapshot() == SNAPSHOT


async def test_bytes_that_are_no_utf8_are_no_json_and_in_parameters_no_parameters(stranger: Stream) -> None:
    """Found by a fuzzer: msgspec tells them by an error of another family, which ended the reading without a word."""
    send(stranger, b'{"id": 1, "method": "call", "params": {"name": "\xe6", "function": "f", "args": []}}')
    assert (await receive(stranger))["error"]["message"] == "the parameters of call are wrong: not UTF-8"
    send(stranger, b'{"id": 1, "method": "\xff"}')
    assert (await receive(stranger))["error"]["message"] == "the message is not JSON; the connection ends here"
    assert await ended(stranger)


async def test_nesting_without_end_in_parameters_is_refused(stranger: Stream, client: Client) -> None:
    send(stranger, b'{"id": 1, "method": "emit", "params": {"event": "x", "args": ' + b"[" * 100_000)
    assert (await receive(stranger))["error"]["code"] in {-32700, -32602}
    assert await client.snapshot() == SNAPSHOT


async def test_a_message_without_id_is_done_and_not_answered(stranger: Stream, engine: SmallEngine) -> None:
    send(stranger, b'{"jsonrpc": "2.0", "method": "rescan"}')
    answer = await ask(stranger, '{"id": 2, "method": "snapshot"}')
    assert answer["id"] == 2
    assert engine.record == ["rescan"]


async def test_a_length_over_the_limit_ends_the_connection(stranger: Stream, client: Client) -> None:
    stranger[1].write((LARGEST + 1).to_bytes(4, "big"))
    assert await ended(stranger)
    assert await client.snapshot() == SNAPSHOT


async def test_http_on_the_socket_is_a_length_over_the_limit(stranger: Stream) -> None:
    stranger[1].write(b"GET / HTTP/1.1\r\n\r\n")
    assert await ended(stranger)


@pytest.mark.parametrize("patience", [Patience(first_s=0.05)])
@pytest.mark.parametrize("said", [b"", b"\0\0", b"\0\0\0\x10{"])
async def test_silence_at_the_start_ends_the_connection(stranger: Stream, said: bytes) -> None:
    stranger[1].write(said)
    assert await ended(stranger)


@pytest.mark.parametrize("patience", [Patience(first_s=0.05)])
async def test_a_client_that_has_greeted_may_be_silent_for_as_long_as_it_likes(client: Client) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await client.closed.wait()
    assert await client.snapshot() == SNAPSHOT


@pytest.mark.parametrize("patience", [Patience(read_s=0.05)])
async def test_who_does_not_read_is_dropped_and_holds_up_nobody(endpoint: Endpoint, client: Client) -> None:
    size = 8 << 20
    request = json.dumps({"id": 1, "method": "call", "params": {"name": "c", "function": "bytes", "args": [size]}})
    with socket.socket(socket.AF_UNIX) as sloth:
        sloth.connect(str(endpoint.socket))
        sloth.sendall(4 * (len(request).to_bytes(4, "big") + request.encode()))
        assert await client.snapshot() == SNAPSHOT
        hung_up = select.poll()
        hung_up.register(sloth, 0)  # that the other side hung up is reported unasked
        assert await asyncio.to_thread(hung_up.poll, 10_000)
        received = 0
        while chunk := sloth.recv(1 << 20):
            received += len(chunk)
    assert received < size
    assert await client.snapshot() == SNAPSHOT


async def test_a_request_cut_off_by_the_end_does_nothing(stranger: Stream, client: Client, engine: SmallEngine) -> None:
    stranger[1].write(b'\0\0\0\x40{"id": 1, "method": "rescan"')
    stranger[1].write_eof()
    assert await ended(stranger)
    assert await client.snapshot() == SNAPSHOT
    assert engine.record == []


async def test_who_says_no_more_is_still_answered(stranger: Stream) -> None:
    send(stranger, b'{"id": 1, "method": "load", "params": {"name": "chat"}}')
    stranger[1].write_eof()
    assert (await receive(stranger))["result"]["warnings"] == list(PLAN.warnings)
    assert await ended(stranger)


async def test_one_connection_too_many_is_closed_at_once(
    server: Server,  # noqa: ARG001 - it has to run
    endpoint: Endpoint,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(serving, "CLIENTS", 2)
    assert endpoint.socket is not None
    async with await Client.connect(tmp_path), await Client.connect(tmp_path):
        stream = await asyncio.open_unix_connection(endpoint.socket)
        assert await ended(stream)
        stream[1].close()
