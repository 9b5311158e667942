"""The database is removed while the host runs: that is told, and what is known is written anew at the end."""

from __future__ import annotations

import shutil

import pytest

from host import Host
from host.storage.opening import DATABASE_NAME
from tests.engine.place import Place
from tests.engine.test_full_disk import COUNTING


async def count(host: Host) -> None:
    """Count one more, and have it kept."""
    await host.emit("add")
    await host.swap("chat")
    await host.parts.keeping.flush()


@pytest.mark.parametrize("pattern", [DATABASE_NAME, f"{DATABASE_NAME}*"])
async def test_a_removed_database_is_told_and_written_anew_at_the_end(place: Place, pattern: str) -> None:
    place.module("chat", COUNTING)
    async with place.host() as host:
        await host.load("chat")
        await count(host)
        assert host.snapshot().problems == ()
        for file in place.data.glob(pattern):
            file.unlink()
        await count(host)
        (problem,) = host.snapshot().problems
        assert "its database was removed or replaced while the host runs" in problem.message
        assert problem.remedy == "Put it back, or end the host."
    async with place.host(restore=True) as host:
        assert await host.state("chat") == {"n": 2}
        assert len(await host.history("chat")) >= 3


async def test_a_database_that_is_put_back_is_well_again(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("host.storage.thread.AGAIN", 3600.0)
    place.module("chat", COUNTING)
    file, aside = place.data / DATABASE_NAME, place.data / "aside"
    async with place.host() as host:
        await host.load("chat")
        await count(host)
        file.rename(aside)
        await count(host)
        assert len(host.snapshot().problems) == 1
        aside.rename(file)
        await count(host)
        assert host.snapshot().problems == ()
    async with place.host(restore=True) as host:
        assert await host.state("chat") == {"n": 3}


async def test_another_file_in_its_place_is_left_as_it_is(place: Place) -> None:
    place.module("chat", COUNTING)
    file = place.data / DATABASE_NAME
    async with place.host() as host:
        await host.load("chat")
        await count(host)
        file.unlink()
        file.write_bytes(b"another")
        await count(host)
        assert len(host.snapshot().problems) == 1
    assert file.read_bytes() == b"another"


async def test_a_data_folder_that_is_gone_ends_the_host_as_ever(place: Place) -> None:
    place.module("chat", COUNTING)
    async with place.host() as host:
        await host.load("chat")
        shutil.rmtree(place.data)
        await count(host)
        assert len(host.snapshot().problems) == 1
    assert not place.data.exists()
