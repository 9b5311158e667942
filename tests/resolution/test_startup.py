from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from host.discovery.repository import Repository, scan
from host.resolution.resolve import resolve
from host.resolution.startup import Startup, startup
from host.vocabulary.manifest import LAST_PRIORITY, Manifest
from host.vocabulary.views import Plan
from tests.discovery.test_otclient_folders import CHECKOUT
from tests.resolution.made_manifests import made


def one(
    key: str,
    *needs: str,
    at: int | None = None,
    later: tuple[str, ...] = (),
    after: tuple[str, ...] = (),
    enabled: bool = True,
) -> Manifest:
    """A manifest; ``at`` is its priority where it loads by itself."""
    manifest = made(f"{key} 1.0.0" if " " not in key else key, dict.fromkeys(needs, "*"), after=after)
    priority = LAST_PRIORITY if at is None else at
    return replace(manifest, autoload=at is not None, autoload_priority=priority, load_later=later, enabled=enabled)


def started(*manifests: Manifest, asked: Mapping[str, str] | None = None) -> Startup:
    return startup(Repository.of(manifests), asked or {})


def names(start: Startup) -> str:
    return " ".join(step.name for step in start.order)


def refusals(start: Startup) -> dict[str, str]:
    return {each.name: str(each.why).partition("\n")[0] for each in start.not_started}


def test_what_loads_by_itself_does_so_by_priority_then_by_name() -> None:
    assert names(started(one("a", at=9999), one("c", at=10), one("b", at=10), one("d", at=-1), one("e"))) == "d b c a"


def test_what_a_module_needs_loads_before_it_whatever_its_own_priority_and_before_all_of_a_later_one() -> None:
    start = started(one("first", "need", at=1), one("between", at=5), one("need", "deep", at=9000), one("deep"))
    assert names(start) == "deep need first between"
    assert start.wanted == ("first", "between", "need")


def test_what_is_to_load_later_does_so_right_after_in_its_order_with_what_it_needs() -> None:
    start = started(
        one("client", at=1, later=("z", "a")),
        one("next", at=2),
        one("z", "lib", later=("zz",)),
        one("zz"),
        one("a"),
        one("lib"),
    )
    assert names(start) == "client lib z zz a next"


def test_what_a_needed_module_loads_later_comes_too() -> None:
    assert (
        names(started(one("game", "client", at=1), one("client", later=("styles",)), one("styles")))
        == "client styles game"
    )


def test_what_is_disabled_loads_only_where_it_is_needed() -> None:
    off = one("off", at=1, enabled=False)
    assert names(started(off, one("client", at=2, later=("off",)))) == "client"
    assert names(started(off, one("client", "off", at=2))) == "off client"


def test_what_is_asked_for_comes_first_and_in_its_version() -> None:
    start = started(one("a", at=1), made("b 1.0.0"), made("b 2.0.0"), asked={"b": "==1.0.0"})
    assert [f"{step.name} {step.version}" for step in start.order] == ["b 1.0.0", "a 1.0.0"]
    assert names(started(one("a", at=1), one("b", at=2), asked={"b": ""})) == "a b"


def test_modules_that_load_each_other_later_load_once() -> None:
    assert names(started(one("a", at=1, later=("b",)), one("b", later=("a", "b")))) == "a b"


def test_a_wish_for_order_holds_and_a_need_goes_before_it() -> None:
    assert names(started(one("a", at=1, after=("b",)), one("b", at=2))) == "b a"
    start = started(one("a", at=1, after=("b",)), one("b", "a", at=2))
    assert names(start) == "a b"
    assert "a asks to load after b" in start.warnings[0]


def test_a_missing_dependency_refuses_only_what_needs_it() -> None:
    start = started(one("a", "gone", at=1), one("b", "a", at=2), one("c", at=3, later=("a",)), one("d", at=4))
    assert names(start) == "c d"
    assert sorted(refusals(start)) == ["a", "b"]
    assert all("gone" in text for text in refusals(start).values())


def test_a_cycle_refuses_those_on_it_and_those_behind_it() -> None:
    start = started(one("a", "b", at=1), one("b", "a"), one("behind", "a", at=2), one("free", at=3))
    assert names(start) == "free"
    assert sorted(refusals(start)) == ["a", "behind"]


def test_of_two_that_are_at_odds_the_first_loads() -> None:
    old = replace(made("old 1.0.0", {"lib": "<2"}), autoload=True, autoload_priority=1)
    new = replace(made("new 1.0.0", {"lib": ">=2"}), autoload=True, autoload_priority=2)
    start = started(old, new, made("lib 1.0.0"), made("lib 2.0.0"), one("free", at=3))
    assert names(start) == "lib old free"
    assert list(refusals(start)) == ["new"]


def test_many_at_odds_are_found_with_few_searches(monkeypatch: pytest.MonkeyPatch) -> None:
    searches = 0

    def counted(*arguments: Any) -> Plan:
        nonlocal searches
        searches += 1
        return resolve(*arguments)

    monkeypatch.setattr("host.resolution.startup.resolve", counted)
    pairs = [
        replace(made(f"{name}{at:02} 1.0.0", conflicts={f"a{at:02}": "*"} if name == "b" else {}), autoload=True)
        for name in "ab"
        for at in range(40)
    ]
    start = started(*pairs, *(one(f"free{at:02}", at=1) for at in range(40)))
    assert list(refusals(start)) == [f"b{at:02}" for at in range(40)]
    assert searches < 3 * len(pairs) + 40


def test_what_is_to_load_later_and_is_not_there_is_told_and_refuses_nothing() -> None:
    start = started(one("client", at=1, later=("gone",)))
    assert names(start) == "client"
    assert start.warnings == ("client asks to load gone later, and there is no usable module of that name",)


def test_what_is_left_out_does_not_load_for_itself() -> None:
    repository = Repository.of([one("a", at=1), one("b", at=2)])
    assert names(startup(repository, {"a": ""}, without=["a"])) == "b"
    assert names(startup(repository, {"a": ""}, autoload=False)) == "a"


def test_a_long_chain_is_no_recursion() -> None:
    chain = [one(f"m{at}", *([f"m{at + 1}"] if at < 3000 else []), at=1 if at == 0 else None) for at in range(3001)]
    later = [one(f"l{at}", at=1 if at == 0 else None, later=(f"l{at + 1}",)) for at in range(3000)]
    assert len(started(*chain).order) == 3001
    assert len(started(*later).order) == 3000


def test_the_order_does_not_depend_on_the_order_of_discovery() -> None:
    modules = scan([CHECKOUT]).modules
    assert names(startup(Repository.of(reversed(modules)), {})) == names(startup(Repository.of(modules), {}))


def test_a_checkout_starts_as_otclient_would_start_it() -> None:
    start = startup(scan([CHECKOUT]), {})
    assert names(start) == (
        "updater corelib gamelib startup client client_styles client_locales client_topmenu client_background"
        " client_options client_entergame client_terminal game_interface game_battle game_console game_containers"
        " game_hotkeys game_inventory game_minimap game_questlog game_skills game_viplist"
    )
    assert sorted(refusals(start)) == ["game_market", "game_outfit", "game_shop"]
    assert start.warnings == (
        "client asks to load client_serverlist later, and there is no usable module of that name",
    )
