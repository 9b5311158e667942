"""A refused swap says so where the old one does not go on as it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from host import SwapFailed
from tests.engine.place import Place
from tests.swap.counting import LIMITS, OLD, new, place_both

EXCLUSIVE = f'{LIMITS}handover = "exclusive"\n'
ONCE = OLD.replace("function M:init()", "function M:init() self.inits = (self.inits or 0) + 1 assert(self.inits < 2)")


async def test_an_old_one_that_does_not_begin_again_is_not_said_to_run_on_with_its_state(place: Place) -> None:
    place_both(place, new(validate='error("no")'), first=ONCE, more=EXCLUSIVE)
    async with place.host() as host:
        await host.load("counting", "==1.0.0")
        await host.emit("add", 5)
        with pytest.raises(SwapFailed) as refusal:
            await host.swap("counting", "2.0.0")
        unwell = "counting 1.0.0 had cleaned up for it and is not as it was; unload it and load it"
        assert str(refusal.value).endswith(f": no; {unwell}")
        assert (await host.history("counting"))[0].error.endswith(unwell)
        assert (await host.state("counting"))["n"] == 5


async def test_an_old_one_whose_process_ends_in_get_state_is_said_to_be_started_again(tmp_path: Path) -> None:
    place = Place(tmp_path, isolated=True)
    hangs = OLD.replace("return {n", "while self.n == 5 do end return {n")
    place_both(place, new(), first=hangs)
    async with place.host() as host:
        await host.load("counting", "==1.0.0")
        await host.emit("add", 5)
        with pytest.raises(
            SwapFailed, match=r"the process of counting 1\.0\.0 ended, and is started again with the state"
        ):
            await host.swap("counting", "2.0.0")


async def test_the_state_is_compared_as_it_was_handed_over(place: Place) -> None:
    """Events that arrived meanwhile made a change of it that the swap had not made."""
    place_both(place, new(init='host.emit("hear", "while paused")'))
    async with place.host() as host:
        await host.load("counting", "==1.0.0")
        report = await host.swap("counting", "2.0.0")
        assert (report.delivered, report.kept, report.changed) == (1, ("heard", "n"), ())
