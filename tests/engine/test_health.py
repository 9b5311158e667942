"""Health: what a module says of itself is seen at the next look, and an answer that is none counts as a fault."""

from __future__ import annotations

import time

import pytest

from host import Host
from host.engine import checkpoints, probing
from host.engine.probing import AGAIN
from host.vocabulary.states import Health, Status
from host.vocabulary.views import ModuleView
from tests.engine.place import Place, lines, until_logged

LIMITS = '[limits]\ncall = "20 ms"\nmemory = "4 MiB"\n'
SAYING = """local M = {asked = 0}
M.hooks = {be = function(health, detail) M.is, M.detail = health, detail end}
M.exports = {asked = function() return M.asked end}
function M:health() M.asked = M.asked + 1 return M.is or "healthy", M.detail end
return M"""


def seen(host: Host, name: str = "m") -> ModuleView:
    return host.snapshot().modules[name]


async def test_each_look_shows_what_the_module_says_now(place: Place) -> None:
    place.module("m", SAYING)
    async with place.host() as host:
        await host.load("m")
        assert (seen(host).health, seen(host).health_detail) == ("healthy", "")
        await host.emit("be", "degraded", "queue\nat 90 %")
        assert (seen(host).health, seen(host).health_detail) == (Health.DEGRADED, "queue at 90 %")
        await host.emit("be", "unhealthy", "no disk")
        assert (seen(host).health, seen(host).health_detail) == (Health.UNHEALTHY, "no disk")
        assert seen(host).status is Status.ACTIVE
        assert seen(host).faults == 0
        assert lines(host.chronicle, "m") == [
            "its health is healthy",
            "its health is degraded: queue at 90 %",
            "its health is unhealthy: no disk",
        ]


async def test_a_module_without_health_shows_nothing(place: Place) -> None:
    place.module("m")
    async with place.host() as host:
        assert (seen(host).health, seen(host).health_detail) == (None, "")
        await host.load("m")
        assert (seen(host).health, seen(host).health_detail) == (None, "")


async def test_unhealthy_is_a_problem_until_it_is_not(place: Place) -> None:
    place.module("m", SAYING)
    async with place.host() as host:
        await host.load("m")
        for end in ("be", "unload", "reload"):
            await host.emit("be", "unhealthy", "no disk")
            (problem,) = host.snapshot().problems
            assert problem.message == "m says that it is unhealthy: no disk"
            assert (problem.id, problem.module, problem.count) == ("health:m", "m", 1)
            assert host.snapshot().problems == (problem,), "looking again does not count"
            match end:
                case "be":
                    await host.emit("be", "degraded")
                case "unload":
                    await host.unload("m")
                    assert host.snapshot().problems == ()
                    await host.load("m")
                case "reload":
                    await host.reload("m")
            assert host.snapshot().problems == ()


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("return 'fine'", "returned 'fine', and must return healthy, degraded or unhealthy"),
        ("return 7", "returned a number"),
        ("return true", "returned a boolean"),
        ("return {}", "returned a table"),
        ("return function() end", "a function, or holds one"),
        ("return '\\255'", "returned no text"),
        ("return", "returned nothing"),
        ("return 'healthy', 7", "the detail is a number, and must be text"),
        ("return 'healthy', '\\255'", "the detail is no text"),
        ("error('no')", "no"),
        ("while true do end", "20 ms"),
        ("while true do pcall(function() while true do end end) end", "20 ms"),
        ("local all = {} while true do all[#all + 1] = ('x'):rep(65536) .. #all end", "4 MiB"),
    ],
)
async def test_any_other_answer_is_a_fault_and_not_asked_again_at_once(place: Place, body: str, words: str) -> None:
    place.module(
        "m", f"return {{health = function() {body} end, exports = {{one = function() return 1 end}}}}", more=LIMITS
    )
    async with place.host() as host:
        await host.load("m")
        view = seen(host)
        assert (view.health, view.faults) == (Health.UNHEALTHY, 1)
        assert words in view.health_detail
        assert "\n" not in view.health_detail
        assert "in health" in view.health_detail
        assert [(each.id, words in each.message) for each in host.snapshot().problems] == [("fault:m", True)]
        start = time.monotonic()
        for _ in range(20):
            seen(host)
        if time.monotonic() - start < AGAIN:
            assert seen(host).faults == 1
        assert await host.call("m", "one") == 1


async def test_a_slow_answer_is_asked_for_seldom(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probing, "QUICK", -1.0)
    monkeypatch.setattr(probing, "SHARE", 1e-9)
    place.module("m", SAYING)
    async with place.host() as host:
        await host.load("m")
        for _ in range(5):
            assert seen(host).health is Health.HEALTHY
        assert await host.call("m", "asked") == 1


@pytest.mark.parametrize("body", ["return 'healthy'", "error('no')"])
async def test_many_slow_answers_take_no_more_of_the_time_than_one(place: Place, body: str) -> None:
    names = [f"m{number}" for number in range(30)]
    for name in names:
        place.module(name, f"return {{health = function() host.emit('asked') {body} end}}")
    place.module(
        "watch",
        "local n = 0 return {hooks = {asked = function() n = n + 1 end}, exports = {n = function() return n end}}",
    )
    now, step, share = 0.0, 0.01, probing.SHARE

    def clock() -> float:
        nonlocal now
        now += step
        return now

    async with place.host() as host:
        await host.load_all(dict.fromkeys([*names, "watch"], ""))
        looking = probing.Probing(host.parts.roster, host.chronicle, clock)
        while now < 2000:
            looking.look_at_all()
        asked = await host.call("watch", "n")
        assert isinstance(asked, int)
        assert 2 * len(names) < asked <= len(names) + share * now / step


async def test_nobody_has_to_look_for_a_module_to_be_known_as_unhealthy(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoints, "EVERY", 0.001)
    place.module("m", SAYING.replace('"healthy"', '"unhealthy"'))
    async with place.host() as host:
        await host.load("m")
        await until_logged(host.chronicle, "its health is unhealthy")
        assert [each.id for each in host.chronicle.problems] == ["health:m"]


async def test_a_change_of_health_is_among_the_changes(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("host.engine.picture.STATISTICS_EVERY", 0.0)
    place.module("m", SAYING)
    async with place.host() as host:
        await host.load("m")
        seen(host)
        await host.emit("be", "degraded", "slow")
        changes = host.parts.picture.changes(host.snapshot().revision - 1)
        assert [each.health_detail for each in changes.modules] == ["slow"]


async def test_a_module_is_not_asked_while_it_is_swapped(place: Place) -> None:
    """Its own `native.py` can look at the host only between two calls, so what stands in for it is its status."""
    place.module("m", SAYING)
    async with place.host() as host:
        await host.load("m")
        instance = host.parts.roster.get("m")
        for status in (Status.SWAPPING, Status.PAUSED, Status.LOADING):
            instance.turn(status)
            seen(host)
        instance.turn(Status.ACTIVE)
        assert await host.call("m", "asked") == 0


async def test_the_new_version_speaks_for_itself(place: Place) -> None:
    place.module("m", SAYING, folder="1")
    place.module("m", "return {}", "2.0.0", folder="2")
    async with place.host() as host:
        await host.load("m", "==1.0.0")
        assert seen(host).health is Health.HEALTHY
        await host.swap("m", "2.0.0")
        assert seen(host).health is None
