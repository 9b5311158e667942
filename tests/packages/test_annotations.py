"""What an editor is told of a module's surroundings is what a real runtime has, neither more nor less."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, cast

import lupa.luajit21 as lupa
import pytest

from host import HostError
from host.lifecycle.widgets import HOLDERS, KINDS
from host.packages.annotations import FILE, folder
from host.packages.template import made
from host.runtime.offered import offered_names
from tests.engine.place import Place

TEXT: Final = (folder() / "theseus.lua").read_text()
CLASSES: Final = dict(re.findall(r"^---@class theseus\.(\w+)\n(.*?)\n(?!-)", TEXT, re.MULTILINE | re.DOTALL))
"""The lines about each class; a local after it is what its methods are put into."""
GIVEN: Final = """
local function keys(of)
    local found = {}
    for key in pairs(of) do
        found[#found + 1] = key
    end
    return found
end
local own
return {
    init = function(self)
        own = keys(self)
    end,
    exports = {
        given = function()
            return {
                Module = own,
                Timer = keys(host.every(1000, print)),
                Task = keys(host.async(print)),
                Panel = keys(host.ui.panel { id = "p" }),
            }
        end,
    },
}
"""
STANDARD: Final = ("basic", "bit", "coroutine", "math", "string", "table")
"""Libraries that lua-language-server describes by itself."""


def names_in(lua: Any, table: Any, prefix: str = "", depth: int = 3) -> Iterator[tuple[str, str]]:
    kind = lua.globals().type
    for name, value in table.items():
        yield f"{prefix}{name}", kind(value)
        if kind(value) == "table" and depth > 1:
            yield from names_in(lua, value, f"{prefix}{name}.", depth - 1)


@pytest.fixture(scope="module")
def described() -> dict[str, str]:
    """Names and types of what the file defines, by running it."""
    lua = lupa.LuaRuntime()
    environment = lua.table()
    lua.globals().setfenv(lua.globals().loadstring(TEXT, "@theseus.lua"), environment)()
    return dict(names_in(lua, environment))


def fields(name: str) -> dict[str, str]:
    """The fields and methods of a class, with their types."""
    found = dict(re.findall(r"^---@field (\w+)\??\s+(.*)$", CLASSES[name], re.MULTILINE))
    return found | dict.fromkeys(re.findall(rf"^function {name}[.:](\w+)\(", TEXT, re.MULTILINE), "function")


def test_what_is_described_is_there(described: dict[str, str]) -> None:
    offered = offered_names()
    assert {name: offered.get(name) for name in described} == described


def test_what_is_there_is_described_or_luas_own(described: dict[str, str]) -> None:
    lua = lupa.LuaRuntime()
    libraries = lua.table_from({name: lua.globals()[name] for name in STANDARD if name != "basic"})
    basic = {name for name, kind in names_in(lua, lua.globals(), depth=1) if kind == "function"} - {"require"}
    own = basic | {"_VERSION"} | {name for name, _ in names_in(lua, libraries)}
    assert sorted(offered_names().keys() - described.keys() - own) == []


async def test_what_the_host_hands_out_is_described(place: Place) -> None:
    place.module("giver", GIVEN)
    async with place.host() as host:
        await host.load("giver")
        given = cast("dict[str, list[str]]", await host.call("giver", "given"))
    for name in ("Timer", "Task", "Panel"):
        assert set(given[name]) == fields(name).keys()
    members = re.search(r"^local MEMBERS = {(.*?)}", contract(), re.MULTILINE | re.DOTALL)
    assert members is not None
    assert fields("Module").keys() == set(given["Module"]) | set(re.findall(r'"(\w+)"', members[1]))


def contract() -> str:
    return (Path(__file__).parents[2] / "host" / "runtime" / "contract.lua").read_text()


def test_every_kind_of_widget_is_described_with_its_properties() -> None:
    listed = re.search(r"^---@alias theseus\.Widget\n((?:---\| .*\n)+)", TEXT, re.MULTILINE)
    assert listed is not None
    widgets = {fields(name)["kind"].strip('"'): fields(name) for name in re.findall(r"theseus\.(\w+)", listed[1])}
    assert widgets.keys() == KINDS.keys()
    for kind, properties in KINDS.items():
        children = {"children"} if kind in HOLDERS else set()
        assert widgets[kind].keys() == {"kind", "id", *properties, *children}
        calls = {name for name, type_ in widgets[kind].items() if type_.startswith("fun(")}
        assert calls == {name for name in properties if name.startswith("on")}


def test_what_execute_answers_with_is_described() -> None:
    written = (Path(__file__).parents[2] / "docs" / "writing-modules.md").read_text()
    section = written.partition("## Requests and health")[2].partition("\n## ")[0]
    assert fields("Response").keys() == set(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE))


def test_every_type_that_is_named_is_described() -> None:
    known = set(re.findall(r"^---@(?:class|alias) (theseus\.\w+)", TEXT, re.MULTILINE))
    assert set(re.findall(r"\btheseus\.[A-Z]\w+", TEXT)) == known


def test_parameters_are_described_as_they_are_called() -> None:
    for above, arguments in re.findall(r"((?:^---.*\n)+)^function [\w.:]+\((.*)\) end", TEXT, re.MULTILINE):
        told = re.findall(r"^---@param (\S+?)\??(?: |$)", above, re.MULTILINE)
        assert told == [name.strip() for name in arguments.split(",") if name.strip()], above


def test_a_new_module_has_them_beside_it_and_one_that_is_there_stays(tmp_path: Path) -> None:
    module = made(tmp_path, "plugins", "chat")
    settings = json.loads((tmp_path / FILE).read_text())
    assert settings["runtime.version"] == "LuaJIT"
    assert [Path(each, "theseus.lua").is_file() for each in settings["workspace.library"]] == [True]
    (tmp_path / FILE).write_text("{}")
    made(tmp_path, "plugins", "hud")
    assert (tmp_path / FILE).read_text() == "{}"
    assert "theseus.Module" in (module / "init.lua").read_text()


def test_where_they_cannot_be_written_no_module_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("host.packages.annotations.settings", full)
    with pytest.raises(HostError, match="no space left on device; nothing of it is left"):
        made(tmp_path, "plugins", "chat")
    assert list((tmp_path / "plugins").iterdir()) == []
    assert not (tmp_path / FILE).exists()


async def test_a_host_takes_no_notice_of_them(place: Place) -> None:
    made(place.root, "plugins", "chat")
    async with place.host() as host:
        assert host.snapshot().problems == ()
