"""The caller's identity goes with each call: also through functions that a core module handed out, tasks and timers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from host import Host
from tests.engine.place import DEADLINE, Place, lines

DESK = """
local M = { exports = {} }
local function read(name)
    local value, why = host.native.read(name)
    return value or why
end
M.exports.read = read
function M.exports.reader() return read end
function M.exports.waiting(name) host.sleep(1) return read(name) end
function M.exports.later(tell) host.async(function() host.sleep(1) tell(read("ONE")) end) end
function M.exports.with(fn) return fn(read) end
return M
"""
NATIVE = """
def functions(folder, gate):
    return {"read": lambda caller, name: caller.name + (" may" if gate.variable(caller, name) is None else " may")}
"""
OTHER = """
local desk = require("desk")
local M = { exports = {} }
function M.exports.read(name) return desk.read(name) end
function M.exports.reader() return desk.reader() end
function M.exports.own() return function(name) return desk.read(name) end end
function M.exports.use(fn) return fn("ONE") end
function M.exports.within() return desk.with(function(read) return read("ONE") end) end
function M.exports.begin() desk.later(function(said) print(said) end) end
function M.exports.wait() host.async(function() print(desk.waiting("ONE")) end) end
return M
"""
TRUSTED = OTHER.replace('local desk = require("desk")', 'local desk, poor = require("desk"), require("poor")').replace(
    "return M\n",
    """
function M.exports.lend() return poor.use(desk.reader()) end
function M.exports.lend_own() return poor.use(M.exports.own()) end
function M.exports.borrow() return poor.reader()("ONE") end
function M.exports.borrow_own() return poor.own()("ONE") end
return M
""",
)
NEEDS = '[dependencies]\ndesk = "*"\n'
ASKS = '[permissions]\nenv = ["ONE"]\n'
POOR_MAY_NOT = "permission denied: poor may not use env"


@pytest.fixture
async def host(place: Place) -> AsyncIterator[Host]:
    (place.module("desk", DESK, tier="core") / "native.py").write_text(NATIVE)
    place.module("poor", OTHER, more=NEEDS)
    place.module("rich", TRUSTED, more=f'{NEEDS}poor = "*"\n{ASKS}')
    async with place.host() as host:
        await host.load("rich")
        await host.grant("rich")
        yield host


@pytest.mark.parametrize(
    ("module", "export", "said"),
    [
        ("rich", "within", "rich may"),
        ("poor", "within", POOR_MAY_NOT),
        ("rich", "lend", POOR_MAY_NOT),  # a function of desk's that rich was handed, in the hands of poor
        ("rich", "lend_own", "rich may"),  # a function of rich's own is rich's permission, handed over
        ("rich", "borrow", "rich may"),  # what poor was handed by desk acts for who calls it
        ("rich", "borrow_own", POOR_MAY_NOT),  # what is poor's own can do no more than poor
    ],
)
async def test_who_calls_a_function_that_was_handed_out_is_judged(
    host: Host, module: str, export: str, said: str
) -> None:
    assert str(await host.call(module, export)).startswith(said)


@pytest.mark.parametrize("export", ["begin", "wait"])
@pytest.mark.parametrize(("module", "said"), [("rich", "rich may"), ("poor", POOR_MAY_NOT)])
async def test_what_goes_on_later_is_still_in_the_name_of_who_asked(
    host: Host, export: str, module: str, said: str
) -> None:
    await host.call(module, export)
    async with asyncio.timeout(DEADLINE):
        while not any(line.startswith(said) for line in lines(host.chronicle, module)):
            await host.chronicle.newer_than(host.chronicle.revision, DEADLINE)


async def test_a_permission_that_is_withdrawn_is_gone_for_what_was_handed_out(host: Host) -> None:
    assert await host.call("rich", "borrow") == "rich may"
    await host.revoke("rich")
    assert str(await host.call("rich", "borrow")).startswith("permission denied: rich may not use env")


async def test_a_caller_without_a_module_has_no_permission_of_any(host: Host) -> None:
    assert str(await host.call("desk", "read", "ONE")).startswith("permission denied: desk may not use env")
