"""Core needs core alone; all other tiers need what they like."""

from __future__ import annotations

from itertools import product

import pytest

from host.discovery.repository import scan
from host.vocabulary.identity import Tier
from tests.discovery.module_folders import all_problems
from tests.discovery.test_otclient_folders import write_otmod
from tests.engine.place import Place

PAIRS = [(tier, other) for tier, other in product(Tier, Tier) if tier is not Tier.CORE or other is Tier.CORE]


@pytest.mark.parametrize("tier", [tier for tier in Tier if tier is not Tier.CORE])
@pytest.mark.parametrize("optional", ["", ", optional = true"])
def test_a_core_module_that_needs_another_tier_is_refused_with_the_rule_and_its_line(
    place: Place, tier: Tier, optional: str
) -> None:
    place.module("other", tier=tier)
    folder = place.module("base", tier="core", more=f'[dependencies]\nother = {{version = "*"{optional}}}\n')
    repository = scan([place.root])
    assert repository.names == ("other",)
    (refused,) = repository.refused
    (problem,) = refused.problems
    assert (problem.file, problem.line, problem.key) == (folder / "module.toml", 4, "dependencies.other")
    assert problem.message == (
        f"other is one of the {tier}, and a core module needs core modules alone; "
        "move one of them, or let other need base"
    )


def test_the_rule_holds_for_modules_of_otclient_with_the_line_of_their_manifest(place: Place) -> None:
    place.module("other")
    write_otmod(place.root / "core" / "base", "base", "  dependencies:\n    - other\n")
    (problem,) = all_problems(scan([place.root]))
    assert (problem.file.name, problem.line, problem.key) == ("base.otmod", 4, "dependencies.other")


@pytest.mark.parametrize(("tier", "other"), PAIRS)
def test_every_other_pair_of_tiers_is_allowed(place: Place, tier: Tier, other: Tier) -> None:
    place.module("other", tier=other)
    place.module("base", tier=tier, more='[dependencies]\nother = "*"\n')
    assert all_problems(scan([place.root])) == ()


def test_one_version_that_breaks_the_rule_leaves_the_others(place: Place) -> None:
    place.module("other")
    place.module("base", tier="core", folder="1")
    place.module("base", version="2.0.0", tier="core", folder="2", more='[dependencies]\nother = "*"\n')
    repository = scan([place.root])
    assert [manifest.version for manifest in repository.versions("base")] == ["1.0.0"]
    assert [(each.name, each.version) for each in repository.refused] == [("base", "2.0.0")]


def test_a_need_of_what_is_not_there_is_no_matter_of_tiers(place: Place) -> None:
    place.module("base", tier="core", more='[dependencies]\ngone = "*"\n')
    assert all_problems(scan([place.root])) == ()
