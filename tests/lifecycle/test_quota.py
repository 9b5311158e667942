"""A module may ask for so much in a second; what is over is refused in words, counted, and told once a second."""

from __future__ import annotations

import pytest

from host.lifecycle import tasks, timers
from host.lifecycle.quota import RATES, Quota
from host.vocabulary.errors import RateExceeded
from host.vocabulary.manifest import Limits
from tests.engine.place import Place, lines

ASKING = """
local function sum(n, ask)
    local done, why = 0, nil
    for _ = 1, n do
        local ok, refusal = ask()
        done, why = done + (ok and 1 or 0), refusal or why
    end
    return done, why
end
return { exports = {
    emit = function(n) return sum(n, function() return host.emit("heard") end) end,
    filter = function(n) return sum(n, function() return host.filter("heard", 1) end) end,
    log = function(n) return sum(n, function() return host.log.info("line") end) end,
    print = function(n) return sum(n, function() return print("line") end) end,
    after = function(n) return sum(n, function() return host.after(60000, print) end) end,
    every = function(n, ms) return sum(n, function() return host.every(ms, print) end) end,
    none = function() end,
} }
"""


class FakeClock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def taken(quota: Quota, name: str, times: int) -> int:
    """How many of some requests were granted."""
    granted = 0
    for _ in range(times):
        try:
            quota.take(name)
        except RateExceeded:
            continue
        granted += 1
    return granted


@pytest.mark.parametrize("name", RATES)
def test_a_bucket_holds_one_second_and_fills_as_time_goes(name: str, clock: FakeClock) -> None:
    quota = Quota("m", Limits(events=10, timers=10, log=10, tasks=10), lambda _text: None, clock)
    assert taken(quota, name, 25) == 10
    assert quota.spent(name) == 10
    clock.now += 0.35
    assert taken(quota, name, 25) == 3
    clock.now += 100
    assert quota.spent(name) == 0
    assert taken(quota, name, 25) == 10
    assert quota.hits == {name: 15 + 22 + 15}


def test_less_than_one_a_second_is_one_at_a_time(clock: FakeClock) -> None:
    quota = Quota("m", Limits(log=0.5), lambda _text: None, clock)
    assert taken(quota, "log", 5) == 1
    clock.now += 1.9
    assert taken(quota, "log", 5) == 0
    clock.now += 0.2
    assert taken(quota, "log", 5) == 1


def test_what_stands_already_counts_for_what_repeats(clock: FakeClock) -> None:
    quota = Quota("m", Limits(timers=100.0), lambda _text: None, clock)
    quota.take("timers", standing=100.0)
    with pytest.raises(RateExceeded):
        quota.take("timers", standing=100.5)


def test_what_is_refused_is_told_once_a_second_with_its_count(clock: FakeClock) -> None:
    told: list[str] = []
    quota = Quota("m", Limits(events=2.0), told.append, clock)
    taken(quota, "events", 50)
    clock.now += 0.9
    taken(quota, "events", 50)
    assert len(told) == 1
    clock.now += 0.2
    taken(quota, "events", 50)
    assert told[0] == (
        "m is over its limit of 2 events a second, and this one was refused; ask less often, or raise events under "
        "[limits] (1 so far)"
    )
    assert len(told) == 2


@pytest.mark.parametrize(
    ("function", "limit", "counted"),
    [("emit", "events", "events"), ("filter", "events", "events"), ("log", "log", "log lines"),
     ("print", "log", "log lines"), ("after", "timers", "timers")],
)  # fmt: skip
async def test_a_module_over_a_rate_gets_nothing_and_why(place: Place, function: str, limit: str, counted: str) -> None:
    place.module("m", ASKING, more=f'[limits]\n{limit} = "5/min"\n')
    async with place.host() as host:
        await host.load("m")
        done, why = await host.call("m", function, 8)
        assert done == 1
        assert why.startswith(f"m is over its limit of 0.0833333 {counted} a second, and this one was refused; ")
        assert host.snapshot().modules["m"].limited == 7
        limits = {each.name: each for each in host.parts.inspection.limits("m")}
        assert (limits[limit].hits, limits[limit].unit) == (7, "/s")
        assert 0.9 < limits[limit].used <= 1
        assert [line for line in lines(host.chronicle, "m") if "over its limit" in line] == [f"{why} (1 so far)"]
        assert host.snapshot().modules["m"].faults == 0


async def test_timers_that_repeat_may_not_beat_more_often_than_the_limit(place: Place) -> None:
    place.module("m", ASKING, more='[limits]\ntimers = "250/s"\n')
    async with place.host() as host:
        await host.load("m")
        assert (await host.call("m", "every", 10, 10))[0] == 2
        assert (await host.call("m", "every", 10, 20))[0] == 1
        assert (await host.call("m", "every", 10, 60_000))[0] == 0


@pytest.mark.parametrize(
    ("limit", "begin", "most"),
    [
        ("timers", "host.after(60000, print)", timers.MOST),
        ("tasks", "host.async(function() host.sleep(60000) end)", tasks.MOST),
    ],
)
async def test_what_is_too_much_at_once_is_refused_and_counted(
    place: Place, monkeypatch: pytest.MonkeyPatch, limit: str, begin: str, most: int
) -> None:
    assert most >= 1000
    monkeypatch.setattr(tasks, "MOST", 1000)
    lua = f"""return {{ exports = {{ f = function()
        local begun, why = 0, nil
        for _ = 1, 1003 do
            local handle, reason = {begin}
            begun, why = begun + (handle and 1 or 0), why or reason
        end
        return begun, why
    end }} }}"""
    place.module("m", lua, more=f'[limits]\ncall = "5 s"\n{limit} = "1000000/s"\n')
    async with place.host() as host:
        await host.load("m")
        begun, why = await host.call("m", "f")
        assert begun == 1000
        assert why
        (found,) = [each for each in host.parts.inspection.limits("m") if each.name == limit]
        assert found.hits == 3


async def test_a_new_version_begins_with_full_buckets(place: Place) -> None:
    place.module("m", ASKING, more='[limits]\nlog = "1/min"\n')
    async with place.host() as host:
        await host.load("m")
        assert (await host.call("m", "log", 3))[0] == 1
        await host.reload("m")
        assert (await host.call("m", "log", 3))[0] == 1
        assert host.snapshot().modules["m"].limited == 2


async def test_all_limits_of_a_module_are_shown_with_what_it_uses(place: Place) -> None:
    place.module("m", ASKING, more='[limits]\nmemory = "8 MiB"\ncall = "50 ms"\nentries = 50\ndepth = 3\n')
    async with place.host() as host:
        await host.load("m")
        shown = {each.name: (each.most, each.unit, each.hits) for each in host.parts.inspection.limits("m")}
        assert shown == {
            "memory": (8 << 20, "bytes", 0),
            "call": (0.05, "s", 0),
            "events": (20_000, "/s", 0),
            "timers": (10_000, "/s", 0),
            "log": (1_000, "/s", 0),
            "tasks": (1_000, "/s", 0),
            "crossing": (64 << 20, "bytes", 0),
            "entries": (50, "entries", 0),
            "depth": (3, "levels", 0),
            "nesting": (40, "levels", 0),
            "recursion": (0, "levels", 0),
            "hooks": (1000, "entries", 0),
            "exports": (1000, "entries", 0),
        }


async def test_hooks_beyond_the_limit_are_counted(place: Place) -> None:
    hooking = "for i = 1, 1003 do self:registerHook('e' .. i, function() end) end"
    place.module("m", f"return {{init = function(self) {hooking} end}}", more='[limits]\ncall = "5 s"\n')
    async with place.host() as host:
        await host.load("m")
        limits = {each.name: each for each in host.parts.inspection.limits("m")}
        assert (limits["hooks"].used, limits["hooks"].hits) == (1000, 3)
        assert host.snapshot().modules["m"].limited == 3
