"""What is locked stays at its version: whatever is planned, asked for or started; its saves go on live."""

from __future__ import annotations

import pytest

from host import Host, HostError, ResolutionFailed
from host.vocabulary.errors import ModuleUnknown
from host.vocabulary.states import Status
from tests.engine.place import Place, lines


@pytest.fixture
def place(place: Place) -> Place:
    for version in ("1.0.0", "1.1.0", "2.0.0"):
        place.module("state", "return {}", version, folder=version)
    place.module("chat", more='[dependencies]\nstate = "*"\n')
    place.module("hud", more='[dependencies]\nstate = "^2"\n')
    return place


def version(host: Host, name: str = "state") -> str:
    return host.snapshot().modules[name].version


async def test_plans_and_starts_choose_the_locked_version(place: Place) -> None:
    async with place.host() as host:
        assert await host.lock("state", "1.0.0") == "1.0.0"
        await host.load("chat")
        assert version(host) == "1.0.0"
        await host.load("chat", upgrade=True)
        assert version(host) == "1.0.0"
        for name, specifier in (("hud", ""), ("state", "==2.0.0")):
            with pytest.raises(ResolutionFailed, match=r"locked at 1\.0\.0; unlock it with: theseus lock state"):
                await host.load(name, specifier)
    async with place.host() as host:
        assert host.snapshot().modules["state"].locked == "1.0.0"
        await host.load("state")
        assert version(host) == "1.0.0"


async def test_a_swap_elsewhere_is_refused_with_the_way_out_and_nothing_changes(place: Place) -> None:
    async with place.host() as host:
        await host.load_all({"state": "==1.1.0", "chat": ""})
        await host.lock("state", "1.1.0")
        for to in ("2.0.0", "", "^1", "no version"):
            with pytest.raises(HostError, match="theseus lock state --off --data "):
                await host.swap({"state": to, "chat": "1.0.0"})
        assert version(host) == "1.1.0"
        await host.lock("state")
        await host.swap("state", "2.0.0")
        assert (version(host), host.snapshot().modules["state"].locked) == ("2.0.0", "")


async def test_a_rehearsal_refuses_what_the_swap_refuses(place: Place) -> None:
    async with place.host() as host:
        await host.load_all({"state": "==1.1.0", "chat": ""})
        await host.lock("state", "1.1.0")
        told = await host.rehearse("state", "2.0.0")
        assert (told.failed_step, told.error.partition(";")[0]) == ("check", "state is locked at 1.1.0")
        assert (await host.rehearse("chat", "1.0.0")).error == ""


async def test_a_rehearsal_of_what_is_not_loaded_says_so_though_it_is_locked(place: Place) -> None:
    async with place.host() as host:
        await host.lock("state", "1.1.0")
        with pytest.raises(ModuleUnknown):
            await host.rehearse("state", "2.0.0")


async def test_a_swap_brings_what_is_locked_along_in_no_other_version(place: Place) -> None:
    place.module("chat", version="1.1.0", folder="1.1.0", more='[dependencies]\nlog = "*"\n')
    for each in ("1.0.0", "2.0.0"):
        place.module("log", version=each, folder=each)
    async with place.host() as host:
        await host.load("chat", "==1.0.0")
        await host.lock("log", "1.0.0")
        await host.swap("chat", "1.1.0", probation=0)
        assert version(host, "log") == "1.0.0"


async def test_a_roll_back_takes_the_lock_along_and_the_next_start_brings_it_back(place: Place) -> None:
    async with place.host() as host:
        await host.load("state", "==1.0.0")
        await host.swap("state", "2.0.0", probation=0)
        await host.lock("state", "2.0.0")
        await host.rollback("state")
        view = host.snapshot().modules["state"]
        assert (view.version, view.locked) == ("1.0.0", "1.0.0")
        assert "state was locked at 2.0.0 and rolled back to 1.0.0; now it is locked at 1.0.0" in lines(host.chronicle)
    async with place.host(restore=True) as host:
        assert version(host) == "1.0.0"


async def test_a_roll_back_to_what_is_not_on_disk_drops_the_lock(place: Place) -> None:
    async with place.host() as host:
        await host.load("state", "==1.0.0")
        await host.swap("state", "2.0.0", probation=0)
        await host.lock("state", "2.0.0")
        (place.root / "plugins" / "state" / "1.0.0" / "module.toml").unlink()
        await host.rescan()
        await host.rollback("state")
        view = host.snapshot().modules["state"]
        assert (view.version, view.locked) == ("1.0.0", "")


async def test_what_did_not_come_back_and_was_locked_since_starts_in_the_locked_version(place: Place) -> None:
    async with place.host() as host:
        await host.load("state", "==1.0.0")
    (place.root / "plugins" / "state" / "1.0.0" / "init.lua").write_text("error('torn')")
    async with place.host(restore=True) as host:
        assert host.snapshot().modules["state"].status is Status.FAILED
        await host.lock("state", "2.0.0")
    async with place.host(restore=True) as host:
        assert version(host) == "2.0.0"


async def test_a_save_of_the_locked_version_goes_live(place: Place) -> None:
    async with place.host() as host:
        await host.load("state", "==1.0.0")
        await host.lock("state", "1.0.0")
        file = place.root / "plugins" / "state" / "1.0.0" / "init.lua"
        file.write_text("return { exports = { fresh = function() return true end } }")
        await host.reload("state")
        assert await host.call("state", "fresh") is True


async def test_what_is_not_there_or_does_not_run_cannot_be_locked(place: Place) -> None:
    async with place.host() as host:
        for name, at in (("state", "9.0.0"), ("gone", "1.0.0"), ("gone", "")):
            with pytest.raises(ModuleUnknown):
                await host.lock(name, at)
        await host.load("state", "==1.0.0")
        with pytest.raises(HostError, match=r"state runs in 1\.0\.0; swap it to 2\.0\.0 first"):
            await host.lock("state", "2.0.0")


async def test_a_locked_version_that_left_the_disk_locks_nothing(place: Place) -> None:
    async with place.host() as host:
        await host.lock("state", "1.0.0")
        folder = place.root / "plugins" / "state" / "1.0.0"
        (folder / "module.toml").unlink()
        await host.rescan()
        await host.load("chat")
        assert version(host) == "2.0.0"
