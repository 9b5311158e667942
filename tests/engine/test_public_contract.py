"""The Python contract: names, defaults, what comes back, what is refused, and what happens before and after a run."""

from __future__ import annotations

import asyncio
import inspect
import subprocess
import sys
import textwrap
from dataclasses import FrozenInstanceError, fields
from pathlib import Path

import pytest

import host
from host import (
    DeadlineExceeded,
    Host,
    HostError,
    LoadFailed,
    ManifestInvalid,
    MemoryExceeded,
    ModuleFault,
    PermissionDenied,
    ResolutionFailed,
    SwapFailed,
)
from host.vocabulary.errors import HostBusy, ModuleUnknown, SpecifierInvalid, StillNeeded
from host.vocabulary.events import EventKind
from host.vocabulary.states import Status
from host.vocabulary.views import SwapReport
from tests.engine.place import DEADLINE, Place, kinds, lines, until

CHAT = """local M = {messages = {}}
M.hooks = {
    onMessageReceived = function(m) M.messages[#M.messages + 1] = m.content end,
    onChatFormat = function(text) return text .. "!" end,
}
M.exports = {messageCount = function() return #M.messages end}
function M:execute(context) return {status = "success", data = context.parameters} end
function M:getState() return {messages = self.messages} end
function M:setState(state) self.messages = state.messages end
return M"""


def test_the_defaults_are_those_of_the_contract() -> None:
    parameters = inspect.signature(Host).parameters
    assert {name: parameters[name].default for name in ("modules", "autoload", "watch")} == {
        "modules": ("modules",),
        "autoload": False,
        "watch": False,
    }
    assert "data" in parameters


def test_every_refusal_is_a_host_error_with_facts() -> None:
    named = (
        ManifestInvalid,
        ResolutionFailed,
        LoadFailed,
        SwapFailed,
        ModuleFault,
        DeadlineExceeded,
        MemoryExceeded,
        PermissionDenied,
    )
    for error in named:
        assert issubclass(error, HostError)
        assert fields(error), error
    assert issubclass(DeadlineExceeded, ModuleFault)
    assert issubclass(MemoryExceeded, ModuleFault)


def test_the_host_is_imported_and_runs_where_qt_is_not_installed(tmp_path: Path) -> None:
    module = tmp_path / "modules" / "plugins" / "m"
    module.mkdir(parents=True)
    (module / "module.toml").write_text('name = "m"\nversion = "1.0.0"\n')
    (module / "init.lua").write_text("return {exports = {seven = function() return 7 end}}")
    program = textwrap.dedent(f"""
        import asyncio, sys
        for name in ("PySide6", "shiboken6", "qasync"):
            sys.modules[name] = None
        import host
        from host import Host

        async def main():
            async with Host([{str(module.parents[1])!r}], {str(tmp_path / "data")!r}) as running:
                await running.load("m")
                print(await running.call("m", "seven"))

        asyncio.run(main())
    """)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60)
    assert (done.stdout, done.stderr, done.returncode) == ("7\n", "", 0)


async def test_the_example_of_the_contract_runs(place: Place) -> None:
    place.module("advanced_chat", CHAT, folder="1.0.0")
    place.module("advanced_chat", CHAT, "2.1.0", folder="2.1.0")
    async with place.host() as host:
        events = host.events()
        plan = await host.load("advanced_chat", "==1.0.0")
        assert [(step.name, step.version, step.tier) for step in plan.order] == [("advanced_chat", "1.0.0", "plugins")]
        report = await host.emit("onMessageReceived", {"sender": "ana", "content": "hi"})
        assert (report.delivered, report.failures) == (1, ())
        assert await host.filter("onChatFormat", "hi") == "hi!"
        assert await host.call("advanced_chat", "messageCount") == 1
        assert await host.execute("advanced_chat", {"parameters": {"a": 1}}) == {"status": "success", "data": {"a": 1}}
        swapped = await host.swap("advanced_chat", "2.1.0")
        assert isinstance(swapped, SwapReport)
        assert await host.state("advanced_chat") == {"messages": ["hi"]}
        view = host.snapshot()
        assert (view.modules["advanced_chat"].status, view.modules["advanced_chat"].version) == (Status.ACTIVE, "2.1.0")
        assert await host.unload("advanced_chat") == ("advanced_chat",)
        told = [(await until(events, kind)).module for kind in (EventKind.MODULE_LOADED, EventKind.SWAP_COMMITTED)]
        assert told == ["advanced_chat", "advanced_chat"]


async def test_reports_and_snapshots_are_frozen(place: Place) -> None:
    place.module("m")
    async with place.host() as host:
        await host.load("m")
        view = host.snapshot()
        report = await host.emit("tick")
        with pytest.raises(FrozenInstanceError):
            report.delivered = 5  # type: ignore[misc]  # what is tested
        await host.unload("m")
        assert view.modules["m"].status is Status.ACTIVE, "a picture of then"
        assert host.snapshot().modules["m"].status is Status.FOUND


async def test_several_results_come_as_a_tuple_and_none_as_none(place: Place) -> None:
    place.module("m", "return {exports = {give = function(...) return ... end, add = function(a, b) return a + b end}}")
    async with place.host() as host:
        await host.load("m")
        assert await host.call("m", "give") is None
        assert await host.call("m", "give", 1, "b", False) == (1, "b", False)
        assert await host.call("m", "add", 2, 40) == 42


async def test_an_export_that_is_not_there_is_refused_with_those_that_are(place: Place) -> None:
    place.module("m", "return {exports = {b = function() end, a = function() end}}")
    async with place.host() as host:
        await host.load("m")
        with pytest.raises(HostError, match="exports no 'c'; it exports a, b"):
            await host.call("m", "c")


async def test_an_export_that_raises_is_a_module_fault_with_its_place(place: Place) -> None:
    place.module("m", 'local M = {exports = {}}\nfunction M.exports.bad() error("no") end\nreturn M')
    async with place.host() as host:
        await host.load("m")
        with pytest.raises(ModuleFault) as fault:
            await host.call("m", "bad")
        assert (fault.value.module, fault.value.file, fault.value.line) == ("m", "init.lua", 2)
        assert "init.lua:2" in fault.value.traceback
        assert host.snapshot().modules["m"].faults == 1


async def test_an_export_over_its_limits_is_ended_with_the_limit_it_passed(place: Place) -> None:
    place.module(
        "m",
        """return {exports = {
            loop = function() while true do end end,
            fill = function() local t = {} while true do t[#t + 1] = {} end end,
            fine = function() return 1 end}}""",
        more='[limits]\ncall = "300 ms"\nmemory = "3 MiB"\n',
    )
    async with place.host() as host:
        await host.load("m")
        with pytest.raises(DeadlineExceeded, match="300 ms") as late:
            await host.call("m", "loop")
        with pytest.raises(MemoryExceeded, match="3 MiB") as full:
            await host.call("m", "fill")
        assert (late.value.limit, full.value.limit) == (0.3, 3 << 20)
        assert await host.call("m", "fine") == 1


async def test_a_module_that_others_need_is_not_unloaded_unless_they_go_too(place: Place) -> None:
    place.module("base")
    place.module("middle", more='[dependencies]\nbase = "*"\n')
    place.module("top", more='[dependencies]\nmiddle = "*"\n')
    async with place.host() as host:
        await host.load("top")
        with pytest.raises(StillNeeded) as refusal:
            await host.unload("base")
        assert refusal.value.needed_by == ("top", "middle")
        assert list(host.parts.roster.active) == ["base", "middle", "top"]
        assert await host.unload("base", cascade=True) == ("top", "middle", "base")
        assert kinds(host.chronicle)[-3:] == [EventKind.MODULE_UNLOADED] * 3


async def test_an_optional_need_keeps_nobody_from_unloading(place: Place) -> None:
    place.module("base")
    place.module("top", more='[dependencies]\nbase = { version = "*", optional = true }\n')
    async with place.host() as host:
        await host.load("base")
        await host.load("top")
        assert await host.unload("base") == ("base",)


async def test_names_and_specifiers_that_mean_nothing_are_refused(place: Place) -> None:
    place.module("chat")
    async with place.host() as host:
        with pytest.raises(ResolutionFailed) as missing:
            await host.load("chta")
        assert missing.value.kind == "missing"
        assert "did you mean" in str(missing.value)
        with pytest.raises(SpecifierInvalid):
            await host.load("chat", "=>1")
        with pytest.raises(ResolutionFailed, match=r"9"):
            await host.load("chat", ">=9")
        for act in (host.unload("chat"), host.state("chat"), host.call("chat", "x"), host.execute("chat", {})):
            with pytest.raises(ModuleUnknown):
                await act
        assert list(host.parts.roster.active) == []


async def test_events_are_those_from_the_moment_they_were_asked_for(place: Place) -> None:
    """They began with the first look at them, so that what happened in between was lost."""
    place.module("m")
    async with place.host() as host:
        await host.load("m")
        events = host.events()
        await host.unload("m")
        assert (await anext(events)).event is EventKind.MODULE_UNLOADED


async def test_events_end_with_the_host(place: Place) -> None:
    async with place.host() as host:
        events = host.events()
        told = asyncio.create_task(collect(events))
    async with asyncio.timeout(DEADLINE):
        assert (await told)[-1] is EventKind.STOPPING
        assert [each async for each in host.events()] == []


async def collect(events: object) -> list[EventKind]:
    assert hasattr(events, "__aiter__")
    return [event.event async for event in events]


async def test_whoever_follows_events_may_load_modules_at_each(place: Place) -> None:
    place.module("a")
    place.module("b", more='[dependencies]\na = "*"\n')
    async with place.host() as host:

        async def answer() -> None:
            async for event in host.events():
                if event.module == "a" and event.event is EventKind.MODULE_LOADED:
                    await host.load("b")
                    return

        answering = asyncio.create_task(answer())
        await asyncio.sleep(0)
        await host.load("a")
        async with asyncio.timeout(DEADLINE):
            await answering
        assert list(host.parts.roster.active) == ["a", "b"]


async def test_one_host_may_be_followed_by_many(place: Place) -> None:
    place.module("m")
    async with place.host() as host:
        followers = [asyncio.create_task(until(host.events(), EventKind.MODULE_LOADED, "m")) for _ in range(20)]
        await asyncio.sleep(0)
        await host.load("m")
        assert {each.revision for each in await asyncio.gather(*followers)} == {
            event.revision for event in host.chronicle.events_since(0)
        }


async def test_a_host_that_does_not_run_refuses_everything_in_one_sentence(place: Place) -> None:
    place.module("m")
    host = place.host()

    async def refused() -> None:
        acts = (
            host.load("m"),
            host.unload("m"),
            host.swap("m", "1"),
            host.reload("m"),
            host.rollback("m"),
            host.emit("e"),
            host.filter("e", 1),
            host.call("m", "f"),
            host.execute("m", {}),
            host.state("m"),
            host.rescan(),
            host.configure("m", {}),
        )
        for act in acts:
            with pytest.raises(HostError, match="does not run"):
                await act
        with pytest.raises(HostError, match="does not run"):
            host.snapshot()

    await refused()
    async with host:
        await host.load("m")
    await refused()
    with pytest.raises(HostError, match="make another"):
        async with host:
            pass


async def test_what_waits_while_the_host_ends_is_refused(place: Place) -> None:
    """It went on in a host that was gone, and met a closed store."""

    async def churn(churned: Host, name: str) -> None:
        while True:
            await churned.load(name)
            await churned.unload(name)

    for name in "abc":
        place.module(name)
    async with place.host() as host:
        events = host.events()
        churning = [asyncio.create_task(churn(host, name)) for name in "abc"]
        await until(events, EventKind.MODULE_LOADED, "c")
    results = await asyncio.gather(*churning, return_exceptions=True)
    assert [(type(each), "does not run" in str(each)) for each in results] == [(HostError, True)] * 3


async def test_two_loads_of_one_module_at_once_load_it_once(place: Place) -> None:
    place.module("m", 'return {init = function() print("init") end}')
    async with place.host() as host:
        await asyncio.gather(*(host.load("m") for _ in range(5)))
        assert lines(host.chronicle) == ["init"]
        assert kinds(host.chronicle).count(EventKind.MODULE_LOADED) == 1


async def test_a_load_that_is_cancelled_leaves_nothing_half_loaded(place: Place) -> None:
    for number in range(20):
        place.module(f"m{number}", more=f'[dependencies]\nm{number + 1} = "*"\n' if number < 19 else "")
    async with place.host() as host:
        events = host.events()
        loading = asyncio.create_task(host.load("m0"))
        await until(events, EventKind.MODULE_LOADED)
        loading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await loading
        assert list(host.parts.roster.active) == []
        await host.load("m0")
        assert len(host.parts.roster.active) == 20


async def test_a_second_host_on_one_data_folder_is_refused_with_the_first_ones_process(place: Place) -> None:
    async with place.host() as first:
        with pytest.raises(HostBusy) as refusal:
            async with place.host():
                pass
        assert refusal.value.pid == first.snapshot().engine.pid
    async with place.host():
        pass


async def test_one_folder_of_modules_may_be_given_as_it_is(place: Place) -> None:
    """Each letter of its name was taken for a folder."""
    place.module("m")
    async with Host(str(place.root), place.data) as host:
        await host.load("m")


async def test_modules_of_several_folders_are_found(place: Place, tmp_path: Path) -> None:
    place.module("a")
    other = Place(tmp_path_below(tmp_path))
    other.module("b", more='[dependencies]\na = "*"\n')
    async with Host([place.root, other.root], place.data) as host:
        await host.load("b")
        assert list(host.parts.roster.active) == ["a", "b"]


def tmp_path_below(tmp_path: Path) -> Path:
    below = tmp_path / "a folder with sp\u00e4ces \N{SNOWMAN}"
    below.mkdir()
    return below


def test_what_the_package_promises_is_there() -> None:
    for name in host.__all__:
        assert getattr(host, name) is not None
    with pytest.raises(AttributeError):
        _ = host.nothing_of_the_kind
