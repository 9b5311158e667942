"""A real server of a small engine on a real socket, and clients of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from host.protocol.client import Client
from host.protocol.conversation import Patience
from host.protocol.endpoint import Endpoint, choose_endpoint
from host.protocol.server import Server
from tests.protocol.small_engine import Bugs, SmallEngine


@pytest.fixture
def bugs() -> Bugs:
    return Bugs()


@pytest.fixture
async def engine(tmp_path: Path) -> SmallEngine:
    return SmallEngine(tmp_path)


@pytest.fixture
def patience() -> Patience:
    return Patience()


@pytest.fixture
def endpoint(tmp_path: Path) -> Endpoint:
    return choose_endpoint(tmp_path)


@pytest.fixture
async def server(engine: SmallEngine, endpoint: Endpoint, bugs: Bugs, patience: Patience) -> AsyncIterator[Server]:
    async with Server(engine.answers(), endpoint, bugs.add, patience) as running:
        yield running
        engine.go_on.set()
    assert not bugs


@pytest.fixture
async def client(server: Server, tmp_path: Path) -> AsyncIterator[Client]:  # noqa: ARG001 - it has to run
    async with await Client.connect(tmp_path) as connected:
        yield connected
