"""The module that shows http, goroutine, state and metrics at work together."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from typing import Any, Final

import pytest

from host import Host
from tests.engine.place import Place
from tests.modules.bundled import ROOT
from tests.modules.test_http import Server, said

TEXT: Final = b"<p>The ship, the plank and the mast: the ship's.</p>"


class Pages(Server):
    """Answers with words."""

    def _said(self, path: str, body: bytes) -> bytes:
        del body
        return said(b"no", status="404 Not Found") if path == "/none" else said(TEXT * (1000 if path == "/long" else 1))


@pytest.fixture
async def server() -> AsyncIterator[Pages]:
    made = Pages()
    listening = await asyncio.start_server(made.answer, "127.0.0.1", 0)
    made.port = listening.sockets[0].getsockname()[1]
    yield made
    listening.close()
    await made.end()


@pytest.fixture
async def host(place: Place, server: Pages) -> AsyncIterator[Host]:
    folder = place.root / "integrations" / "harvest"
    shutil.copytree(ROOT / "integrations" / "harvest", folder)
    manifest = folder / "module.toml"
    manifest.write_text(manifest.read_text().replace("example.com:443", f"127.0.0.1:{server.port}"))
    bundled = place.root / "core"
    shutil.copytree(ROOT / "core", bundled)
    async with Host([place.root], place.data) as host:
        await host.load("harvest")
        yield host
        await host.unload("http", cascade=True)
        await asyncio.gather(*(task for task in asyncio.all_tasks() if task.get_name() == "http connections close"))


def urls(server: Pages, *paths: str) -> list[str]:
    return [f"http://127.0.0.1:{server.port}{path}" for path in paths]


async def harvest(host: Host, server: Pages, *paths: str) -> Any:
    async with asyncio.timeout(60):
        return await host.call("harvest", "harvest", urls(server, *paths))


async def test_pages_are_read_counted_beside_the_host_and_kept(host: Host, server: Pages) -> None:
    await host.grant("harvest")
    found, refused = await harvest(host, server, "/short", "/long", "/none")
    short, long, none = urls(server, "/short", "/long", "/none")
    assert found[short] == {
        "total": 9,
        "different": 6,
        "words": [
            {"word": "the", "count": 4},
            *({"word": word, "count": 1} for word in ("and", "mast", "plank", "ship", "ship's")),
        ],
    }
    assert found[long]["total"] == 9000
    assert refused == {none: f"{none} answered 404"}
    assert await host.call("harvest", "pages") == [long, short]
    assert await host.call("harvest", "page", long) == found[long]
    health, detail = host.parts.roster.get("harvest").runtime.ask("health").values()
    assert (health, detail) == ("degraded", f"{none} was not read: {none} answered 404")


async def test_what_it_did_is_counted(host: Host, server: Pages) -> None:
    await host.grant("harvest")
    await harvest(host, server, "/short", "/none")
    families = {family.name: family for family in host.parts.roster.get("metrics").native.collect()}
    outcomes = {sample.labels["outcome"]: sample.value for sample in families["harvest_pages"].samples}
    assert outcomes == {"read": 1, "failed": 1}


async def test_before_it_is_granted_it_reads_nothing(host: Host, server: Pages) -> None:
    found, refused = await harvest(host, server, "/short")
    assert found == {}
    assert "permission denied" in next(iter(refused.values()))
    assert server.requests == []


async def test_what_was_found_outlives_a_reload(host: Host, server: Pages) -> None:
    await host.grant("harvest")
    await harvest(host, server, "/short")
    await host.reload("harvest")
    assert await host.call("harvest", "pages") == urls(server, "/short")
