"""Settings that are refused: those before are in force and kept, whoever said no."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from host import HostError, LoadFailed, SwapFailed
from host.lifecycle.configuration import ConfigurationInvalid
from tests.engine.place import Place, lines

LIVE = """local M = {}
local x
function M:init(config) x = config.x end
function M:configure(config)
    if config.x == 13 then return false, "not 13" end
    x = config.x
end
M.exports = {x = function() return x end}
return M"""
RELOADED = """local x
return {
    init = function(_, config)
        if config.x == 13 then return false, "not 13" end
        x = config.x
    end,
    exports = {x = function() return x end},
}"""
NO_JSON: dict[str, Any] = {"a set": {1, 2}, "bytes": b"x", "NaN": float("nan"), "an object": object()}


def schema(folder: Path, text: str) -> None:
    (folder / "config.schema.json").write_text(text)


@pytest.mark.parametrize(("source", "error"), [(LIVE, LoadFailed), (RELOADED, SwapFailed)])
@pytest.mark.parametrize(("value", "reason"), [(13, "not 13"), (2**70, f"value.x is the integer {2**70}")])
async def test_settings_that_the_module_cannot_take_are_not_kept(
    place: Place, source: str, error: type[HostError], value: int, reason: str
) -> None:
    place.module("m", source, more="autoload = true\n")
    async with place.host(autoload=True) as host:
        await host.configure("m", {"x": 1})
        with pytest.raises(error, match=reason):
            await host.configure("m", {"x": value})
        assert await host.call("m", "x") == 1
    async with place.host(autoload=True) as host:
        assert await host.call("m", "x") == 1


async def test_settings_that_are_refused_where_there_were_none_leave_none(place: Place) -> None:
    place.module("m", LIVE)
    async with place.host() as host:
        await host.load("m")
        with pytest.raises(LoadFailed, match=r"m 1\.0\.0 refused its configuration: not 13; it runs on as it was"):
            await host.configure("m", {"x": 13})
    async with place.host() as host:
        await host.load("m")
        assert await host.call("m", "x") is None


@pytest.mark.parametrize("case", NO_JSON)
async def test_settings_that_json_cannot_say_are_refused(place: Place, case: str) -> None:
    place.module("m", LIVE)
    async with place.host() as host:
        await host.load("m")
        await host.configure("m", {"x": 1})
        with pytest.raises(ConfigurationInvalid, match="JSON cannot say it"):
            await host.configure("m", {"x": NO_JSON[case]})
        assert await host.call("m", "x") == 1


async def test_a_module_gets_what_it_will_get_after_a_restart(place: Place) -> None:
    place.module("m", LIVE)
    async with place.host() as host:
        await host.load("m")
        await host.configure("m", {"x": {1: "one", "list": (1, 2)}})
        assert await host.call("m", "x") == {"1": "one", "list": [1, 2]}


async def test_no_settings_are_taken_while_the_schema_cannot_be_used(place: Place) -> None:
    folder = place.module("m", LIVE)
    schema(folder, "{}")
    async with place.host() as host:
        await host.load("m")
        schema(folder, '{\n"properties": ')
        with pytest.raises(ConfigurationInvalid, match=r"refused at config\.schema\.json:2: is not JSON: .*; mend it"):
            await host.configure("m", {"x": 1})
        schema(folder, "{}")
        await host.configure("m", {})
        assert await host.call("m", "x") is None


@pytest.mark.parametrize(
    ("default", "fault"),
    [
        (str(2**70), r"properties\.x a default with an integer beyond 2\^53"),
        ('["\\ud800"]', "half a surrogate pair"),
        ("[" * 100 + "]" * 100, "more than 99 levels"),
    ],
)
async def test_a_default_that_no_module_can_be_handed_stops_its_module_and_no_other(
    place: Place, default: str, fault: str
) -> None:
    folder = place.module("bad", more="autoload = true\n")
    schema(folder, f'{{"properties": {{"x": {{"default": {default}}}}}}}')
    place.module("good", more="autoload = true\n")
    async with place.host(autoload=True) as host:
        assert list(host.parts.roster.active) == ["good"]
        (problem,) = host.snapshot().problems
        assert (problem.id, problem.file) == ("failed:bad", str(folder / "config.schema.json"))
        with pytest.raises(LoadFailed, match=fault):
            await host.load("bad")


async def test_what_was_kept_before_and_cannot_be_handed_over_stops_its_module_and_no_other(place: Place) -> None:
    place.module("bad", LIVE, more="autoload = true\n")
    place.module("good", more="autoload = true\n")
    async with place.host() as host:
        host.parts.keeping.configure("bad", {"x": 2**70})
    async with place.host(autoload=True) as host:
        assert list(host.parts.roster.active) == ["good"]
        assert "bad 1.0.0 did not load (init): its configuration cannot be handed over: value.x is the integer" in (
            host.snapshot().modules["bad"].reason
        )
        assert lines(host.chronicle) == []


async def test_a_default_of_ninety_nine_levels_is_handed_over(place: Place) -> None:
    folder = place.module("m", LIVE)
    deepest: list[Any] = []
    for _ in range(98):
        deepest = [deepest]
    schema(folder, json.dumps({"properties": {"x": {"default": deepest}}}))
    async with place.host() as host:
        await host.load("m")


@pytest.mark.parametrize(
    "text",
    ['{"$ref": "#/nowhere"}', '{"type": "objekt"}', '{"properties": {"x": {"pattern": "("}}}'],
)
async def test_a_schema_that_judges_nothing_takes_no_settings(place: Place, text: str) -> None:
    folder = place.module("m", LIVE)
    schema(folder, text)
    async with place.host() as host:
        await host.load("m")
        with pytest.raises(ConfigurationInvalid, match=r"config\.schema\.json cannot be used"):
            await host.configure("m", {"x": "text"})


async def test_a_schema_that_refers_to_itself_without_end_is_not_loaded(place: Place) -> None:
    schema(place.module("m", LIVE), '{"$ref": "#"}')
    async with place.host() as host:
        with pytest.raises(LoadFailed, match="refers to itself without end, by #; no settings can be judged by it"):
            await host.load("m")


async def test_nothing_that_a_schema_refers_to_is_fetched(place: Place) -> None:
    """A module without any permission had the host ask any address, when its settings were judged."""
    asked: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readline())
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1") as server:
        port = server.sockets[0].getsockname()[1]
        folder = place.module("m", LIVE)
        schema(folder, f'{{"properties": {{"x": {{"$ref": "http://127.0.0.1:{port}/"}}}}}}')
        async with place.host() as host:
            await host.load("m")
            with pytest.raises(ConfigurationInvalid, match="which is nowhere in it"):
                await host.configure("m", {"x": 1})
    assert asked == []
