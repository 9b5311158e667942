"""Laws of planning a swap: what is offered is legal and the least there is, and nothing where nothing is legal."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import event, given, settings

from host.discovery.repository import Repository
from host.resolution.further import plan_swap
from host.vocabulary.errors import ResolutionFailed
from host.vocabulary.manifest import Manifest
from tests.laws.small_graphs import Choice, brute_force, tied


def least(manifests: Sequence[Manifest], loaded: Choice, target: Manifest) -> int | None:
    """How many other loaded modules change at least, by trying each choice; ``None`` where none holds."""
    everything = {**dict.fromkeys(loaded, "*"), target.name: f"=={target.version}"}
    changes = [
        sum(choice[name] != each for name, each in loaded.items() if name != target.name)
        for choice in brute_force(manifests, everything)
    ]
    return min(changes, default=None)


@settings(max_examples=60, deadline=None)
@given(tied())
def test_the_further_swaps_that_are_offered_are_the_fewest_and_none_are_where_none_would_do(
    manifests: list[Manifest],
) -> None:
    loaded = max(brute_force(manifests, {}), key=len)
    for target in manifests:
        if target.name in loaded and len(loaded) > 1:
            _holds(manifests, loaded, target)


def _holds(manifests: Sequence[Manifest], loaded: Choice, target: Manifest) -> None:
    fewest = least(manifests, loaded, target)
    asked = {target.name: f"=={target.version}"}
    if fewest != 0:
        with pytest.raises(ResolutionFailed) as refusal:
            plan_swap(Repository.of(manifests), asked, loaded)
        assert len(refusal.value.further) == (fewest or 0)
        asked |= {name: f"=={version}" for name, version in refusal.value.further.items()}
        event(f"{fewest} further swaps are needed" if fewest else "there is no way")
    if fewest is not None:
        plan = plan_swap(Repository.of(manifests), asked, loaded)
        moved = {step.name for step in plan.order if step.name in loaded and step.version != loaded[step.name].version}
        assert len(moved - {target.name}) == fewest
