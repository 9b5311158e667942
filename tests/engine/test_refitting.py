"""A schema that is saved while its module runs: new defaults arrive, and what fits no longer is told."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from host import Host
from host.vocabulary.views import ProblemView
from tests.engine.place import DEADLINE, Place, lines

LIVE = """local M = {}
function M:init(config) print("init", config.volume) end
function M:configure(config)
    if config.volume == 13 then return false, "not 13" end
    print("configure", config.volume)
end
return M"""
RELOADED = "return {init = function(_, config) print('init', config.volume) end}"


def save(folder: Path, default: Any, kind: str = "integer") -> None:
    schema = {"properties": {"volume": {"type": kind, "default": default}}}
    (folder / "config.schema.json").write_text(json.dumps(schema))


def problem(host: Host) -> ProblemView:
    (found,) = host.snapshot().problems
    assert (found.id, found.module) == ("config:m", "m")
    assert "\n" not in found.message
    return found


@pytest.mark.parametrize(("source", "words"), [(LIVE, "configure 5"), (RELOADED, "init 5")])
async def test_new_defaults_reach_the_running_module(place: Place, source: str, words: str) -> None:
    folder = place.module("m", source)
    save(folder, 3)
    async with place.host() as host:
        await host.load("m")
        await host.rescan()
        assert lines(host.chronicle, "m") == ["init 3"]
        save(folder, 5)
        await host.rescan()
        assert lines(host.chronicle, "m") == ["init 3", words]
        await host.rescan()
        assert lines(host.chronicle, "m") == ["init 3", words]


async def test_what_the_user_set_and_fits_no_longer_is_told_until_it_fits_again(place: Place) -> None:
    folder = place.module("m", LIVE)
    save(folder, 3)
    async with place.host() as host:
        await host.load("m")
        await host.configure("m", {"volume": 7})
        save(folder, "loud", kind="string")
        await host.rescan()
        assert "$.volume: 7 is not of type 'string'; it runs on as it was configured" in problem(host).message
        assert problem(host).file == str(folder / "config.schema.json")
        save(folder, 3)
        await host.rescan()
        assert host.snapshot().problems == ()
        save(folder, "loud", kind="string")
        await host.rescan()
        await host.configure("m", {"volume": "soft"})
        assert host.snapshot().problems == ()
        assert lines(host.chronicle, "m") == ["init 3", "configure 7", "configure soft"]


@pytest.mark.parametrize("text", ["{", "[]", "\xff", '{"a": 1, "a": 2}'])
async def test_a_schema_that_cannot_be_used_is_told_until_it_can(place: Place, text: str) -> None:
    folder = place.module("m", LIVE)
    save(folder, 3)
    async with place.host() as host:
        await host.load("m")
        (folder / "config.schema.json").write_bytes(text.encode("latin-1"))
        await host.rescan()
        assert "the schema of m cannot be used: config.schema.json" in problem(host).message
        save(folder, 3)
        await host.rescan()
        assert host.snapshot().problems == ()
        assert lines(host.chronicle, "m") == ["init 3"]


async def test_a_module_that_refuses_the_new_defaults_runs_on_and_is_told_of(place: Place) -> None:
    folder = place.module("m", LIVE)
    save(folder, 3)
    async with place.host() as host:
        await host.load("m")
        save(folder, 13)
        await host.rescan()
        await host.rescan()
        assert "not 13" in problem(host).message
        await host.unload("m")
        assert host.snapshot().problems == ()


async def test_a_saved_schema_is_noticed_while_the_folders_are_watched(place: Place) -> None:
    folder = place.module("m", LIVE)
    save(folder, 3)
    async with place.host(watch=True) as host:
        await host.load("m")
        save(folder, 5)
        async with asyncio.timeout(DEADLINE):
            while "configure 5" not in lines(host.chronicle, "m"):
                await host.chronicle.newer_than(host.chronicle.revision, DEADLINE)


async def test_a_module_that_is_not_to_be_reloaded_keeps_its_defaults(place: Place) -> None:
    folder = place.module("m", LIVE, more="reloadable = false\n")
    save(folder, 3)
    async with place.host() as host:
        await host.load("m")
        save(folder, 5)
        await host.rescan()
        assert lines(host.chronicle, "m") == ["init 3"]


async def test_what_was_rolled_back_does_not_come_again_with_a_saved_schema(place: Place) -> None:
    folder = place.module("m", RELOADED)
    save(folder, 3)
    async with place.host() as host:
        await host.load("m")
        (folder / "init.lua").write_text(RELOADED.replace("init'", "newer'"))
        await host.rescan()
        await host.rollback("m")
        save(folder, 5)
        await host.rescan()
        assert lines(host.chronicle, "m") == ["init 3", "newer 3"]
