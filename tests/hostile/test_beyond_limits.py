"""What no limit inside a process can end in time: one instruction on much text is one instruction.

It costs one restart of the engine, which leaves the module out and names it. Nobody else loses anything.
"""

from __future__ import annotations

import asyncio
import sys

import pytest

from host.protocol.client import Client
from host.protocol.lifesigns import EngineChange, EngineDown, EngineUp
from host.protocol.supervisor import Care, Supervisor
from host.vocabulary.errors import HostUnreachable
from host.vocabulary.states import Status
from tests.cli.program import ROOT, Running, running
from tests.engine.place import DEADLINE, Place

pytestmark = pytest.mark.integration

KEEPER = """local n = 0
return {
    hooks = { add = function(k) n = n + k end },
    exports = { n = function() return n end },
    getState = function() return { n = n } end,
    setState = function(_, state) n = state.n end,
}"""
COMPARING = """return { hooks = { go = function()
    local one = ("x"):rep(8e6) .. ("x"):rep(8e6)
    one = one .. one
    local other = one .. "y"
    while true do
        local _ = one < other
    end
end } }"""
LARGE = '[limits]\nmemory = "900 MiB"\n'
QUICK = Care(ask_s=0.05, answer_s=1.0, look_s=0.02, pauses_s=(0.0, 0.0, 0.0))


async def told(changes: asyncio.Queue[EngineChange]) -> EngineChange:
    async with asyncio.timeout(3 * DEADLINE):
        return await changes.get()


async def up(changes: asyncio.Queue[EngineChange]) -> EngineUp:
    change = await told(changes)
    assert isinstance(change, EngineUp), change
    return change


async def go(client: Client) -> None:
    with pytest.raises(HostUnreachable):
        await client.emit("go", [])


async def test_text_that_is_compared_without_end_costs_one_restart_and_nobody_elses_state(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    place.module("keeper", KEEPER)
    place.module("comparing", COMPARING, more=LARGE)
    changes: asyncio.Queue[EngineChange] = asyncio.Queue()
    command = [sys.executable, "-m", "host", "engine", "--no-watch"]
    command += ["--modules", str(place.root), "--data", str(place.data)]
    async with Supervisor(command, place.data, changes.put_nowait, QUICK):
        client = (await up(changes)).client
        await client.load("keeper")
        await client.load("comparing")
        await client.emit("add", [5])
        await client.reload("keeper")  # which keeps its state, as a few seconds would
        await go(client)
        down = await told(changes)
        assert isinstance(down, EngineDown)
        assert (down.suspect, down.exit_text) == ("comparing", "ended by the window: no answer for 1 s")
        client = (await up(changes)).client
        assert await client.call("keeper", "n", []) == 5
        view = await client.snapshot()
        assert view.engine.left_out == ("comparing",)
        assert view.modules["comparing"].status is Status.FOUND
        (problem,) = [each for each in view.problems if each.id == "left_out:comparing"]
        assert (
            problem.message == "comparing is left out: the engine was stuck in it; load it to try again "
            f"(theseus load comparing==1.0.0 --data {place.data})"
        )
        assert view.engine.last_death.startswith("the engine before was ended because it answered no more (process ")


def test_headless_too_the_engine_is_started_again_without_the_module(place: Place) -> None:
    place.module("keeper", KEEPER, more="autoload = true\n")
    place.module("comparing", COMPARING.replace("one .. one", " .. ".join(["one"] * 16)), more=LARGE)
    with running(place, "--load", "comparing") as host:
        asyncio.run(meet(host))
        died = host.until("engine_died")
        assert (died["module"], "in a hook handler" in died["text"]) == ("comparing", True)
        assert host.until("module_left_out")["module"] == "comparing"
        host.until("ready")
        asyncio.run(see_the_keeper(host))
        host.process.terminate()
        status, said = host.end()
    assert status == 0
    assert said == (
        "theseus: the engine ended while comparing 1.0.0 was in a hook handler (ended by its keeper: no answer for 5 s)"
        "; it is started again\n"
    )


async def meet(host: Running) -> None:
    async with await Client.connect(host.place.data) as client:
        await client.emit("add", [5])
        await client.reload("keeper")
        await go(client)


async def see_the_keeper(host: Running) -> None:
    async with await Client.connect(host.place.data) as client:
        assert await client.call("keeper", "n", []) == 5
