"""Laws of resolution: plans are right, are found where there are any, and do not depend on what does not matter."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from random import Random

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from host.discovery.repository import Repository
from host.resolution.candidates import Candidates
from host.resolution.needs import asked
from host.resolution.order import in_order, with_wishes
from host.resolution.propagation import UnfitError, propagate
from host.resolution.provider import by_resolvelib, obvious
from host.resolution.relations import edges_of
from host.resolution.resolve import resolve
from host.vocabulary.constraint import parse_constraint
from host.vocabulary.errors import ResolutionFailed
from host.vocabulary.manifest import Manifest
from host.vocabulary.version import parse_version
from tests.laws.small_graphs import (
    ASKING,
    NAMES,
    SPECIFIERS,
    WITH_PRERELEASES,
    asks,
    brute_force,
    graphs,
    holds,
    in_range,
    newest_first,
    without_cycles,
)
from tests.resolution.made_manifests import made


def chosen(manifests: Sequence[Manifest], wanted: Mapping[str, str]) -> list[Manifest] | str:
    """The members of the plan in order, or the kind of refusal."""
    try:
        plan = resolve(Repository.of(manifests), wanted)
    except ResolutionFailed as refusal:
        return refusal.kind
    by_key = {manifest.key: manifest for manifest in manifests}
    return [by_key[step.name, step.version] for step in plan.order]  # type: ignore[index]  # a key is a pair


@settings(max_examples=100, deadline=None)
@given(graphs(), asks())
def test_a_plan_is_found_exactly_where_brute_force_finds_one(manifests: list[Manifest], wanted: dict[str, str]) -> None:
    possible = any(brute_force(manifests, wanted))
    assert isinstance(chosen(manifests, wanted), list) == possible


@settings(max_examples=100, deadline=None)
@given(without_cycles(), st.dictionaries(st.sampled_from(NAMES), st.sampled_from(SPECIFIERS), min_size=1, max_size=3))
def test_a_plan_is_newest_first_in_the_order_that_is_promised(
    manifests: list[Manifest], wanted: dict[str, str]
) -> None:
    choices = list(brute_force(manifests, wanted))
    plan = chosen(manifests, wanted)
    if not choices:
        assert isinstance(plan, str)
        return
    assert {each.name: each.version for each in plan if isinstance(each, Manifest)} == newest_first(choices, wanted)


@settings(max_examples=100, deadline=None)
@given(graphs(WITH_PRERELEASES, ASKING), asks(ASKING))
def test_a_plan_satisfies_every_need_of_every_member_and_has_no_member_that_nothing_needs(
    manifests: list[Manifest], wanted: dict[str, str]
) -> None:
    plan = chosen(manifests, wanted)
    if isinstance(plan, str):
        return
    choice = {member.name: member for member in plan}
    assert len(choice) == len(plan)
    assert holds(choice, wanted)
    needed = {name for member in plan for name, need in member.dependencies.items() if not need.optional}
    assert choice.keys() <= needed | wanted.keys()


@settings(max_examples=100, deadline=None)
@given(graphs(WITH_PRERELEASES, ASKING), asks(ASKING))
def test_a_prerelease_is_chosen_only_where_asked_for_or_where_nothing_else_is_in_range(
    manifests: list[Manifest], wanted: dict[str, str]
) -> None:
    plan = chosen(manifests, wanted)
    if isinstance(plan, str):
        return
    for member in plan:
        needs = [need.specifier for each in plan for name, need in each.dependencies.items() if name == member.name]
        needs += [specifier for name, specifier in wanted.items() if name == member.name]
        barred = [each.conflicts[member.name] for each in plan if member.name in each.conflicts]
        finals = [
            other
            for other in manifests
            if other.name == member.name
            and not parse_version(other.version).is_prerelease
            and all(in_range(need, other) for need in needs)
            and not any(in_range(conflict, other) for conflict in barred)
        ]
        is_final = not parse_version(member.version).is_prerelease
        assert is_final or not finals or any(parse_constraint(need).names_prerelease for need in needs)


@settings(max_examples=200, deadline=None)
@given(graphs(), asks())
def test_a_refusal_says_nothing_that_is_not_so(manifests: list[Manifest], wanted: dict[str, str]) -> None:
    try:
        resolve(Repository.of(manifests), wanted)
    except ResolutionFailed as refusal:
        told = refusal
    else:
        return
    assert told.message.count("\n") < 5
    by_name: dict[str, list[Manifest]] = {}
    for manifest in manifests:
        by_name.setdefault(manifest.name, []).append(manifest)
    needs = [cause for cause in told.causes if not cause.requirement.startswith("conflicts")]
    for cause in told.causes:
        assert cause.wanted_by == "" or cause.wanted_by in {str(manifest.key) for manifest in manifests}
    match told.kind:
        case "missing":
            fitting = [
                [each for each in by_name.get(cause.module, []) if in_range(cause.requirement, each)] for cause in needs
            ]
            assert [] in fitting
        case "conflict" if "satisfies them all" in told.message:
            versions = by_name[needs[0].module]
            assert not any(all(in_range(cause.requirement, each) for cause in needs) for each in versions)
        case "cycle":
            edges = {(manifest.name, need) for manifest in manifests for need in manifest.dependencies}
            for cycle in told.cycles:
                assert {*zip(cycle, (*cycle[1:], cycle[0]), strict=True)} <= edges


@settings(max_examples=150, deadline=None)
@given(graphs(WITH_PRERELEASES), asks())
def test_the_pre_releases_that_a_refusal_offers_would_do(manifests: list[Manifest], wanted: dict[str, str]) -> None:
    try:
        resolve(Repository.of(manifests), wanted)
    except ResolutionFailed as refusal:
        offered = refusal.prereleases
    else:
        return
    if offered:
        asked_too = [*wanted.items(), *((name, f"=={version}") for name, version in offered.items())]
        plan = resolve(Repository.of(manifests), asked_too)
        assert {(step.name, step.version) for step in plan.order} >= set(offered.items())


@settings(max_examples=150, deadline=None)
@given(graphs(), asks(), st.randoms(use_true_random=False))
def test_the_order_of_discovery_and_of_asking_changes_nothing(
    manifests: list[Manifest], wanted: dict[str, str], random: Random
) -> None:
    shuffled = list(manifests)
    random.shuffle(shuffled)
    backwards = dict(reversed(wanted.items()))
    assert chosen(shuffled, backwards) == chosen(manifests, wanted)


@settings(max_examples=150, deadline=None)
@given(graphs(), asks())
def test_an_unrelated_module_changes_nothing(manifests: list[Manifest], wanted: dict[str, str]) -> None:
    unrelated = [made("unrelated 1.0.0", {"a": "*"}, conflicts={"b": "*"}), made("unrelated 2.0.0")]
    assert chosen([*manifests, *unrelated], wanted) == chosen(manifests, wanted)


@settings(max_examples=100, deadline=None)
@given(graphs(WITH_PRERELEASES, ASKING), asks(ASKING))
def test_the_obvious_choice_is_the_one_that_resolvelib_makes(manifests: list[Manifest], wanted: dict[str, str]) -> None:
    candidates = Candidates(Repository.of(manifests), {}, "1.0.0")
    try:
        forced = propagate(candidates, asked(wanted.items()))
    except UnfitError:
        return
    found = obvious(candidates, forced)
    if found is not None:
        searched = by_resolvelib(candidates, forced, time.monotonic() + 10, time.monotonic)
        assert {str(each) for each in found.values()} == {str(each) for each in searched.values()}


@settings(max_examples=100, deadline=None)
@given(graphs(), asks(), st.data())
def test_an_upgrade_is_found_where_a_plan_is_and_breaks_no_need_of_what_is_loaded(
    manifests: list[Manifest], wanted: dict[str, str], data: st.DataObject
) -> None:
    before = chosen(manifests, data.draw(asks()))
    if isinstance(before, str):
        return
    loaded = {manifest.name: manifest for manifest in before}
    by_key = {manifest.key: manifest for manifest in manifests}
    possible = any(brute_force(manifests, {**dict.fromkeys(loaded, "*"), **wanted}))
    try:
        plan = resolve(Repository.of(manifests), wanted, loaded=loaded, upgrade=True)
    except ResolutionFailed:
        assert not possible
        return
    steps = {step.name: by_key[step.name, step.version] for step in plan.order}  # type: ignore[index]  # a key is a pair
    assert holds({**loaded, **steps}, wanted)


@settings(max_examples=100, deadline=None)
@given(graphs())
def test_the_order_is_the_lexicographical_one_of_networkx(manifests: list[Manifest]) -> None:
    edges = edges_of({manifest.name: manifest for manifest in manifests}.values())
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(edges)
    graph.add_edges_from((need, name) for name, needs in edges.items() for need in needs)
    ordered = in_order(edges)
    if nx.is_directed_acyclic_graph(graph):
        assert list(ordered.names) == list(nx.lexicographical_topological_sort(graph))
    else:
        assert ordered.rest


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7))), st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)))
)
def test_wishes_for_order_never_stand_against_needs_and_give_way_only_to_cycles(
    pairs: list[tuple[int, int]], wished: list[tuple[int, int]]
) -> None:
    names = "abcdefgh"
    edges = {name: frozenset(names[low] for high, low in pairs if names[high] == name and low < high) for name in names}
    wanted = {(names[left], names[right]) for left, right in wished}
    ordered = with_wishes(edges, wanted)
    place = {name: index for index, name in enumerate(ordered.names)}
    assert sorted(place) == sorted(names)
    assert all(place[need] < place[name] for name, needs in edges.items() for need in needs)
    assert all(place[before] < place[name] for name, before in wanted - set(ordered.given_up))
    for name, before in ordered.given_up:
        kept = {each: edges[each] | {b for n, b in wanted - set(ordered.given_up) if n == each} for each in names}
        kept[name] = kept[name] | {before}
        assert in_order({each: frozenset(needs) for each, needs in kept.items()}).rest


@pytest.mark.parametrize("length", [2000])
def test_a_long_chain_needs_no_deep_stack_and_little_time(length: int) -> None:
    links = [
        made(f"m{index:04d} {version}.0.0", {f"m{index + 1:04d}": "*"}) for index in range(length) for version in (1, 2)
    ]
    repository = Repository.of([*links, made(f"m{length:04d} 1.0.0")])
    plan = resolve(repository, {"m0000": "*"})
    assert [plan.order[0].name, plan.order[-1].name] == [f"m{length:04d}", "m0000"]
