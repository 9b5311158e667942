"""Laws of explaining: what one look at all tells is what searches for each would."""

from __future__ import annotations

from hypothesis import event, given, settings

from host.discovery.repository import Repository
from host.resolution.explaining import explain_on_disk, unreachable
from host.resolution.resolve import resolve
from host.resolution.standing import Standing
from host.vocabulary.errors import ResolutionFailed
from host.vocabulary.manifest import Manifest
from tests.laws.small_graphs import graphs


@settings(max_examples=60, deadline=None)
@given(graphs())
def test_what_stands_without_a_search_is_what_a_search_finds(manifests: list[Manifest]) -> None:
    repository = Repository.of(manifests)
    standing = Standing.of(repository)
    for name in standing.sound:
        plan = resolve(repository, {name: f"=={standing.newest[name].version}"})
        assert all(step.version == standing.newest[step.name].version for step in plan.order)
        event("sound")
    refused = {row.name for row in unreachable(repository)}
    for name, newest in standing.newest.items():
        try:
            resolve(repository, {name: f"=={newest.version}"})
        except ResolutionFailed:
            assert name in refused
            event("refused")
        else:
            assert name not in refused


@settings(max_examples=60, deadline=None)
@given(graphs())
def test_the_chains_to_a_module_are_those_that_plans_have(manifests: list[Manifest]) -> None:
    repository = Repository.of(manifests)
    for name in repository.names:
        for links in explain_on_disk(repository, name).chains:
            plan = {step.name: step.version for step in resolve(repository, {links[0].name: "*"}).order}
            assert all(plan[link.name] == link.version for link in links)
            assert links[-1].name == name
            event("a chain")
