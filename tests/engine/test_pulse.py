"""A loop of the engine that does not turn is told, with the module that it was in."""

from __future__ import annotations

from host.engine.chronicle import Chronicle
from host.engine.pulse import KEPT, Pulse
from host.vocabulary.marker import Entered
from host.vocabulary.views import GapView
from tests.engine.place import Place, lines

SLOW = """return {exports = {compute = function(ms)
    local ends = os.clock() + ms / 1000
    while os.clock() < ends do end
end}}"""


async def test_a_gap_names_the_module_and_what_it_was_in(place: Place) -> None:
    place.module("slow", SLOW, more='[limits]\ncall = "10 s"\n')
    async with place.host() as host:
        await host.load("slow")
        pulse = host.parts.pulse
        with pulse.beating():
            seen = host.chronicle.revision
            await host.call("slow", "compute", 500)
            await host.chronicle.newer_than(seen, 10)
        assert [(gap.module, gap.version, gap.inside) for gap in pulse.gaps] == [("slow", "1.0.0", "in an export")]
        assert host.snapshot().engine.gaps == 1
        assert "ms nothing else was done: slow 1.0.0 was in an export" in " ".join(lines(host.chronicle))


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
