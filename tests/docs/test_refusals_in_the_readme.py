"""The refusals that the README shows are what the program says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from host.discovery.repository import scan
from host.resolution.further import plan_swap
from host.resolution.resolve import resolve
from host.vocabulary.errors import ResolutionFailed
from tests.engine.place import Place

README = (Path(__file__).resolve().parents[2] / "README.md").read_text("utf-8")


@pytest.fixture
def shelf(place: Place) -> Place:
    place.module("state", version="1.4.0", tier="core", folder="1")
    place.module("state", version="2.0.0", tier="core", folder="2")
    place.module("theme", tier="extensions", more='[dependencies]\nstate = "^1.2"\n')
    place.module("hud", more='[dependencies]\ntheme = "*"\n')
    place.module("map", version="3.1.0", more='[dependencies]\nstate = "^2.0"\n')
    place.module("chat", version="1.0.0", folder="1", more='[dependencies]\nstate = "<2"\n')
    place.module("chat", version="1.5.0", folder="2", more='[dependencies]\nstate = "*"\n')
    return place


def shown(command: str) -> str:
    """What the README prints below a command."""
    found = re.search(rf"^\$ theseus {re.escape(command)}\n(?P<said>.*?)(?=^\$|^```)", README, re.MULTILINE | re.DOTALL)
    assert found is not None, command
    return found["said"]


def test_the_conflict_and_its_explanation_are_real(shelf: Place) -> None:
    with pytest.raises(ResolutionFailed) as refusal:
        resolve(scan([shelf.root]), {"hud": "", "map": ""})
    assert shown("resolve hud map") == f"theseus: {refusal.value}\n"


def test_the_refused_swap_and_its_way_out_are_real(shelf: Place) -> None:
    repository = scan([shelf.root])
    loaded = {name: repository.versions(name)[-1] for name in ("state", "chat")}
    with pytest.raises(ResolutionFailed) as refusal:
        plan_swap(repository, {"state": "==2.0.0"}, loaded)
    first, second = str(refusal.value).splitlines()
    assert shown("swap state 2.0.0") == (
        f"theseus: state 2.0.0 was not swapped in (check): {first}; {second}; 1.4.0 runs on with its state\n"
    )
    assert f"$ {first.partition(': ')[2]}\n" in README
