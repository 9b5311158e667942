"""Faults without end bury nothing: the same one is told once a second, and so many different ones; all are counted."""

from __future__ import annotations

from host.engine.chronicle import Chronicle
from host.engine.faulting import MOST_TOLD, Faulting
from host.vocabulary.errors import ModuleFault
from host.vocabulary.events import EventKind
from tests.engine.place import Place, kinds, lines


class FakeClock:
    def __init__(self) -> None:
        self.now = 7.0

    def __call__(self) -> float:
        return self.now


def test_so_many_different_faults_of_a_module_are_told_in_a_second() -> None:
    clock, chronicle = FakeClock(), Chronicle()
    faulting = Faulting(chronicle, clock)
    for number in range(200):
        faulting.faulted("m", ModuleFault("m", "tick", f"fault {number}"))
    faulting.faulted("other", ModuleFault("other", "tick", "its first"))
    assert len(lines(chronicle, "m")) == MOST_TOLD
    assert lines(chronicle, "other") == ["other failed in tick: its first"]
    clock.now += 0.5
    for number in range(200):
        faulting.faulted("m", ModuleFault("m", "tick", f"later fault {number}"))
    assert len(lines(chronicle, "m")) == MOST_TOLD * 1.5


def test_the_same_fault_is_told_once_a_second() -> None:
    clock, chronicle = FakeClock(), Chronicle()
    faulting = Faulting(chronicle, clock)
    for _ in range(5):
        faulting.faulted("m", ModuleFault("m", "tick", "again"))
    assert len(lines(chronicle)) == 1
    clock.now += 1.0
    faulting.faulted("m", ModuleFault("m", "tick", "again"))
    assert len(lines(chronicle)) == 2


async def test_a_module_that_makes_another_fail_in_ever_new_words_does_not_fill_the_log(place: Place) -> None:
    place.module("m", "return { exports = { f = function(n) error('fault ' .. n) end } }")
    place.module(
        "caller",
        """local f = require("m").f
        return { exports = { g = function() for n = 1, 500 do pcall(f, n) end end } }""",
        more='[dependencies]\nm = "*"\n[limits]\ncall = "5 s"\n',
    )
    async with place.host() as host:
        await host.load("caller")
        await host.call("caller", "g")
        assert host.snapshot().modules["m"].faults == 500
        assert MOST_TOLD <= kinds(host.chronicle, "m").count(EventKind.MODULE_FAULT) < 200


def test_a_place_that_a_fault_names_is_told_once_and_the_way_to_it_beside_it() -> None:
    chronicle = Chronicle()
    faulting = Faulting(chronicle)
    at = "m/init.lua:16: boom"
    faulting.faulted("m", ModuleFault("m", "onClick", at, traceback="m/init.lua:16:"))
    faulting.faulted("m", ModuleFault("m", "onClick", f"{at} again", traceback="m/init.lua:16:\nm/lib.lua:3:"))
    assert lines(chronicle) == [
        "m failed in onClick: m/init.lua:16: boom",
        "m failed in onClick: m/init.lua:16: boom again (m/init.lua:16 < m/lib.lua:3)",
    ]


def test_a_roll_back_is_offered_only_where_it_leads_anywhere() -> None:
    chronicle = Chronicle()
    faulting = Faulting(chronicle, goes_back=lambda name: name == "old")
    for name in ("old", "new"):
        faulting.faulted(name, ModuleFault(name, "tick", "boom"))
    told = {each.module: (each.action, each.remedy) for each in chronicle.problems}
    assert told["old"] == ("rollback", "Mend the file and save it, or roll back.")
    assert told["new"] == ("", "Mend the file and save it.")
