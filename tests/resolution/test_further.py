"""What a swap would take along, or why it cannot be."""

from __future__ import annotations

import time

import pytest

from host.discovery.repository import Repository
from host.resolution.further import plan_swap
from host.vocabulary.errors import Cause, ResolutionFailed
from host.vocabulary.manifest import Manifest
from host.vocabulary.views import Plan
from tests.resolution.made_manifests import made

OLD, NEW = made("state 1.0"), made("state 2.0")
CHAT = made("chat 1.0", {"state": "<2"})
LATER_CHAT = made("chat 1.5", {"state": "<3"})
THEME = made("theme 1.0", {"chat": "<1.5"})


def planned(*loaded: Manifest, others: tuple[Manifest, ...], wanted: dict[str, str] | None = None) -> Plan:
    repository = Repository.of([*loaded, *others])
    return plan_swap(repository, wanted or {"state": "==2.0"}, {each.name: each for each in loaded})


def refused(*loaded: Manifest, others: tuple[Manifest, ...]) -> ResolutionFailed:
    with pytest.raises(ResolutionFailed) as caught:
        planned(*loaded, others=others)
    return caught.value


def test_a_swap_that_all_loaded_modules_accept_moves_nothing_else() -> None:
    plan = planned(OLD, made("chat 1.0", {"state": "*"}), others=(NEW, made("chat 2.0")))
    assert [(step.name, step.version) for step in plan.order] == [("state", "2.0")]


def test_what_a_swap_needs_and_is_not_loaded_is_part_of_its_plan() -> None:
    plan = planned(OLD, others=(made("state 2.0", {"http": "*"}), made("http 1.0")))
    assert [step.name for step in plan.order] == ["http", "state"]


def test_a_dependent_that_refuses_is_offered_in_a_version_that_does_not() -> None:
    refusal = refused(OLD, CHAT, others=(NEW, LATER_CHAT))
    assert refusal.further == {"chat": "1.5"}
    assert refusal.message.splitlines() == [
        "swap chat to 1.5 along with it: theseus swap state 2.0 chat 1.5",
        "chat 1.0 needs state <2",
    ]
    assert refusal.causes == (Cause("state", "<2", "chat 1.0"),)


def test_what_refuses_that_version_is_offered_too() -> None:
    refusal = refused(OLD, CHAT, THEME, others=(NEW, LATER_CHAT, made("theme 2.0", {"chat": "*"})))
    assert refusal.further == {"chat": "1.5", "theme": "2.0"}
    assert refusal.message.splitlines()[2] == "theme 1.0 needs chat <1.5"


def test_with_what_was_offered_the_swap_is_legal() -> None:
    others = (NEW, LATER_CHAT)
    plan = planned(OLD, CHAT, others=others, wanted={"state": "==2.0", "chat": "==1.5"})
    assert [(step.name, step.version) for step in plan.order] == [("state", "2.0"), ("chat", "1.5")]


def test_the_fewest_swaps_are_offered_though_newer_versions_would_take_more() -> None:
    greedy = made("chat 2.0", {"state": "*", "theme": ">=2"})
    refusal = refused(OLD, CHAT, made("theme 1.0"), others=(NEW, LATER_CHAT, greedy, made("theme 2.0")))
    assert refusal.further == {"chat": "1.5"}


def test_a_prerelease_that_nobody_asked_for_is_not_offered() -> None:
    assert refused(OLD, CHAT, others=(NEW, LATER_CHAT, made("chat 2.0b1"))).further == {"chat": "1.5"}
    assert refused(OLD, CHAT, others=(NEW, made("chat 2.0b1"))).further == {}


def test_a_prerelease_that_a_need_asks_for_is_offered() -> None:
    asking = made("state 2.0", {"chat": ">=2.0b1"})
    assert refused(OLD, CHAT, others=(asking, made("chat 2.0b1"))).further == {"chat": "2.0b1"}


def test_a_module_that_would_close_a_cycle_is_swapped_along() -> None:
    refusal = refused(
        OLD, made("chat 1.0", {"state": "*"}), others=(made("state 2.0", {"chat": "*"}), made("chat 2.0"))
    )
    assert refusal.further == {"chat": "2.0"}


def test_where_no_set_of_swaps_is_legal_it_is_said_why() -> None:
    refusal = refused(OLD, CHAT, others=(NEW,))
    assert refusal.further == {}
    assert refusal.message.splitlines() == [
        "change one of these: no version of state satisfies them all; there are 2.0, 1.0",
        "state ==2.0 (asked for)",
        "chat 1.0 (loaded) -> state <2",
    ]


def test_every_loaded_module_that_refuses_is_told_and_no_other() -> None:
    crowd = [made(f"m{at} 1.0", {"state": "<2"}) for at in range(9)]
    refusal = refused(OLD, *crowd, made("lax 1.0", {"state": "*"}), others=(NEW, made("m0 2.0", {"state": "==1.0"})))
    assert refusal.causes[0] == Cause("state", "==2.0", "")
    assert {cause.wanted_by for cause in refusal.causes[1:]} == {"m0 2.0", *(f"m{at} 1.0" for at in range(9))}
    assert refusal.message.splitlines()[-1] == "and 8 more"


def test_what_an_offered_version_needs_is_no_obstacle() -> None:
    follower = made("chat 2.0", {"state": ">=2"})
    refusal = refused(
        OLD, CHAT, made("theme 1.0", {"state": "<2"}), others=(NEW, follower, made("theme 2.0", {"state": ">=2"}))
    )
    assert refusal.message.splitlines()[1:] == ["chat 1.0 needs state <2", "theme 1.0 needs state <2"]


def test_a_declared_conflict_is_told_as_such() -> None:
    rival = made("rival 1.0", conflicts={"state": ">=2"})
    refusal = refused(OLD, rival, others=(NEW, made("rival 1.1")))
    assert refusal.message.splitlines()[1] == "rival 1.0 conflicts with state >=2"


def test_a_swap_beside_two_hundred_modules_that_all_must_follow_ends_in_its_time() -> None:
    crowd = [made(f"m{at:03d} 1.0", {"state": "<2"}) for at in range(200)]
    later = tuple(made(f"m{at:03d} {minor}.0", {"state": "*"}) for at in range(200) for minor in (2, 3))
    began = time.monotonic()
    refusal = refused(OLD, *crowd, others=(NEW, *later))
    assert len(refusal.further) == 200
    command = refusal.message.splitlines()[0].partition(": theseus swap ")[2].split()
    assert dict(zip(command[::2], command[1::2], strict=True)) == {"state": "2.0", **refusal.further}
    assert len(refusal.message.splitlines()) == 5
    assert time.monotonic() - began < 5


def test_a_swap_at_the_end_of_a_long_chain_of_dependents_needs_no_deep_stack() -> None:
    chain = [made(f"m{at:04d} 1.0", {f"m{at + 1:04d}": "<2"} if at < 1999 else {"state": "*"}) for at in range(2000)]
    assert [step.name for step in planned(OLD, *chain, others=(NEW,)).order] == ["state"]
