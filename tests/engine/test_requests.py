"""Requests: what a module is asked by `execute`, what it may answer, and what becomes of any other answer."""

from __future__ import annotations

from typing import Any

import pytest

from host import DeadlineExceeded, HostError, MemoryExceeded, ModuleFault
from host.vocabulary.errors import ModuleUnknown, NotData
from host.vocabulary.events import EventKind
from tests.engine.place import Place, kinds

LIMITS = '[limits]\ncall = "20 ms"\nmemory = "4 MiB"\n'
FULL = """return {
    status = "pending", data = {n = 1}, variables = {token = "abc"}, message = "later", next_action = "ask again",
}"""


def answering(body: str) -> str:
    return f"return {{execute = function(self, context) {body} end}}"


@pytest.mark.parametrize(
    ("body", "response"),
    [
        (
            FULL,
            {
                "status": "pending",
                "data": {"n": 1},
                "variables": {"token": "abc"},
                "message": "later",
                "next_action": "ask again",
            },
        ),
        ("return {}", {"status": "success"}),
        ("return {data = 7}", {"status": "success", "data": 7}),
        ("return {status = 'error', message = ''}", {"status": "error", "message": ""}),
        ("return {status = 'warning', data = {}}, 'more'", {"status": "warning", "data": {}}),
        ("return {status = 'success', data = {1, 2}}", {"status": "success", "data": [1, 2]}),
        ("return {cost = 3}", {"status": "success", "cost": 3}),
    ],
)
async def test_the_response_is_what_the_module_answered_with_a_status(
    place: Place, body: str, response: dict[str, Any]
) -> None:
    place.module("m", answering(body))
    async with place.host() as host:
        await host.load("m")
        assert await host.execute("m", {"parameters": {}}) == response


async def test_the_context_arrives_whole_and_is_an_empty_table_where_none_was_given(place: Place) -> None:
    seen = """local keys = {} for key in pairs(context) do keys[#keys + 1] = key end
    return {data = {kind = type(context), keys = #keys, parameters = context.parameters, name = self.name}}"""
    place.module("m", answering(seen))
    async with place.host() as host:
        await host.load("m")
        nothings: tuple[tuple[Any, ...], ...] = ((), (None,), ({},))
        for nothing in nothings:
            assert (await host.execute("m", *nothing))["data"] == {"kind": "table", "keys": 0, "name": "m"}
        whole = (await host.execute("m", {"parameters": {"deep": [1, {"x": True}]}, "user": "ana"}))["data"]
        assert whole == {"kind": "table", "keys": 2, "parameters": {"deep": [1, {"x": True}]}, "name": "m"}


@pytest.mark.parametrize(
    ("body", "error", "words"),
    [
        ("return", ModuleFault, "returned nothing, and must return a table with a status"),
        ("return nil, 'no such thing'", ModuleFault, "returned nothing"),
        ("return 7", ModuleFault, "returned a number"),
        ("return true", ModuleFault, "returned a boolean"),
        ("return 'fine'", ModuleFault, "returned 'fine'"),
        ("return {1, 2}", ModuleFault, "returned a table, and must return a table with a status"),
        (
            "return {status = 'fine'}",
            ModuleFault,
            "the status is 'fine', and must be success, error, warning or pending",
        ),
        ("return {status = 'a\\nb'}", ModuleFault, "the status is 'a b'"),
        ("return {status = true}", ModuleFault, "the status is a boolean"),
        ("return {status = {}}", ModuleFault, "the status is a table"),
        ("return {message = 7}", ModuleFault, "the message is a number, and must be text"),
        ("return {message = '\\255'}", ModuleFault, "the message is no text"),
        ("return {variables = 'a'}", ModuleFault, "the variables must be a table by name"),
        ("return {variables = {1}}", ModuleFault, "the variables must be a table by name"),
        ("return {variables = {[1] = 2, x = 3}}", ModuleFault, "the variables must be a table by name"),
        ("return {data = function() end}", ModuleFault, "a function, or holds one"),
        ("local t = {} t.data = t return t", ModuleFault, "cycle"),
        ("error('no')", ModuleFault, "no"),
        ("error({})", ModuleFault, "a table"),
        ("while true do end", DeadlineExceeded, "20 ms"),
        ("local all = {} while true do all[#all + 1] = ('x'):rep(65536) .. #all end", MemoryExceeded, "4 MiB"),
    ],
)
async def test_any_other_answer_is_one_sentence_and_a_fault_that_is_counted(
    place: Place, body: str, error: type[ModuleFault], words: str
) -> None:
    place.module("m", answering(body), more=LIMITS)
    async with place.host() as host:
        await host.load("m")
        with pytest.raises(error) as refusal:
            await host.execute("m", {})
        assert type(refusal.value) is error
        assert words in str(refusal.value)
        assert "\n" not in str(refusal.value)
        assert "in execute" in str(refusal.value)
        assert host.parts.roster.get("m").faults == 1
        assert kinds(host.chronicle)[-1] is EventKind.MODULE_FAULT
        del refusal


async def test_what_cannot_be_asked_is_refused_and_no_fault_of_the_module(place: Place) -> None:
    place.module("m", answering("return {}"))
    place.module("mute", "return {exports = {execute = function() end}}")
    async with place.host() as host:
        await host.load_all({"m": "", "mute": ""})
        with pytest.raises(HostError, match=r"mute 1\.0\.0 answers no requests"):
            await host.execute("mute", {})
        with pytest.raises(ModuleUnknown):
            await host.execute("nobody", {})
        wrongs: tuple[Any, ...] = ([], "text", 7)
        for wrong in wrongs:
            with pytest.raises(HostError, match="a dictionary"):
                await host.execute("m", wrong)
        with pytest.raises(NotData):
            await host.execute("m", {"parameters": object()})
        assert host.parts.roster.get("m").faults == 0
