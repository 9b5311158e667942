"""A core module's native part: who may have one, what crosses, what becomes of its failures."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from host import LoadFailed, ModuleFault
from tests.engine.place import Place

CALLS = """
local M = { exports = {} }
for _, name in ipairs({ "double", "count", "refuse", "mistake", "folder", "lists", "object" }) do
    M.exports[name] = function(...) return host.native[name](...) end
end
M.exports.guarded = function() return pcall(host.native.mistake) end
M.exports.names = function()
    local names = {}
    for name in pairs(host.native) do names[#names + 1] = name end
    table.sort(names)
    return names
end
return M
"""
NATIVE = """
def functions(folder):
    def refuse():
        raise PermissionError(13, "Permission denied")

    def mistake():
        raise KeyError("lost")

    return {
        "double": lambda value: value * 2,
        "count": lambda *values: len(values),
        "refuse": refuse,
        "mistake": mistake,
        "folder": lambda: str(folder),
        "lists": lambda value: {"given": value, "bytes": b"\\xff"},
        "object": lambda: open,
    }
"""


def write(place: Place, native: str = NATIVE, tier: str = "core", lua: str = CALLS) -> None:
    (place.module("drive", lua, tier=tier) / "native.py").write_text(native)


async def test_plain_data_goes_in_and_comes_out(place: Place) -> None:
    write(place)
    async with place.host() as host:
        await host.load("drive")
        assert await host.call("drive", "double", 21) == 42
        assert await host.call("drive", "double", "ab") == "abab"
        assert await host.call("drive", "count") == 0
        assert await host.call("drive", "count", 1, None, 3) == 3
        assert await host.call("drive", "lists", [1, {"a": True}]) == {"given": [1, {"a": True}], "bytes": b"\xff"}
        assert await host.call("drive", "names") == [
            *("count", "double", "folder", "lists", "mistake", "object", "refuse")
        ]


async def test_it_is_told_of_a_folder_of_its_own_in_the_data_folder(place: Place) -> None:
    write(place)
    async with place.host() as host:
        await host.load("drive")
        assert await host.call("drive", "folder") == str(place.data / "modules" / "drive")


async def test_what_the_system_refuses_is_nothing_and_a_message(place: Place) -> None:
    write(place)
    async with place.host() as host:
        await host.load("drive")
        assert await host.call("drive", "refuse") == (None, "permission denied")


async def test_a_mistake_in_it_is_a_lua_error_and_pcall_gets_text(place: Place) -> None:
    write(place)
    async with place.host() as host:
        await host.load("drive")
        with pytest.raises(ModuleFault, match=r"drive failed in native mistake \(native.py:\d+\): there is no 'lost'"):
            await host.call("drive", "mistake")
        ok, message = await host.call("drive", "guarded")
        assert ok is False
        assert "there is no 'lost'" in message
        assert "Error" not in message


async def test_no_python_object_comes_out(place: Place) -> None:
    write(place)
    async with place.host() as host:
        await host.load("drive")
        with pytest.raises(ModuleFault, match="only plain data can cross"):
            await host.call("drive", "object")


async def test_no_function_goes_in(place: Place) -> None:
    write(place, lua="return { exports = { try = function() return host.native.double(print) end } }")
    async with place.host() as host:
        await host.load("drive")
        with pytest.raises(ModuleFault, match="only plain data can cross"):
            await host.call("drive", "try")


@pytest.mark.parametrize("tier", ["plugins", "extensions", "integrations"])
async def test_outside_of_core_it_is_refused(tier: str, place: Place) -> None:
    write(place, tier=tier)
    async with place.host() as host:
        with pytest.raises(LoadFailed, match=r"native.py is there, and only modules of the core tier may have one"):
            await host.load("drive")


async def test_a_module_without_one_has_no_native(place: Place) -> None:
    place.module("plain", "return { exports = { has = function() return host.native ~= nil end } }", tier="core")
    async with place.host() as host:
        await host.load("plain")
        assert await host.call("plain", "has") is False


@pytest.mark.parametrize(
    ("native", "reason"),
    [
        ("def functions(folder:\n", "native.py: "),
        ("x = 1 / 0\n", "native.py failed: ZeroDivisionError: division by zero"),
        ("y = 1\n", "native.py failed: KeyError: 'functions'"),
        ("def functions(folder):\n    return None\n", "native.py failed: TypeError: "),
        ("import ast\nast.parse('(')\n", "native.py: '(' was never closed"),
    ],
)
async def test_one_that_cannot_be_used_refuses_the_load(native: str, reason: str, place: Place) -> None:
    write(place, native)
    async with place.host() as host:
        with pytest.raises(LoadFailed) as refusal:
            await host.load("drive")
        assert (refusal.value.step, reason in refusal.value.reason) == ("read", True)


async def test_one_that_leads_out_of_the_module_refuses_the_load(place: Place) -> None:
    outside = place.root.parent / "outside.py"
    outside.write_text(NATIVE)
    (place.module("drive", CALLS, tier="core") / "native.py").symlink_to(outside)
    async with place.host() as host:
        with pytest.raises(LoadFailed, match="leads out of the module"):
            await host.load("drive")


async def test_a_reload_reads_it_again(place: Place) -> None:
    write(place)
    async with place.host() as host:
        await host.load("drive")
        write(place, NATIVE.replace("value * 2", "value * 3"))
        await host.reload("drive")
        assert await host.call("drive", "double", 2) == 6


PARTED = """
from dataclasses import dataclass
from functools import partial as weights
from .weights import double

@dataclass
class Pair:
    one: int
    two: int

def functions(folder):
    return {"sum": weights(lambda one, two: double(Pair(one, two).one) + two)}
"""


def write_parted(place: Place, weights: str) -> None:
    write(place, PARTED, lua="return { exports = { sum = host.native.sum } }")
    parts = place.root / "core" / "drive" / "native"
    parts.mkdir(exist_ok=True)
    (parts / "weights.py").write_text(weights)


async def test_it_may_have_data_classes_and_files_beside_it_which_a_reload_reads_again(place: Place) -> None:
    write_parted(place, "def double(value):\n    return value * 2\n")
    before = set(sys.modules), list(sys.meta_path)
    async with place.host() as host:
        await host.load("drive")
        assert await host.call("drive", "sum", 2, 3) == 7
        write_parted(place, "def double(value):\n    return value * 9\n")
        await host.reload("drive")
        assert await host.call("drive", "sum", 2, 3) == 21
    assert {name for name in set(sys.modules) - before[0] if name.startswith("native_")} == set()
    assert sys.meta_path == before[1]


async def test_a_mistake_in_a_file_beside_it_is_told_with_that_file_and_line(place: Place) -> None:
    write_parted(place, "x = 1\ndef double(:\n")
    async with place.host() as host:
        with pytest.raises(LoadFailed) as refusal:
            await host.load("drive")
        assert refusal.value.reason.startswith("native/weights.py: ")
        assert (Path(refusal.value.file).name, refusal.value.line) == ("weights.py", 2)


async def test_its_annotations_are_evaluated_where_it_does_not_say_otherwise(place: Place) -> None:
    native = "def kinds(value: int) -> int: return value\n"
    write(
        place,
        f"{native}def functions(folder):\n    return {{'count': lambda: kinds.__annotations__['value'].__name__}}\n",
    )
    async with place.host() as host:
        await host.load("drive")
        assert await host.call("drive", "count") == "int"


DIRECT = """
local M = { exports = {} }
for _, name in ipairs({ "double", "count", "refuse", "mistake", "lists" }) do
    M.exports[name] = host.native[name]
end
return M
"""
ASKS = """
local drive = require("drive")
local double = drive.double
return { exports = {
    ask = function(name, ...) return drive[name](...) end,
    tries = function(name, ...) return pcall(drive[name], ...) end,
    kept = function(value) return double(value) end,
    has = function(name) return drive[name] ~= nil end,
} }
"""


def write_direct(place: Place, native: str = NATIVE, lua: str = DIRECT) -> None:
    write(place, native, lua=lua)
    place.module("asker", ASKS, more='[dependencies]\ndrive = "*"\n')


async def test_an_export_that_is_a_native_function_answers_as_one_of_lua_does(place: Place) -> None:
    write_direct(place)
    async with place.host() as host:
        await host.load("asker")
        assert await host.call("asker", "ask", "double", 21) == 42
        assert await host.call("asker", "ask", "count") == 0
        assert await host.call("asker", "ask", "count", 1, None, 3) == 3
        assert await host.call("asker", "ask", "lists", [1, {"a": True}]) == {
            "given": [1, {"a": True}],
            "bytes": b"\xff",
        }
        assert await host.call("asker", "ask", "refuse") == (None, "permission denied")
        ok, message = await host.call("asker", "tries", "mistake")
        assert (ok, "there is no 'lost'" in message) == (False, True)
        (calls,) = [row for row in host.parts.inspection.activity("drive") if row.name == "count"]
        assert (calls.calls, calls.faults) == (2, 0)
        (failed,) = [row for row in host.parts.inspection.activity("drive") if row.name == "mistake"]
        assert (failed.calls, failed.faults) == (1, 1)


async def test_a_swap_of_its_owner_is_seen_at_the_next_call_also_by_who_kept_the_function(place: Place) -> None:
    write_direct(place)
    async with place.host() as host:
        await host.load("asker")
        assert await host.call("asker", "kept", 2) == 4
        assert await host.call("asker", "has", "count") is True
        write_direct(place, NATIVE.replace("value * 2", "value * 3"), DIRECT.replace('"count", ', ""))
        await host.reload("drive")
        assert await host.call("asker", "kept", 2) == 6
        assert await host.call("asker", "ask", "double", 2) == 6
        assert await host.call("asker", "has", "count") is False


async def test_what_the_user_denies_is_denied_at_the_next_call(place: Place) -> None:
    write_direct(place)
    place.module("asker", ASKS, more='[dependencies]\ndrive = "*"\n[permissions]\nmodules = ["call:drive.*"]\n')
    async with place.host() as host:
        await host.load("asker")
        await host.grant("asker")
        assert await host.call("asker", "kept", 2) == 4
        await host.revoke("asker")
        nothing, why = await host.call("asker", "kept", 2)
        assert (nothing, why.startswith("permission denied: ")) == (None, True)
