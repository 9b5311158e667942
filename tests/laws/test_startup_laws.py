"""Laws of the order of a start, over any modules that need one another and load one another later."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from host.discovery.repository import Repository
from host.resolution.startup import Startup, startup
from host.vocabulary.manifest import Manifest
from tests.resolution.made_manifests import made

NAMES = ("a", "b", "c", "d", "e", "f")
others = st.lists(st.sampled_from((*NAMES, "gone")), max_size=3, unique=True).map(tuple)


@st.composite
def modules(draw: st.DrawFn) -> list[Manifest]:
    """Some modules in one version each; each may need, and load later, any other and one that is not there."""
    found = []
    for name in draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=len(NAMES))):
        needs = {need: "*" for need in draw(others) if need != name}
        found.append(
            replace(
                made(f"{name} 1.0.0", needs),
                autoload=draw(st.booleans()),
                autoload_priority=draw(st.integers(0, 3)),
                enabled=draw(st.booleans()),
                load_later=draw(others),
            )
        )
    return found


def started(manifests: list[Manifest]) -> tuple[Startup, list[str]]:
    start = startup(Repository.of(manifests), {})
    return start, [step.name for step in start.order]


@settings(deadline=None)
@given(modules())
def test_whatever_a_module_needs_loads_before_it(manifests: list[Manifest]) -> None:
    _, order = started(manifests)
    by_name = {each.name: each for each in manifests}
    for place, name in enumerate(order):
        assert set(by_name[name].dependencies) <= set(order[:place])


@settings(deadline=None)
@given(modules())
def test_what_asks_to_load_either_does_or_is_told(manifests: list[Manifest]) -> None:
    start, order = started(manifests)
    told = {each.name for each in start.not_started}
    assert len(order) == len(set(order))
    assert told.isdisjoint(start.wanted)
    assert {each.name for each in manifests if each.autoload and each.enabled} == {
        each.name for each in manifests if each.autoload and each.enabled and (each.name in order or each.name in told)
    }


@settings(deadline=None)
@given(modules())
def test_what_is_told_needs_something_that_no_order_could_give(manifests: list[Manifest]) -> None:
    start, _ = started(manifests)
    by_name = {each.name: each for each in manifests}
    loadable: set[str] = set()
    while fresh := {each.name for each in manifests if set(each.dependencies) <= loadable} - loadable:
        loadable |= fresh
    assert all(each.name in by_name and each.name not in loadable for each in start.not_started)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(NAMES), st.sets(st.sampled_from(NAMES))))
def test_of_those_at_odds_the_first_loads(conflicts: dict[str, set[str]]) -> None:
    fitting: list[str] = []
    for name in sorted(conflicts):
        if not any(name in conflicts[each] or each in conflicts[name] for each in fitting):
            fitting.append(name)
    manifests = [
        replace(made(f"{name} 1.0.0", conflicts=dict.fromkeys(others - {name}, "*")), autoload=True)
        for name, others in conflicts.items()
    ]
    start, order = started(manifests)
    assert sorted(order) == fitting
    assert [each.name for each in start.not_started] == [name for name in sorted(conflicts) if name not in fitting]


@settings(deadline=None)
@given(modules(), st.randoms())
def test_the_order_does_not_depend_on_the_order_of_discovery(manifests: list[Manifest], chance: Random) -> None:
    shuffled = list(manifests)
    chance.shuffle(shuffled)
    assert started(shuffled)[1] == started(manifests)[1]


@settings(deadline=None)
@given(modules())
def test_of_two_that_nothing_binds_the_lower_priority_is_first(manifests: list[Manifest]) -> None:
    alone = [replace(each, dependencies={}, load_later=()) for each in manifests]
    _, order = started(alone)
    assert order == [
        each.name
        for each in sorted(alone, key=lambda each: (each.autoload_priority, each.name))
        if each.autoload and each.enabled
    ]


@st.composite
def without_cycles(draw: st.DrawFn) -> list[Manifest]:
    """As ``modules``; all that is needed is there, and nothing needs itself in a round."""
    found: list[Manifest] = []
    for name in draw(st.permutations(NAMES)):
        needs = draw(st.sets(st.sampled_from([each.name for each in found]), max_size=2)) if found else set()
        found.append(
            replace(
                made(f"{name} 1.0.0", dict.fromkeys(sorted(needs), "*")),
                autoload=draw(st.booleans()),
                autoload_priority=draw(st.integers(0, 3)),
                load_later=draw(others),
            )
        )
    return found


def as_otclient_loads(manifests: list[Manifest]) -> list[str]:
    """The order in which OTClient's loader runs modules: one twice that loads itself while it waits for another."""
    by_name = {each.name: each for each in manifests}
    order: list[str] = []

    def load(name: str) -> None:
        if name in order or name not in by_name:
            return
        for need in by_name[name].dependencies:
            load(need)
        order.append(name)
        for later in by_name[name].load_later:
            load(later)

    for each in sorted(manifests, key=lambda each: (each.autoload_priority, each.name)):
        if each.autoload:
            load(each.name)
    return order


@settings(deadline=None)
@given(without_cycles())
def test_the_order_is_that_of_otclients_loader_wherever_that_runs_nothing_twice(manifests: list[Manifest]) -> None:
    expected = as_otclient_loads(manifests)
    assume(len(expected) == len(set(expected)))
    assert started(manifests)[1] == expected
