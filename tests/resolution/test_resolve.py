from __future__ import annotations

import itertools
import subprocess
import sys
import time

import pytest

from host.discovery.repository import Repository
from host.resolution.candidates import Candidates
from host.resolution.exhaustive import UndecidedError
from host.resolution.needs import asked
from host.resolution.provider import search
from host.resolution.resolve import resolve
from host.vocabulary.errors import ResolutionFailed, SpecifierInvalid
from host.vocabulary.manifest import Manifest
from host.vocabulary.views import Plan, PlanStep
from tests.resolution.made_manifests import made


def keys(plan: Plan) -> list[str]:
    return [f"{step.name} {step.version}" for step in plan.order]


def resolved(*manifests: Manifest, wanted: dict[str, str], loaded: tuple[Manifest, ...] = ()) -> list[str]:
    return keys(resolve(Repository.of(manifests), wanted, loaded={each.name: each for each in loaded}))


CHAT_1 = made("chat 1.0.0", {"state": "^1.0"})
CHAT_2 = made("chat 2.1.0", {"state": "^1.1"})
STATE_10 = made("state 1.0.0")
STATE_11 = made("state 1.1.0")


def test_the_newest_versions_that_fit_are_chosen_and_dependencies_come_first() -> None:
    assert resolved(CHAT_1, CHAT_2, STATE_10, STATE_11, wanted={"chat": "*"}) == ["state 1.1.0", "chat 2.1.0"]


def test_a_step_tells_tier_and_folder() -> None:
    plan = resolve(Repository.of([STATE_10]), {"state": ""})
    path = str(STATE_10.folder)
    assert plan.order == (PlanStep(name="state", version="1.0.0", tier="plugins", path=path),)


def test_asking_for_a_version_chooses_that_one() -> None:
    assert resolved(CHAT_1, CHAT_2, STATE_11, wanted={"chat": "==1.0.0"}) == ["state 1.1.0", "chat 1.0.0"]


def test_an_older_version_is_chosen_where_the_newest_lacks_what_it_needs() -> None:
    assert resolved(CHAT_1, CHAT_2, STATE_10, wanted={"chat": "*"}) == ["state 1.0.0", "chat 1.0.0"]


def test_several_specifiers_for_one_module_hold_together() -> None:
    repository = Repository.of([made("state 1.0.0"), made("state 1.5.0"), made("state 2.0.0")])
    assert keys(resolve(repository, [("state", ">=1.2"), ("state", "<2")])) == ["state 1.5.0"]


def test_nothing_asked_is_an_empty_plan() -> None:
    assert resolve(Repository.of([STATE_10]), {}).order == ()


def test_a_specifier_that_does_not_parse_is_refused() -> None:
    with pytest.raises(SpecifierInvalid, match="'latest' is not a version specifier"):
        resolve(Repository.of([STATE_10]), {"state": "latest"})


def test_a_prerelease_is_chosen_where_it_is_asked_for() -> None:
    manifests = made("state 1.0.0"), made("state 2.0.0-beta.2")
    assert resolved(*manifests, wanted={"state": "*"}) == ["state 1.0.0"]
    assert resolved(*manifests, wanted={"state": ">=2.0.0-beta.1"}) == ["state 2.0.0-beta.2"]


def test_a_prerelease_is_chosen_where_there_is_nothing_else() -> None:
    assert resolved(made("state 2.0.0-beta.2"), wanted={"state": "*"}) == ["state 2.0.0-beta.2"]


def test_an_optional_dependency_is_not_loaded_for_its_own_sake() -> None:
    chat = made("chat 1.0.0", optional={"http": "^1.0"})
    assert resolved(chat, made("http 1.0.0"), wanted={"chat": "*"}) == ["chat 1.0.0"]


def test_an_optional_dependency_that_is_asked_for_binds_and_loads_first() -> None:
    chat = made("chat 1.0.0", optional={"http": "^1.0"})
    asked = {"chat": "*", "http": "*"}
    assert resolved(chat, made("http 1.2.0"), made("http 2.0.0"), wanted=asked) == ["http 1.2.0", "chat 1.0.0"]


def test_an_optional_dependency_that_is_loaded_binds() -> None:
    http = made("http 2.0.0")
    with pytest.raises(ResolutionFailed, match="no version of http satisfies them all"):
        resolved(made("chat 1.0.0", optional={"http": "^1.0"}), http, wanted={"chat": "*", "http": "*"}, loaded=(http,))


def test_versions_for_another_contract_of_the_host_are_passed_over() -> None:
    assert resolved(made("chat 1.0.0", host="^1"), made("chat 2.0.0", host=">=2"), wanted={"chat": "*"}) == [
        "chat 1.0.0"
    ]


def test_a_conflict_moves_the_choice_to_a_version_without_it() -> None:
    old = made("chat 2.0.0", conflicts={"state": "<1.1"})
    assert resolved(old, CHAT_1, STATE_10, wanted={"chat": "*", "state": "*"}) == ["state 1.0.0", "chat 1.0.0"]


def test_where_another_choice_of_versions_has_no_cycle_it_is_made() -> None:
    manifests = made("a 2.0.0", {"b": "*"}), made("b 2.0.0", {"a": "*"}), made("b 1.0.0")
    assert resolved(*manifests, wanted={"a": "*"}) == ["b 1.0.0", "a 2.0.0"]


def test_load_after_orders_what_is_there_and_requires_nothing() -> None:
    assert resolved(made("chat 1.0.0", after=("theme", "gone")), made("theme 1.0.0"), wanted={"chat": "*"}) == [
        "chat 1.0.0"
    ]
    assert resolved(made("chat 1.0.0", after=("theme",)), made("theme 1.0.0"), wanted={"chat": "*", "theme": "*"}) == [
        "theme 1.0.0",
        "chat 1.0.0",
    ]


def test_load_after_gives_way_to_a_need_with_a_warning() -> None:
    plan = resolve(Repository.of([made("a 1.0.0", after=("b",)), made("b 1.0.0", {"a": "*"})]), {"b": "*"})
    assert keys(plan) == ["a 1.0.0", "b 1.0.0"]
    assert plan.warnings == ("a asks to load after b, but loads before it: b needs a, or waits for it",)


def test_a_loaded_module_keeps_its_version_though_a_newer_one_is_there() -> None:
    assert resolved(CHAT_1, STATE_10, STATE_11, wanted={"chat": "*"}, loaded=(STATE_10,)) == [
        "state 1.0.0",
        "chat 1.0.0",
    ]


def test_an_older_version_is_chosen_before_a_loaded_module_is_moved() -> None:
    taken = resolved(CHAT_1, CHAT_2, STATE_10, STATE_11, wanted={"chat": "*"}, loaded=(STATE_10,))
    assert taken == ["state 1.0.0", "chat 1.0.0"]


def test_a_loaded_module_that_must_change_is_part_of_the_plan_with_what_needs_it() -> None:
    old, new = made("theme 1.0.0", {"state": "==1.0.0"}), made("theme 2.0.0", {"state": "*"})
    plan = resolved(CHAT_2, STATE_10, STATE_11, old, new, wanted={"chat": "*"}, loaded=(STATE_10, old))
    assert plan == ["state 1.1.0", "chat 2.1.0", "theme 2.0.0"]


def test_of_two_ways_that_fit_the_one_that_changes_fewer_loaded_modules_is_taken() -> None:
    loaded = made("b 2.0.0"), made("c 2.0.0"), made("d 2.0.0")
    new = made("a 1.2.0", {"b": "1.x", "c": "*"}), made("a 2.0.0", {"b": "<1.2", "d": "<1.2"})
    older = made("b 0.9.0", {"c": "==1.0.0"}), made("b 1.2.0"), made("c 1.0.0"), made("d 1.0.0")
    plan = resolved(*loaded, *new, *older, wanted={"a": ""}, loaded=loaded)
    assert plan == ["b 1.2.0", "c 2.0.0", "a 1.2.0"]


def test_a_loaded_module_that_is_asked_for_keeps_its_version_too_and_another_gives_way() -> None:
    first, second = made("state 0.9.0"), made("state 2.0.0")
    chat = made("chat 1.0.0"), made("chat 2.0.0", {"state": ">=1"})
    assert resolved(first, second, *chat, wanted={"chat": "", "state": ""}, loaded=(first,)) == [
        "chat 1.0.0",
        "state 0.9.0",
    ]
    assert resolved(first, second, *chat, wanted={"chat": "", "state": ">=1"}, loaded=(first,)) == [
        "state 2.0.0",
        "chat 2.0.0",
    ]


def test_round_a_cycle_what_was_asked_for_stays_the_newest_and_what_it_needs_gives_way() -> None:
    chat = made("chat 1.0.0"), made("chat 2.0.0", {"state": "*"})
    state = made("state 1.0.0"), made("state 2.0.0", {"chat": "*"})
    assert resolved(*chat, *state, wanted={"chat": ""}) == ["state 1.0.0", "chat 2.0.0"]
    assert resolved(*chat, *state, wanted={"state": ""}) == ["chat 1.0.0", "state 2.0.0"]


def test_a_step_tells_what_it_replaces() -> None:
    loaded = {"state": STATE_10}
    plan = resolve(Repository.of([CHAT_2, STATE_10, STATE_11]), {"chat": ""}, loaded=loaded)
    assert [(str(step), step.replaces) for step in plan.order] == [
        ("state 1.0.0 -> 1.1.0", "1.0.0"),
        ("chat 2.1.0", ""),
    ]


def test_what_a_loaded_module_needs_is_not_broken() -> None:
    theme = made("theme 1.0.0", {"state": "==1.0.0"})
    with pytest.raises(ResolutionFailed) as refusal:
        resolved(CHAT_2, STATE_10, STATE_11, theme, wanted={"chat": "*"}, loaded=(STATE_10, theme))
    assert "theme 1.0.0 (loaded) -> state ==1.0.0" in refusal.value.message


def test_a_loaded_module_that_lacks_something_already_hinders_no_other() -> None:
    widowed = made("widowed 1.0.0", {"gone": "*"})
    assert resolved(widowed, STATE_10, wanted={"state": "*"}, loaded=(widowed,)) == ["state 1.0.0"]


def test_a_loaded_module_whose_folder_is_gone_still_serves() -> None:
    assert resolved(CHAT_1, wanted={"chat": "*"}, loaded=(STATE_10,)) == ["state 1.0.0", "chat 1.0.0"]


def test_a_missing_module_refuses_only_what_needs_it() -> None:
    manifests = made("broken 1.0.0", {"gone": "*"}), STATE_10
    assert resolved(*manifests, wanted={"state": "*"}) == ["state 1.0.0"]
    with pytest.raises(ResolutionFailed):
        resolved(*manifests, wanted={"broken": "*"})


def test_a_hostile_graph_ends_in_its_time_and_says_what_was_at_odds() -> None:
    # Ten pigeons for nine holes, no two in one: every search of this kind takes time that grows with 9!.
    pigeons = [f"pigeon{at}" for at in range(10)]
    manifests = [
        made(f"{name} {hole}.0", conflicts={other: f"=={hole}.0" for other in pigeons if other != name})
        for name in pigeons
        for hole in range(9)
    ]
    began = time.monotonic()
    with pytest.raises(ResolutionFailed, match=r"no choice was found within 0\.5 s") as refusal:
        resolve(Repository.of(manifests), dict.fromkeys(pigeons, "*"), patience=0.5)
    assert time.monotonic() - began < 1.5
    assert refusal.value.causes


@pytest.mark.parametrize("times", [[], [0.0]])
def test_what_is_still_open_is_told_where_there_was_no_time_to_meet_an_obstacle(times: list[float]) -> None:
    rivals = [made(f"{name} {at}.0", conflicts={other: f"=={at}.0"}) for at in (1, 2) for name, other in ("ab", "ba")]
    clock = itertools.chain(times, itertools.repeat(10.0)).__next__
    with pytest.raises(UndecidedError) as undecided:
        search(Candidates(Repository.of(rivals), {}, "1.0.0"), asked([("a", "*"), ("b", "*")]), 1.0, clock)
    assert {str(need) for need in undecided.value.needs} == {"a *", "b *"}


def test_a_plan_without_a_cycle_does_not_wait_for_networkx() -> None:
    program = "import sys, host.resolution.resolve; sys.exit('networkx' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_a_thousand_modules_of_ten_versions_are_resolved_within_a_second() -> None:
    manifests = [
        made(f"m{at:04d} 1.{minor}.0", {f"m{other:04d}": "^1.0" for other in range(max(0, at - 2), at)})
        for at in range(1000)
        for minor in range(10)
    ]
    repository = Repository.of(manifests)
    began = time.process_time()
    plan = resolve(repository, dict.fromkeys(repository.names, "*"))
    assert time.process_time() - began < 1.0
    assert [step.version for step in plan.order] == ["1.9.0"] * 1000


def test_an_upgrade_takes_the_newest_of_what_is_asked_and_of_what_that_needs() -> None:
    loaded = {"chat": CHAT_1, "state": STATE_10, "theme": made("theme 1.0")}
    repository = Repository.of([CHAT_1, CHAT_2, STATE_10, STATE_11, *loaded.values(), made("theme 2.0")])
    assert keys(resolve(repository, {"chat": "*"}, loaded=loaded)) == ["state 1.0.0", "chat 1.0.0"]
    assert keys(resolve(repository, {"chat": "*"}, loaded=loaded, upgrade=True)) == ["state 1.1.0", "chat 2.1.0"]


def test_an_upgrade_moves_what_nobody_asked_about_only_where_it_must() -> None:
    old, new = made("theme 1.0", {"state": "<1.1"}), made("theme 2.0")
    loaded = {"chat": CHAT_1, "state": STATE_10, "theme": old}
    repository = Repository.of([CHAT_1, CHAT_2, STATE_10, STATE_11, old, new])
    assert keys(resolve(repository, {"chat": "*"}, loaded=loaded, upgrade=True)) == [
        "state 1.1.0",
        "chat 2.1.0",
        "theme 2.0",
    ]


def test_an_upgrade_of_what_is_not_loaded_is_a_plain_plan() -> None:
    repository = Repository.of([CHAT_1, CHAT_2, STATE_10, STATE_11])
    assert resolve(repository, {"chat": "*"}, upgrade=True) == resolve(repository, {"chat": "*"})


def test_fifty_thousand_needs_are_resolved_in_their_time() -> None:
    manifests = [
        made(f"m{at:03d} {version}.0.0", {f"m{other:03d}": "*" for other in range(max(0, at - 101), at)})
        for at in range(500)
        for version in (1, 2)
    ]
    assert sum(len(each.dependencies) for each in manifests) > 50_000
    plan = resolve(Repository.of(manifests), {"m499": "*"})
    assert [plan.order[0].name, plan.order[-1].name] == ["m000", "m499"]


def test_a_module_that_needs_itself_in_every_version_is_a_cycle_of_one() -> None:
    with pytest.raises(ResolutionFailed) as refusal:
        resolved(made("a 1.0", {"a": "*"}), wanted={"a": "*"})
    assert refusal.value.cycles == (("a",),)
    assert refusal.value.message.startswith("remove one of these dependencies: a -> a is a cycle")


@pytest.mark.parametrize("upgrade", [False, True])
def test_where_there_is_nothing_to_choose_no_machine_is_too_slow(*, upgrade: bool) -> None:
    """A large graph with one version of each was refused for want of time while others used the processor."""
    manifests = [made(f"m{at} 1.0.0", {f"m{at + 1}": "^1"} if at < 20 else {}) for at in range(21)]
    loaded = {each.name: each for each in manifests[5:]}
    plan = resolve(Repository.of(manifests), {"m0": ""}, loaded=loaded, upgrade=upgrade, patience=0.0)
    assert len(plan.order) == 21


def test_a_cycle_is_told_however_slow_the_machine_is() -> None:
    manifests = [made("a 1.0.0", {"b": "*"}), made("b 1.0.0", {"a": "*"}), made("b 2.0.0", {"a": "*"})]
    with pytest.raises(ResolutionFailed) as refusal:
        resolve(Repository.of(manifests), {"a": ""}, patience=0.0)
    assert refusal.value.cycles == (("a", "b"),)
