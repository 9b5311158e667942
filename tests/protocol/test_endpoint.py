"""Where the engine listens and who may ask; how a client finds it, and what it says where there is none."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from host.protocol.client import Client
from host.protocol.endpoint import ANNOUNCEMENT_NAME, SOCKET_NAME, Endpoint, announce, announcements, choose_endpoint
from host.protocol.messages import PROTOCOL_VERSION, Hello
from host.protocol.server import Server
from host.vocabulary.errors import HostBusy, HostUnreachable, StorageUnavailable
from tests.protocol.small_engine import SNAPSHOT, Bugs, SmallEngine


@pytest.fixture
def runtime(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A run-time folder with a short path, for what has no place in the data folder."""
    with tempfile.TemporaryDirectory(prefix="t") as name:
        monkeypatch.setenv("XDG_RUNTIME_DIR", name)
        yield Path(name)


def deep(folder: Path, length: int) -> Path:
    """A folder whose path has exactly so many bytes."""
    missing = length - len(os.fsencode(folder))
    while missing > 0:
        step = min(missing, 101)
        step -= missing - step == 1  # no room for a separator alone
        folder /= "d" * (step - 1)
        missing -= step
    folder.mkdir(parents=True)
    assert len(os.fsencode(folder)) == length
    return folder


def inside(folder: Path) -> list[Path]:
    return list(folder.iterdir())


def test_the_socket_lies_in_the_data_folder(tmp_path: Path) -> None:
    endpoint = choose_endpoint(tmp_path)
    assert endpoint == Endpoint(tmp_path, tmp_path, tmp_path / SOCKET_NAME)
    assert inside(tmp_path) == []


@pytest.mark.skipif(sys.platform != "linux", reason="107 bytes is Linux's limit")
def test_a_path_that_just_fits_is_taken_and_one_byte_more_is_not(runtime: Path) -> None:
    with tempfile.TemporaryDirectory() as name:
        fits = deep(Path(name) / "fits", 107 - len(f"/{SOCKET_NAME}"))
        too_long = deep(Path(name) / "long", 108 - len(f"/{SOCKET_NAME}"))
        assert choose_endpoint(fits).socket == fits / SOCKET_NAME
        endpoint = choose_endpoint(too_long)
    assert endpoint.folder == too_long
    assert endpoint.socket is not None
    assert endpoint.socket.is_relative_to(runtime)


async def test_a_data_folder_with_a_long_path_is_served_and_found(runtime: Path, tmp_path: Path, bugs: Bugs) -> None:
    data = deep(tmp_path / "long", 400)
    async with (
        Server(SmallEngine(data).answers(), choose_endpoint(data), bugs.add),
        await Client.connect(data) as client,
    ):
        assert await client.snapshot() == SNAPSHOT
        (private,) = inside(runtime)
        assert stat.S_IMODE(private.stat().st_mode) == 0o700
    assert inside(data) == []


@pytest.fixture
def read_only() -> Iterator[Path]:
    """A folder that takes no file; where tests run as root, whom no folder refuses, they act as nobody."""
    mine = os.geteuid()
    if mine == 0:
        os.seteuid(65534)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "data"
        folder.mkdir(mode=0o500)
        yield folder
        folder.chmod(0o700)
    os.seteuid(mine)


async def test_a_read_only_data_folder_is_served_and_found(
    read_only: Path, monkeypatch: pytest.MonkeyPatch, bugs: Bugs
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(read_only.parent))
    endpoint = choose_endpoint(read_only)
    async with Server(SmallEngine(read_only).answers(), endpoint, bugs.add), await Client.connect(read_only) as client:
        assert await client.snapshot() == SNAPSHOT
    assert inside(read_only) == []
    with pytest.raises(HostUnreachable):
        await Client.connect(read_only)


def test_a_private_folder_that_others_can_write_to_is_neither_used_nor_believed(
    read_only: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(read_only.parent))
    private = choose_endpoint(read_only).folder
    announce(Endpoint(read_only, private, None), "unix:/somebody/else")
    assert [each.address for each in announcements(read_only)] == ["unix:/somebody/else"]
    private.chmod(0o777)
    with pytest.raises(StorageUnavailable, match="others can write to it"):
        choose_endpoint(read_only)
    assert list(announcements(read_only)) == []


async def test_socket_and_announcement_are_for_their_user_alone(server: Server, tmp_path: Path) -> None:
    assert server is not None
    for name in (SOCKET_NAME, ANNOUNCEMENT_NAME):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
    told = json.loads((tmp_path / ANNOUNCEMENT_NAME).read_bytes())
    assert told == {
        "pid": os.getpid(),
        "address": f"unix:{tmp_path / SOCKET_NAME}",
        "token": "",
        "protocol": PROTOCOL_VERSION,
    }


async def test_a_clean_end_leaves_nothing(server: Server, tmp_path: Path) -> None:
    await server.close()
    assert inside(tmp_path) == []
    with pytest.raises(HostUnreachable, match="none was started there"):
        await Client.connect(tmp_path)


async def test_a_second_server_on_one_folder_is_refused_and_the_first_goes_on(
    server: Server,  # noqa: ARG001 - it has to run
    client: Client,
    tmp_path: Path,
    bugs: Bugs,
) -> None:
    with pytest.raises(HostBusy) as refused:
        await Server({}, choose_endpoint(tmp_path), bugs.add).start()
    assert refused.value.pid == os.getpid()
    assert await client.snapshot() == SNAPSHOT


SERVES_AND_DIES = """
import asyncio, os, signal, sys
from pathlib import Path
from host.protocol.endpoint import choose_endpoint
from host.protocol.server import Server

async def main():
    await Server({}, choose_endpoint(Path(sys.argv[1])), print).start()
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


async def test_what_a_killed_engine_left_is_recognised_and_replaced(tmp_path: Path, bugs: Bugs) -> None:
    killed = subprocess.Popen([sys.executable, "-c", SERVES_AND_DIES, str(tmp_path)])  # noqa: ASYNC220 - it dies at once
    assert killed.wait(20) == -9
    assert (tmp_path / ANNOUNCEMENT_NAME).exists()
    with pytest.raises(HostUnreachable, match=f"process {killed.pid} is gone"):
        await Client.connect(tmp_path)

    endpoint = choose_endpoint(tmp_path)
    async with Server(SmallEngine(tmp_path).answers(), endpoint, bugs.add), await Client.connect(tmp_path) as client:
        assert client.host.pid == os.getpid()


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"pid": "x"}', b"\xff", b'{"pid": 1, "address": "nonsense"}'])
async def test_a_garbled_announcement_is_nobody(tmp_path: Path, content: bytes) -> None:
    (tmp_path / ANNOUNCEMENT_NAME).write_bytes(content)
    with pytest.raises(HostUnreachable):
        await Client.connect(tmp_path)


async def test_who_listens_and_does_not_answer_is_given_up(tmp_path: Path) -> None:
    endpoint = choose_endpoint(tmp_path)
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(endpoint.socket))
        silent.listen()
        announce(endpoint, f"unix:{endpoint.socket}")
        with pytest.raises(HostUnreachable, match=r"did not answer within 0\.05 s"):
            await Client.connect(tmp_path, timeout_s=0.05)


async def test_a_host_of_another_protocol_is_told_apart(tmp_path: Path, bugs: Bugs) -> None:
    async def hello() -> Hello:
        return Hello(protocol=PROTOCOL_VERSION + 1, version="9", pid=1, data="")

    async with Server({"hello": hello}, choose_endpoint(tmp_path), bugs.add):
        with pytest.raises(HostUnreachable, match=f"it speaks protocol {PROTOCOL_VERSION + 1}"):
            await Client.connect(tmp_path)


@pytest.fixture
async def tcp(tmp_path: Path, engine: SmallEngine, bugs: Bugs) -> AsyncIterator[int]:
    """The port of a server as it runs where there are no Unix sockets."""
    endpoint = Endpoint(tmp_path, tmp_path, None, "the secret")
    async with Server(engine.answers(), endpoint, bugs.add):
        (announced,) = announcements(tmp_path)
        yield int(announced.address.rpartition(":")[2])


async def test_over_tcp_who_knows_the_token_is_answered(tcp: int, tmp_path: Path) -> None:
    assert tcp
    async with await Client.connect(tmp_path) as client:
        assert await client.snapshot() == SNAPSHOT


@pytest.mark.parametrize("parameters", ["{}", '{"token": "a guess"}', '{"token": 5}', "[]"])
async def test_over_tcp_who_does_not_know_the_token_gets_no_word(tcp: int, parameters: str) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", tcp)
    message = f'{{"id": 1, "method": "hello", "params": {parameters}}}'.encode()
    writer.write(len(message).to_bytes(4, "big") + message)
    async with asyncio.timeout(10):
        assert await reader.read() == b""
    writer.close()
