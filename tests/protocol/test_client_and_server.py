"""Every method across a real socket: what was asked arrives, what was answered comes back as it was."""

from __future__ import annotations

import asyncio
import inspect
import math
from collections.abc import Callable
from pathlib import Path
from typing import get_type_hints

import pytest

from host.protocol.client import Client, Refused
from host.protocol.conversation import Patience
from host.protocol.messages import Acts, Questions
from host.protocol.refusal import INTERNAL
from host.protocol.server import Server
from host.vocabulary.errors import HostUnreachable, NotData, StillNeeded, SwapFailed
from host.vocabulary.views import PlainData
from tests.protocol.small_engine import CHANGES, OUTDATED, PLAN, REFUSED, REPORT, SNAPSHOT, WHY, Bugs, SmallEngine


async def test_hello_says_who_answers(client: Client, tmp_path: Path) -> None:
    assert await client.hello() == client.host
    assert client.host.data == str(tmp_path)


async def test_views_come_back_equal(client: Client) -> None:
    assert await client.snapshot() == SNAPSHOT
    assert await client.changes(0) == CHANGES
    assert await client.load("chat", "^2", fresh=True) == PLAN
    assert await client.rollback("chat") == REPORT
    assert await client.resolve({"chat": "^2"}) == PLAN
    assert await client.why("state") == WHY
    assert await client.outdated() == (OUTDATED,)
    (row,) = await client.activity("chat")
    assert (row.kind, row.calls) == ("hook", 3)
    assert [row.id for row in await client.history("chat")] == [4]
    assert await client.history("other") == ()


async def test_parameters_arrive_as_they_were_given_and_defaults_where_they_were_not(
    client: Client, engine: SmallEngine
) -> None:
    await client.load("chat")
    await client.load("chat", ">=1,<2", fresh=True, upgrade=True)
    await client.resolve({"chat": ">=1"}, upgrade=True)
    engine.go_on.set()
    await client.swap("chat", "2.0", {"state": "1.1"})
    await client.state_page("chat", ["messages", 1, 2.5, True], 10, 20)
    assert engine.told == [
        ("chat", ["", False, False]),
        ("chat", [">=1,<2", True, True]),
        ("resolve", [{"chat": ">=1"}, True]),
        ("chat", ["2.0", {"state": "1.1"}]),
        ("chat", [["messages", 1, 2.5, True], 10, 20]),
    ]


async def test_keys_of_the_state_keep_their_types(client: Client) -> None:
    page = await client.state_page("chat", ["1", 1, 1.5, False], 0, 10)
    assert [(type(row.key), row.key) for row in page.rows] == [(str, "1"), (int, 1), (float, 1.5), (bool, False)]


async def test_methods_without_an_answer_are_done_when_they_return(client: Client, engine: SmallEngine) -> None:
    await client.rescan()
    await client.stop()
    assert engine.record == ["rescan", "stop"]


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        2**53,
        -1.5,
        "Grüße \0 \U0001f6a2",
        b"\xff\x00bytes",
        [],
        {},
        [1, [b"deep", {"a": None}]],
        {"sender": "ana", "n": 3},
        {1: "one", 2.5: "float", False: "no", b"\xff": "bytes", "1": "text"},
        {"$bytes": "not really"},
        {"$pairs": 1, "$number": "nan"},
        math.inf,
        -math.inf,
    ],
)
async def test_plain_data_crosses_whole_both_ways(client: Client, engine: SmallEngine, value: PlainData) -> None:
    assert await client.call("chat", "echo", [value]) == [value]
    assert engine.told == [("chat.echo", [value])]


async def test_a_request_and_its_response_cross_whole(client: Client, engine: SmallEngine) -> None:
    context = {"parameters": {1: b"\xff", "$": math.inf}}
    assert await client.execute("chat", context) == {"status": "success", "data": context}
    assert await client.execute("chat") == {"status": "success", "data": None}
    assert engine.told == [("chat", context), ("chat", None)]


async def test_a_number_that_is_none_crosses(client: Client) -> None:
    (answer,) = await client.call("chat", "echo", [math.nan])
    assert math.isnan(answer)


async def test_what_is_no_plain_data_is_refused_before_it_is_sent(client: Client, engine: SmallEngine) -> None:
    with pytest.raises(NotData, match="object"):
        await client.emit("onX", [object()])
    assert engine.told == []


async def test_a_file_name_that_is_no_text_does_not_cost_the_answer(client: Client) -> None:
    source = await client.source("chat")
    assert source.files == ("init.lua", "lib/?.lua")


async def test_an_event_tells_who_failed(client: Client, engine: SmallEngine) -> None:
    result = await client.emit("onMessageReceived", [{"sender": "ana"}, b"\xff"])
    assert (result.delivered, result.failures) == (2, ("chat failed",))
    assert engine.told == [("onMessageReceived", [{"sender": "ana"}, b"\xff"])]


async def test_a_refusal_keeps_its_code_sentence_and_facts(client: Client) -> None:
    with pytest.raises(Refused) as refused:
        await client.unload("state")
    original = StillNeeded("state", ("chat", "hud"))
    assert refused.value.code == StillNeeded.code
    assert str(refused.value) == str(original)
    assert refused.value.facts == {"name": "state", "needed_by": ["chat", "hud"]}
    assert refused.value.report is None
    assert await client.unload("state", cascade=True) == ["chat", "hud", "state"]


async def test_a_swap_taken_back_brings_its_report(client: Client) -> None:
    with pytest.raises(Refused) as refused:
        await client.swap("chat", "3.0.0")
    assert refused.value.code == SwapFailed.code
    assert refused.value.report == REFUSED
    assert "runs on with its state" in str(refused.value)


async def test_a_fault_of_the_host_is_one_sentence_to_the_client_and_whole_to_the_log(
    client: Client, bugs: Bugs
) -> None:
    with pytest.raises(Refused) as refused:
        await client.reload("chat")
    assert refused.value.code == INTERNAL
    assert "ZeroDivisionError" not in str(refused.value)
    ((method, fault),) = bugs
    assert method == "reload"
    assert isinstance(fault, ZeroDivisionError)
    bugs.clear()


async def test_a_long_poll_holds_up_nothing_else(client: Client, engine: SmallEngine) -> None:
    poll = asyncio.ensure_future(client.changes(7, 30.0))
    await engine.until("changes began")
    assert await client.load("chat") == PLAN
    assert not poll.done()
    engine.go_on.set()
    assert await poll == CHANGES


async def test_answers_come_as_they_are_ready_and_reach_who_asked(client: Client, engine: SmallEngine) -> None:
    swap = asyncio.ensure_future(client.swap("chat", "2.1.0"))
    await engine.until("swap of chat began")
    answers = await asyncio.gather(*(client.call("chat", "echo", [number]) for number in range(40)))
    assert answers == [[number] for number in range(40)]
    assert not swap.done()
    engine.go_on.set()
    assert await swap == REPORT


async def test_several_clients_ask_at_once(server: Server, tmp_path: Path) -> None:  # noqa: ARG001 - it has to run
    clients = await asyncio.gather(*(Client.connect(tmp_path) for _ in range(8)))
    answers = await asyncio.gather(*(client.snapshot() for client in clients))
    assert answers == [SNAPSHOT] * 8
    await asyncio.gather(*(client.close() for client in clients))


async def test_a_large_answer_crosses_and_one_over_the_limit_is_refused(client: Client) -> None:
    assert await client.call("chat", "bytes", [20 << 20]) == b"x" * (20 << 20)
    with pytest.raises(Refused, match=r"over the limit of 64 MiB.*ask for a part") as refused:
        await client.call("chat", "bytes", [60 << 20])
    assert refused.value.facts["largest"] == 64 << 20
    assert await client.snapshot() == SNAPSHOT


async def test_a_client_that_goes_ends_its_polls_and_not_its_swap(
    server: Server, engine: SmallEngine, tmp_path: Path
) -> None:
    client = await Client.connect(tmp_path)
    poll = asyncio.ensure_future(client.changes(7, 30.0))
    swap = asyncio.ensure_future(client.swap("chat", "2.1.0"))
    await engine.until("changes began")
    await engine.until("swap of chat began")

    await client.close()

    for asked in (poll, swap):
        with pytest.raises(HostUnreachable):
            await asked
    await engine.until("changes cancelled")
    assert "swap of chat done" not in engine.record
    engine.go_on.set()
    await engine.until("swap of chat done")
    await server.close()


async def test_closing_the_server_lets_a_swap_end_and_its_client_know(
    server: Server, client: Client, engine: SmallEngine
) -> None:
    swap = asyncio.ensure_future(client.swap("chat", "2.1.0"))
    poll = asyncio.ensure_future(client.changes(7, 30.0))
    await engine.until("swap of chat began")
    await engine.until("changes began")
    closing = asyncio.ensure_future(server.close())
    with pytest.raises(Refused, match="the host is ending"):
        await poll
    engine.go_on.set()
    assert await swap == REPORT
    await closing
    async with asyncio.timeout(5):
        await client.closed.wait()
    with pytest.raises(HostUnreachable):
        await client.snapshot()


async def test_a_swap_that_does_not_end_does_not_hold_up_the_end_for_ever(
    server: Server, client: Client, engine: SmallEngine
) -> None:
    swap = asyncio.ensure_future(client.swap("chat", "2.1.0"))
    await engine.until("swap of chat began")
    await server.close(grace_s=0.05)
    with pytest.raises(HostUnreachable):
        await swap
    assert "swap of chat done" not in engine.record


@pytest.mark.parametrize("patience", [Patience(at_once=4)])
async def test_a_client_has_so_many_requests_at_once_and_the_next_wait(client: Client, engine: SmallEngine) -> None:
    swaps = [asyncio.ensure_future(client.swap(f"m{number}", "1")) for number in range(6)]
    for number in range(4):
        await engine.until(f"swap of m{number} began")
    async with await Client.connect(engine.data) as other:  # a round trip for what is not held back to happen
        await other.snapshot()
    assert "swap of m4 began" not in engine.record
    engine.go_on.set()
    assert await asyncio.gather(*swaps) == [REPORT] * 6


async def test_an_asker_that_is_cancelled_harms_no_other(client: Client, engine: SmallEngine) -> None:
    poll = asyncio.ensure_future(client.changes(7, 30.0))
    await engine.until("changes began")
    poll.cancel()
    with pytest.raises(asyncio.CancelledError):
        await poll
    engine.go_on.set()
    assert await client.snapshot() == SNAPSHOT


def signatures(of: type) -> dict[str, tuple[str, dict[str, object]]]:
    methods: dict[str, Callable[..., object]] = {
        name: value for name, value in vars(of).items() if inspect.iscoroutinefunction(value)
    }
    return {name: (str(inspect.signature(method)), get_type_hints(method)) for name, method in methods.items()}


def test_the_client_has_every_method_of_the_protocol_with_its_types() -> None:
    mine = {name: signatures(owner)[name] for owner in Client.__mro__ for name in signatures(owner)}
    promised = signatures(Questions) | signatures(Acts)
    assert len(promised) > 25
    for name, signature in promised.items():
        holder = next(owner for owner in Client.__mro__ if name in vars(owner))
        assert holder not in {Questions, Acts}, name
        assert signatures(holder)[name] == signature
        assert name in mine
