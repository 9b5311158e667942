"""Settings are judged in a process of its own: whatever a schema says, nobody waits for it for long."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from host import HostError
from host.lifecycle import judge as judging
from host.lifecycle.configuration import ConfigurationInvalid
from host.lifecycle.faults import LONGEST, MOST
from host.lifecycle.judge import Judge
from host.vocabulary.settings import SettingFault

LIMIT = {"properties": {"limit": {"maximum": 9}}}
TOO_MUCH = (SettingFault(path=("limit",), message="12 is greater than the maximum of 9"),)


@pytest_asyncio.fixture
async def judge() -> AsyncIterator[Judge]:
    judge = Judge()
    yield judge
    await judge.close()


def doubling(levels: int) -> dict[str, Any]:
    """A schema that looks at each value once for each of 2 ** levels ways to the same end."""
    ends: dict[str, Any] = {"d0": {"type": "string"}}
    for level in range(levels):
        ends[f"d{level + 1}"] = {"allOf": [{"$ref": f"#/$defs/d{level}"}] * 2}
    return {"$defs": ends, "properties": {"name": {"$ref": f"#/$defs/d{levels}"}}}


ENDLESS: dict[str, dict[str, Any]] = {
    "a pattern": {"properties": {"name": {"pattern": "^(a|a)*$"}}},
    "a pattern of names": {"properties": {"name": {"propertyNames": {"pattern": "^(a|a)*$"}}}},
    "references": doubling(40),
}
NAME = "a" * 60 + "!"


async def test_what_a_schema_has_against_settings_is_told_with_places(judge: Judge) -> None:
    assert await judge.faults(LIMIT, {"limit": 12}) == TOO_MUCH
    assert await judge.faults(LIMIT, {"limit": 3}) == ()
    with pytest.raises(ConfigurationInvalid, match=r"configuration of chat was refused at \$\.limit: 12 is greater"):
        await judge.check("chat", LIMIT, {"limit": 12})


async def test_without_a_schema_nobody_is_asked(judge: Judge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judging, "_COMMAND", ("/no/such/program",))
    assert await judge.faults(None, {"any": 1}) == ()


@pytest.mark.parametrize("schema", ENDLESS)
async def test_a_schema_that_would_take_for_ever_is_one_fault_and_the_next_is_judged(
    judge: Judge, monkeypatch: pytest.MonkeyPatch, schema: str
) -> None:
    monkeypatch.setattr(judging, "LONGEST", 0.3)
    name: Any = {NAME: 1} if "names" in schema else NAME
    asked = asyncio.create_task(judge.faults(ENDLESS[schema], {"name": name}))
    turns = 0
    while not asked.done():
        turns += 1
        await asyncio.sleep(0.01)
    monkeypatch.undo()
    ((fault,), after) = asked.result(), await judge.faults(LIMIT, {"limit": 12})
    assert fault.path == ()
    assert fault.message.startswith("config.schema.json cannot be used: judging by it takes more than")
    assert turns > 1
    assert after == TOO_MUCH


async def test_time_is_counted_that_the_schema_takes_and_not_what_others_take(judge: Judge) -> None:
    await judge.faults(LIMIT, {})
    process = judge._process  # noqa: SLF001 - to stop it
    assert process is not None
    process.send_signal(signal.SIGSTOP)
    asyncio.get_running_loop().call_later(judging.LONGEST + 0.3, process.send_signal, signal.SIGCONT)
    assert await judge.faults(LIMIT, {"limit": 12}) == TOO_MUCH


async def test_a_process_that_the_system_ends_is_no_fault_of_the_settings(judge: Judge) -> None:
    await judge.faults(LIMIT, {})
    for _ in range(3):
        process = judge._process  # noqa: SLF001 - to end it
        assert process is not None
        os.kill(process.pid, signal.SIGKILL)
        assert await judge.faults(LIMIT, {"limit": 12}) == TOO_MUCH


async def test_who_asks_as_the_process_leaves_is_answered_by_the_next(
    judge: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judging, "KEPT", 0.0)
    for turns in range(20):
        assert await judge.faults(LIMIT, {"limit": 12}) == TOO_MUCH
        process = judge._process  # noqa: SLF001 - to ask before its end is known
        assert process is not None
        assert process.stdin is not None
        while not process.stdin.is_closing():  # noqa: ASYNC110 - a timer closes it, and tells nobody
            await asyncio.sleep(0)
        for _ in range(turns % 4):
            await asyncio.sleep(0)


async def test_who_asks_next_is_told_nothing_of_what_a_cancelled_one_asked(judge: Judge) -> None:
    await judge.faults(LIMIT, {})
    asked = asyncio.create_task(judge.faults(ENDLESS["a pattern"], {"name": NAME}))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    assert await judge.faults(LIMIT, {"limit": 12}) == TOO_MUCH


async def test_the_process_leaves_when_nobody_asks_and_comes_again(
    judge: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judging, "KEPT", 0.0)
    assert await judge.faults(LIMIT, {}) == ()
    process = judge._process  # noqa: SLF001 - to wait for its end
    assert process is not None
    async with asyncio.timeout(10):
        assert await process.wait() == 0
    assert await judge.faults(LIMIT, {"limit": 12}) == TOO_MUCH


@pytest.mark.parametrize("command", [("/no/such/program",), (sys.executable, "-c", "")])
async def test_where_no_process_can_be_had_that_is_said(
    judge: Judge, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    monkeypatch.setattr(judging, "_COMMAND", command)
    with pytest.raises(HostError, match="settings cannot be judged: "):
        await judge.faults(LIMIT, {})


@pytest.mark.parametrize("settings", [{"a": float("nan")}, {"a": {1}}, {"a": b"x"}])
async def test_what_json_cannot_say_is_a_fault(judge: Judge, settings: dict[str, Any]) -> None:
    ((fault,)) = await judge.faults(LIMIT, settings)
    assert fault.message.startswith("JSON cannot say it")


async def test_what_is_told_is_bounded(judge: Judge) -> None:
    schema = {"additionalProperties": {"type": "integer"}}
    found = await judge.faults(schema, {f"k{number}": "x" * 100_000 for number in range(2 * MOST)})
    assert len(found) == MOST
    assert all(len(fault.message) < LONGEST + 10 for fault in found)
    assert found[0].message.endswith("is not of type 'integer'")
