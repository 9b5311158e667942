"""Laws of least change: as few of what is loaded change as can be, asked for or not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hypothesis import event, given, settings

from host.discovery.repository import Repository
from host.resolution.resolve import resolve
from host.vocabulary.errors import ResolutionFailed
from host.vocabulary.manifest import Manifest
from tests.laws.small_graphs import TIES, Choice, asks, brute_force, graphs, tied


@settings(max_examples=60, deadline=None)
@given(graphs(), asks())
def test_beside_few_modules_as_few_as_can_be_change(manifests: list[Manifest], wanted: dict[str, str]) -> None:
    _changes_least(manifests, wanted)


@settings(max_examples=60, deadline=None)
@given(tied(), asks(TIES))
def test_among_modules_that_are_all_tied_as_few_as_can_be_change(
    manifests: list[Manifest], wanted: dict[str, str]
) -> None:
    _changes_least(manifests, wanted)


def _changes_least(manifests: Sequence[Manifest], wanted: Mapping[str, str]) -> None:
    """Beside the most that can run, and beside the most that can without what is wanted."""
    running = sorted(brute_force(manifests, {}), key=len, reverse=True)
    without = next(each for each in running if not wanted.keys() & each.keys())
    for loaded in (running[0], without):
        fewest = _fewest(manifests, loaded, wanted)
        event(f"{fewest} of what is loaded change")
        try:
            plan = resolve(Repository.of(manifests), wanted, loaded=loaded)
        except ResolutionFailed:
            assert fewest is None
        else:
            moved = [step.name in loaded and step.version != loaded[step.name].version for step in plan.order]
            assert sum(moved) == fewest


def _fewest(manifests: Sequence[Manifest], loaded: Choice, wanted: Mapping[str, str]) -> int | None:
    """How many of what is loaded change at least, by trying each choice; ``None`` where none holds."""
    choices = brute_force(manifests, {**dict.fromkeys(loaded, "*"), **wanted})
    return min((sum(choice[name] != each for name, each in loaded.items()) for choice in choices), default=None)
