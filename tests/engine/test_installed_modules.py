"""What was installed from outside runs in a process of its own, and no other module does."""

from __future__ import annotations

from pathlib import Path

import pytest

from host import Host
from host.packages.package import pack
from host.packages.trash import TRASH_NAME
from host.vocabulary.errors import HostError, NotInstalled, NotPacked, NotUninstalled
from tests.discovery.module_folders import write_module
from tests.engine.place import Place
from tests.packages.parcels import signer

LUA = """local M, n = {}, 0
M.exports = { add = function() n = n + 1 return n end }
function M:getState() return { n = n } end
function M:setState(state) n = state.n end
return M"""


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """Of ``counter``."""
    (tmp_path / "made").mkdir()
    folder = Place(tmp_path / "made").module("counter", LUA)
    file = tmp_path / "counter.zip"
    file.write_bytes(pack(folder, signer())[1])
    return file


def pack_anew(package: Path, folder: Path) -> None:
    (folder / "init.lua").write_text(LUA.replace("n + 1", "n + 10"))
    package.write_bytes(pack(folder, signer())[1])


def isolated(host: Host, name: str) -> bool:
    return host.parts.isolating(host.parts.roster.get(name).manifest)


async def test_an_installed_module_is_isolated_at_once_and_after_a_restart(place: Place, package: Path) -> None:
    place.module("own", LUA)
    async with place.host() as host:
        await host.install(package)
        await host.load("counter")
        await host.load("own")
        assert await host.call("counter", "add") == 1
        assert (isolated(host, "counter"), isolated(host, "own")) == (True, False)
        assert host.parts.roster.get("counter").runtime.__class__.__name__ == "IsolatedRuntime"
    async with place.host() as host:
        await host.load("counter")
        assert await host.call("counter", "add") == 2
        assert isolated(host, "counter")


async def test_a_replaced_package_is_swapped_in_with_its_state(place: Place, package: Path, tmp_path: Path) -> None:
    async with place.host() as host:
        await host.install(package)
        await host.load("counter")
        await host.call("counter", "add")
        pack_anew(package, tmp_path / "made/modules/plugins/counter")
        done = await host.install(package, replace=True)
        assert done.replaced
        assert await host.call("counter", "add") == 11


async def test_what_was_uninstalled_and_taken_back_is_isolated_still(place: Place, package: Path) -> None:
    async with place.host() as host:
        await host.install(package)
        await host.uninstall("counter")
        assert "counter" not in host.snapshot().modules
        await host.restore("counter")
        await host.load("counter")
        assert isolated(host, "counter")


async def test_grants_of_a_name_do_not_reach_what_another_signed(place: Place, tmp_path: Path) -> None:
    more = '[permissions]\nnet = ["api.example.com:443"]\n'
    folder = place.module("counter", LUA, more=more)
    file = tmp_path / "counter.zip"
    file.write_bytes(pack(folder, signer())[1])
    async with place.host() as host:
        await host.grant("counter")
        (folder / "module.toml").write_text('name = "counter"\nversion = "0.9.0"\n')
        done = await host.install(file)
        assert done.withdrawn == ("net api.example.com:443",)
        assert host.grants("counter") == ()
    async with place.host() as host:
        assert host.grants("counter") == ()


async def test_what_cannot_be_moved_is_refused_with_the_reason(place: Place, package: Path) -> None:
    async with place.host() as host:
        done = await host.install(package)
        lies, trash = Path(done.place), place.data / TRASH_NAME
        trash.write_text("in the way")
        with pytest.raises(NotUninstalled, match="could not be moved to the trash"):
            await host.uninstall("counter")
        trash.unlink()
        await host.uninstall("counter")
        lies.parent.rmdir()
        lies.parent.write_text("in the way")
        with pytest.raises(HostError, match="stays in the trash"):
            await host.restore("counter")
        lies.parent.unlink()
        assert (await host.restore("counter")).place == done.place


async def test_only_the_package_that_was_looked_at_is_installed(place: Place, package: Path, tmp_path: Path) -> None:
    async with place.host() as host:
        shown = await host.inspect_package(package)
        pack_anew(package, tmp_path / "made/modules/plugins/counter")
        with pytest.raises(NotInstalled, match="look at it again"):
            await host.install(package, digest=shown.digest)
        shown = await host.inspect_package(package)
        await host.install(package, digest=shown.digest)


async def test_a_folder_is_installed_as_what_nobody_signed(place: Place, tmp_path: Path) -> None:
    folder = write_module(tmp_path / "elsewhere", "counter", lua=LUA)
    async with place.host() as host:
        shown = await host.inspect_package(folder)
        assert (shown.trust, shown.isolation) == ("unsigned", "process")
        with pytest.raises(NotInstalled, match="nobody signed it"):
            await host.install(folder)
        done = await host.install(folder, unsigned=True, digest=shown.digest)
        await host.load("counter")
        assert isolated(host, "counter")
        assert Path(done.place) != folder
        assert (folder / "init.lua").is_file()


async def test_a_folder_with_a_fault_is_refused_with_its_place(place: Place, tmp_path: Path) -> None:
    folder = write_module(tmp_path / "elsewhere", "counter", lua="return {")
    async with place.host() as host:
        with pytest.raises(NotPacked, match=r"init\.lua"):
            await host.inspect_package(folder)


async def test_a_module_is_made_from_the_template_and_loads(place: Place) -> None:
    async with place.host() as host:
        folder = await host.make_module("greeter")
        assert folder == place.root / "plugins" / "greeter"
        await host.load("greeter")
        await host.emit("onGreeting", "ana")
        assert await host.call("greeter", "greetings") == 1
        with pytest.raises(HostError, match="is there already"):
            await host.make_module("greeter")
        for name, tier in (("No Name", "plugins"), ("../up", "plugins"), ("fine", "nowhere")):
            with pytest.raises(HostError, match=r"nothing was changed|is no TIER/NAME"):
                await host.make_module(name, tier=tier)
