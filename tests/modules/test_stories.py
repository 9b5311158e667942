"""Whole stories of the bundled modules, as a user lives them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from host import DeadlineExceeded, Host, LoadFailed, MemoryExceeded, ModuleFault, RecursionExceeded, SwapFailed
from tests.modules.bundled import host, records


async def say(running: Host, *contents: str, **more: Any) -> None:
    for content in contents:
        report = await running.emit("onMessageReceived", {"sender": "ana", "content": content, **more})
        assert report.failures == ()


async def contents(running: Host) -> list[str]:
    return [message["content"] for message in await running.call("advanced_chat", "messages")]


async def test_no_message_is_lost_on_the_way_to_the_new_chat_and_back(tmp_path: Path) -> None:
    async with host(tmp_path) as running:
        await running.load("advanced_chat", "==1.0.0")
        await running.emit("onUserJoined", "ana")
        await say(running, "one", "two")
        before = await running.call("advanced_chat", "messages")
        assert [sorted(message) for message in before] == [["content", "id", "sender", "timestamp", "type"]] * 2

        await running.swap("advanced_chat", "2.1.0")
        await say(running, "three")
        await say(running, "four", room="kitchen")
        assert await running.call("advanced_chat", "messageCount") == 4
        assert sorted((await running.state("advanced_chat"))["rooms"]) == ["kitchen", "lobby"]

        await running.swap("advanced_chat", "1.0.0")
        after = await running.call("advanced_chat", "messages")
        assert [message["content"] for message in after] == ["one", "two", "three", "four"]
        assert [message["timestamp"] for message in after[:2]] == [message["timestamp"] for message in before]
        await say(running, "five")
        assert (await running.call("advanced_chat", "messages", 1))[0]["id"] == 5
        assert await running.call("advanced_chat", "users") == ["ana"]


async def test_a_roll_back_keeps_the_messages_that_came_since_the_swap(tmp_path: Path) -> None:
    async with host(tmp_path) as running:
        await running.load("advanced_chat", "==1.0.0")
        await say(running, "one")
        await running.swap("advanced_chat", "2.1.0")
        await say(running, "two")
        report = await running.rollback("advanced_chat")
        assert report.notes == ("it goes on with the newer state, that of 2.1.0",)
        assert await contents(running) == ["one", "two"]


async def test_messages_are_there_after_the_next_start(tmp_path: Path) -> None:
    async with host(tmp_path) as running:
        await running.load("advanced_chat", "==1.0.0")
        await say(running, "one")
    async with host(tmp_path) as running:
        await running.load("advanced_chat", "==2.1.0")
        assert await contents(running) == ["one"]


async def test_ten_thousand_messages_cross_both_ways(tmp_path: Path) -> None:
    async with host(tmp_path) as running:
        await running.load("advanced_chat", "==1.0.0")
        await running.configure("advanced_chat", {"maxMessages": 10000})
        for number in range(10_000):
            await running.emit("onMessageReceived", {"sender": "ana", "content": f"message {number}"})
        await running.swap("advanced_chat", "2.1.0")
        assert await running.call("advanced_chat", "messageCount") == 10_000
        await running.swap("advanced_chat", "1.0.0")
        (last,) = await running.call("advanced_chat", "messages", 1)
        assert (last["id"], last["content"]) == (10_000, "message 9999")


async def test_the_new_chat_brings_the_word_filter_and_uses_it(tmp_path: Path) -> None:
    async with host(tmp_path) as running:
        plan = await running.load("advanced_chat", "==2.1.0")
        assert [step.name for step in plan.order] == ["word_filter", "advanced_chat"]
        await running.call("word_filter", "add", "bother")
        await say(running, "oh bother", "oh dear")
        assert await contents(running) == ["oh ******", "oh dear"]


def a_folder(file: Path) -> None:
    file.mkdir()


def a_link_to_elsewhere(file: Path) -> None:
    file.symlink_to(file.parents[3] / "elsewhere.jsonl")


@pytest.mark.parametrize(
    ("obstacle", "reason"),
    [
        (a_folder, "is a directory"),
        (a_link_to_elsewhere, "elsewhere.jsonl, which its manifest does not ask for"),
    ],
)
async def test_a_batch_that_cannot_be_sent_waits_in_front_and_all_go_in_order(
    obstacle: Callable[[Path], None], reason: str, tmp_path: Path
) -> None:
    async with host(tmp_path) as running:
        await running.load("analytics")
        await running.configure("analytics", {"batchSize": 3, "flushSeconds": 3600})
        file = tmp_path / "modules" / "analytics" / "analytics.jsonl"
        file.parent.mkdir(parents=True)
        obstacle(file)
        await say(running, *(f"m{number}" for number in range(1, 8)))
        stats = await running.call("analytics", "stats")
        assert (stats["queued"], stats["sent"], stats["failures"]) == (7, 0, 1)
        assert stats["failing"].endswith(reason)
        for _ in range(2):  # putting back in reverse would look right after two times
            state = await running.state("analytics")
            assert [event["seq"] for event in state["queue"]] == [1, 2, 3, 4, 5, 6, 7]
            assert await running.call("analytics", "flush") == (None, stats["failing"])

        file.rename(file.with_name("aside"))
        assert await running.call("analytics", "flush") == 7
        await say(running, "m8", "m9", "m10")
        assert [record["data"]["content"] for record in records(tmp_path)] == [f"m{n}" for n in range(1, 11)]
        assert [record["seq"] for record in records(tmp_path)] == list(range(1, 11))


async def test_failing_to_send_is_told_once_and_not_for_each_event(tmp_path: Path) -> None:
    async with host(tmp_path) as running:
        await running.load("analytics")
        await running.configure("analytics", {"batchSize": 1, "flushSeconds": 3600})
        (tmp_path / "modules" / "analytics" / "analytics.jsonl").mkdir(parents=True)
        await say(running, *map(str, range(100)))
        warnings = [line for line in running.chronicle.log_since(0) if line.module == "analytics"]
        assert [line.text for line in warnings] == ["1 events wait: is a directory"]


async def test_what_waits_is_sent_once_through_swaps_unloads_and_starts(tmp_path: Path) -> None:
    async with host(tmp_path) as running:
        await running.load("analytics")
        await say(running, "m1", "m2")
        await running.reload("analytics")
        await say(running, "m3")
        await running.unload("analytics")
        assert [record["data"]["content"] for record in records(tmp_path)] == ["m1", "m2", "m3"]
        await running.load("analytics")
        await say(running, "m4")
    async with host(tmp_path) as running:
        await running.load("analytics")
        await say(running, "m5")
        await running.unload("analytics")
        await running.load("analytics", fresh=True)
        await say(running, "m6")
    assert [record["data"]["content"] for record in records(tmp_path)] == [f"m{number}" for number in range(1, 7)]
    assert [record["seq"] for record in records(tmp_path)] == [1, 2, 3, 4, 5, 6]


async def test_events_that_came_while_the_file_could_not_be_asked_are_numbered_behind_it(tmp_path: Path) -> None:
    async with host(tmp_path) as running:
        await running.load("analytics")
        await say(running, "m1", "m2")
    file = tmp_path / "modules" / "analytics" / "analytics.jsonl"
    aside = file.rename(file.with_name("aside"))
    file.mkdir()
    async with host(tmp_path) as running:
        await running.load("analytics", fresh=True)
        await say(running, "m3")
        file.rmdir()
        aside.rename(file)
        assert await running.call("analytics", "flush") == 1
    assert [(record["seq"], record["data"]["content"]) for record in records(tmp_path)] == [
        (1, "m1"),
        (2, "m2"),
        (3, "m3"),
    ]


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("raise", ModuleFault),
        ("mistake", ModuleFault),
        ("table", ModuleFault),
        ("recurse", RecursionExceeded),
        ("loop", DeadlineExceeded),
        ("swallow", DeadlineExceeded),
        ("coroutine", DeadlineExceeded),
        ("pattern", DeadlineExceeded),
        ("allocate", MemoryExceeded),
    ],
)
async def test_a_fault_is_contained_and_named(kind: str, error: type[ModuleFault], tmp_path: Path) -> None:
    async with host(tmp_path, autoload=True) as running:
        await running.load("faulty")
        await running.load("advanced_chat")
        report = await running.emit("onFaultyTry", kind)
        assert [type(fault) for fault in report.failures] == [error]
        assert report.failures[0].module == "faulty"
        with pytest.raises(error):
            await running.call("faulty", "try", kind)

        await say(running, "still here")
        assert await contents(running) == ["still here"]
        assert await running.call("faulty", "tries") == 2
        assert await running.call("clock", "now") > 0
        view = running.snapshot().modules["faulty"]
        assert (view.status, view.faults) == ("active", 2)


async def test_a_fault_names_the_line_that_made_it(tmp_path: Path) -> None:
    async with host(tmp_path) as running:
        await running.load("faulty")
        (fault,) = (await running.emit("onFaultyTry", "raise")).failures
        manifest = running.parts.roster.get("faulty").manifest
        line = (manifest.folder / fault.file).read_text("utf-8").splitlines()[fault.line - 1]
        assert "raised on purpose" in line


@pytest.mark.parametrize("way", ["init refuses", "init raises", "init loops"])
async def test_a_load_that_fails_leaves_nothing_behind(way: str, tmp_path: Path) -> None:
    async with host(tmp_path) as running:
        await running.load("faulty")
        with pytest.raises(SwapFailed):
            await running.configure("faulty", {"fail": way})
        assert await running.call("faulty", "tries") == 0
        await running.unload("faulty")
        running.parts.keeping.configure("faulty", {"fail": way})
        with pytest.raises(LoadFailed, match=r"did not load \(init\)"):
            await running.load("faulty")
        assert "faulty" not in running.parts.roster.active
        assert (await running.emit("onFaultyTry", "raise")).delivered == 0


async def test_a_cleanup_that_raises_stops_no_unload(tmp_path: Path) -> None:
    async with host(tmp_path) as running:
        await running.load("faulty")
        await running.configure("faulty", {"fail": "cleanup raises"})
        assert await running.unload("faulty") == ("faulty",)
        assert "cleanup raised on purpose" in " ".join(line.text for line in running.chronicle.log_since(0))


async def test_the_clock_counts_on_across_a_start(tmp_path: Path) -> None:
    async with host(tmp_path) as running:
        await running.load("clock")
        await running.configure("clock", {"interval": 10})
        events = 0
        while await running.call("clock", "ticks") < 3:
            events += 1
            await running.chronicle.newer_than(running.chronicle.revision, 0.01)
            assert events < 1000
        ticks = await running.call("clock", "ticks")
    async with host(tmp_path) as running:
        await running.load("clock")
        assert await running.call("clock", "ticks") >= ticks
