"""Settings as a window asks for them: shown, judged, set."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from host import HostError
from host.cli.answers import Answers
from tests.engine.place import Place

SCHEMA = {"properties": {"limit": {"type": "integer", "maximum": 9, "default": 3}, "name": {"$ref": "#/$defs/name"}}}
KEEPING = """local M = {}
function M:init(config) self.got = config end
function M:configure(config) self.got = config end
function M:getState() return self.got end
return M"""


def described(folder: Path, schema: object) -> None:
    (folder / "config.schema.json").write_text(json.dumps(schema))


async def test_what_was_set_is_shown_beside_the_schema_and_judged_with_its_defaults(place: Place) -> None:
    described(place.module("chat", KEEPING), SCHEMA | {"$defs": {"name": {"type": "string"}}})
    async with place.host() as host:
        await host.load("chat")
        answers = Answers(host, asyncio.Event())
        assert (await answers.settings("chat"))["settings"] == {}
        (fault,) = await answers.check_settings("chat", {"limit": 12})
        assert (fault.path, fault.message) == (("limit",), "12 is greater than the maximum of 9")
        await answers.configure("chat", {"name": "ana"})
        assert await host.state("chat") == {"limit": 3, "name": "ana"}
        shown = await answers.settings("chat")
        assert shown["settings"] == {"name": "ana"}
        assert shown["schema"]["$defs"] == {"name": {"type": "string"}}


async def test_a_module_without_a_schema_takes_any_settings(place: Place) -> None:
    place.module("chat", KEEPING)
    async with place.host() as host:
        await host.load("chat")
        answers = Answers(host, asyncio.Event())
        assert await answers.settings("chat") == {"schema": None, "settings": {}}
        assert await answers.check_settings("chat", {"any": [1]}) == ()


@pytest.mark.parametrize("settings", [None, [1], "text"])
async def test_settings_that_are_no_object_are_refused_and_change_nothing(place: Place, settings: object) -> None:
    place.module("chat", KEEPING)
    async with place.host() as host:
        await host.load("chat")
        answers = Answers(host, asyncio.Event())
        assert len(await answers.check_settings("chat", settings)) == 1
        with pytest.raises(HostError, match="settings are an object"):
            await answers.configure("chat", settings)
        assert (await answers.settings("chat"))["settings"] == {}


async def test_a_schema_that_is_broken_while_the_module_runs_is_told(place: Place) -> None:
    folder = place.module("chat", KEEPING)
    async with place.host() as host:
        await host.load("chat")
        (folder / "config.schema.json").write_text("{")
        answers = Answers(host, asyncio.Event())
        with pytest.raises(HostError, match=r"config\.schema\.json.*mend the schema"):
            await answers.settings("chat")
        assert len(await answers.check_settings("chat", {})) == 1
