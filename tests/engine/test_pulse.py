"""A loop of the engine that does not turn is told, with the module that it was in."""

from __future__ import annotations

import asyncio

from host.engine.chronicle import Chronicle
from host.engine.pulse import KEPT, Pulse
from host.vocabulary.marker import Entered
from host.vocabulary.views import GapView
from tests.engine.place import DEADLINE, Place, lines

SLOW = """return {exports = {compute = function(ms)
    local ends = os.clock() + ms / 1000
    while os.clock() < ends do end
end}}"""

TOLD = "ms nothing else was done: slow 1.0.0 was in an export"


async def test_a_gap_names_the_module_and_what_it_was_in(place: Place) -> None:
    place.module("slow", SLOW, more='[limits]\ncall = "10 s"\n')
    async with place.host() as host:
        await host.load("slow")
        pulse = host.parts.pulse
        async with asyncio.timeout(DEADLINE):
            with pulse.beating():
                while TOLD not in " ".join(lines(host.chronicle)):  # beside gaps of the tests' own process
                    await host.call("slow", "compute", 500)
                    await asyncio.sleep(0)
        assert ("slow", "1.0.0", "in an export") in [(gap.module, gap.version, gap.inside) for gap in pulse.gaps]
        assert host.snapshot().engine.gaps == len(pulse.gaps)


async def test_nobody_looks_once_the_beating_has_ended(place: Place) -> None:
    place.module("slow", SLOW, more='[limits]\ncall = "10 s"\n')
    async with place.host() as host:
        await host.load("slow")
        with host.parts.pulse.beating():
            pass
        await host.call("slow", "compute", 250)
        assert host.parts.pulse.gaps == ()


def test_many_gaps_are_counted_the_last_kept_and_one_a_second_logged() -> None:
    chronicle = Chronicle()
    pulse = Pulse(Entered, chronicle)
    for at in range(2 * KEPT):
        pulse.note(GapView(at=1000 + at / 10, seconds=0.2, stack=("host/a.py:1 in read",)))
    assert chronicle.gaps == 2 * KEPT
    assert [gap.at for gap in pulse.gaps[:2]] == [1009.9, 1009.8]
    assert len(pulse.gaps) == KEPT
    told = lines(chronicle)
    assert len(told) == 10
    assert told[0] == "for 200 ms nothing else was done: host/a.py:1 in read"
