"""A core module's native part: who may have one, what crosses, what becomes of its failures."""

from __future__ import annotations

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
        with pytest.raises(ModuleFault, match="drive failed in native mistake: KeyError: 'lost'"):
            await host.call("drive", "mistake")
        ok, message = await host.call("drive", "guarded")
        assert ok is False
        assert "KeyError: 'lost'" in message


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
