"""A caller that is cancelled, as by a timeout, leaves nothing half done."""

from __future__ import annotations

import asyncio

from host.vocabulary.states import Outcome, Status
from tests.engine.place import Place

COUNTING = """local M = {n = 0}
M.hooks = {add = function() M.n = M.n + 1 end}
function M:getState() return {n = self.n} end
function M:setState(state) self.n = state.n end
return M"""


async def test_a_swap_is_finished_and_written_down_wherever_its_caller_is_cancelled(place: Place) -> None:
    """It could be in force, under way for good in the history, and gone after a crash."""
    for version in "12":
        place.module("chat", COUNTING, f"{version}.0.0", folder=version)
    async with place.host() as host:
        await host.load("chat", "==1.0.0")
        for steps in range(40):
            wanted = "1.0.0" if steps % 2 else "2.0.0"
            swapping = asyncio.create_task(host.swap("chat", wanted))
            for _ in range(steps + 1):
                await asyncio.sleep(0)
            swapping.cancel()
            await asyncio.gather(swapping, return_exceptions=True)
            await host.rescan()  # which waits for its turn
            newest = (await host.history("chat"))[0]
            assert (newest.to_version, newest.outcome) == (wanted, Outcome.COMMITTED), steps
            assert host.snapshot().modules["chat"].version == wanted


async def test_acts_asked_for_together_are_done_in_that_order(place: Place) -> None:
    """A load beside the unload before it found the module loaded, and it was gone then."""
    place.module("chat", COUNTING)
    async with place.host() as host:
        await host.load("chat")
        await asyncio.gather(host.unload("chat"), host.load("chat"))
        assert host.snapshot().modules["chat"].status is Status.ACTIVE
