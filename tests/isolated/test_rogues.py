"""The process of a module that was taken over says what it likes to the real host: nobody is harmed."""

from __future__ import annotations

import pytest

from host import Host, LoadFailed
from host.runtime.isolated import answers, fork_server
from host.vocabulary.errors import ProcessEnded
from tests.engine.place import Place, lines
from tests.isolated.rogue import SPEECHES

VICTIM = """local harmed = 0
return {
    hooks = { heard = function() end },
    exports = { harm = function() harmed = harmed + 1 end, harmed = function() return harmed end },
}"""
ROGUE = "return { hooks = { go = print }, exports = { say = function(what) return what end }, }"
ENDS = {"names with control characters", "an export with control characters", "what was never registered"}
ENDLESS = {"tickets without end", "tasks that it never began"}


@pytest.fixture(autouse=True)
def taken_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fork_server, "PREPARED", "tests.isolated.rogue")


async def rogue_in(host: Host, place: Place, more: str = "") -> None:
    place.module("victim", VICTIM, more='isolation = "shared"\n')
    place.module("rogue", ROGUE, more=f'isolation = "process"\n{more}[limits]\ncall = "20 s"\n')
    await host.rescan()
    await host.load("victim")
    await host.load("rogue")


@pytest.mark.parametrize("speech", SPEECHES)
async def test_it_gets_nothing(place: Place, speech: str) -> None:
    async with place.host(quarantine=None) as host:
        await rogue_in(host, place)
        if speech in ENDS | ENDLESS:
            with pytest.raises(ProcessEnded, match="it said what no runtime says"):
                await host.call("rogue", "say", speech)
        else:
            said = await host.call("rogue", "say", speech)
            assert not any("root:" in each or "harmed" in each for each in said)
        assert await host.call("victim", "harmed") == 0
        assert len([line for line in lines(host.chronicle) if "a fault of the host" in line]) <= answers.MOST_BUGS
        assert all(line.isprintable() for line in lines(host.chronicle))
        assert host.snapshot().modules["victim"].faults == 0


async def test_a_refusal_of_its_is_one_line_that_can_be_seen(place: Place) -> None:
    async with place.host() as host:
        place.module("refuser", "return { init = function() end }")
        await host.rescan()
        with pytest.raises(LoadFailed, match=r"no x+") as refused:
            await host.load("refuser")
        assert str(refused.value).isprintable()
        assert len(str(refused.value)) < 10_000
