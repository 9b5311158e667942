"""``ui-dump``: what a window shows, as JSON."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.program import LONGEST, ROOT, theseus, without_display
from tests.engine.place import Place

pytestmark = pytest.mark.integration

DEAD = """import sys
from pathlib import Path
from host.desktop.app import CannotShow, dump
try:
    dump(engine_command=["false"], data=Path(sys.argv[1]))
except CannotShow as why:
    print(why)
"""


def every(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node["children"]:
        yield from every(child)


def test_it_waits_for_the_engine_and_prints_what_the_window_shows_of_it(place: Place) -> None:
    place.module("chat", "return {}", more="autoload = true\n")
    place.module("broken", "return {", more="autoload = true\n")
    tree = theseus("ui-dump", "--modules", place.root, cwd=place.root).json
    nodes = list(every(tree))
    assert all({"name", "role", "text", "enabled", "children"} <= node.keys() for node in nodes)
    assert (tree["name"], tree["role"], tree["text"]) == ("workbench.window", "window", "Theseus")
    by_name = {node["name"]: node for node in nodes if node["name"]}
    rows = [row["text"].split("\t")[:2] for row in by_name["modules.list"]["children"]]
    assert ["failed", "broken"] in rows
    assert ["found", "chat"] in rows or ["active", "chat"] in rows
    assert "Problems  1" in by_name["problems.dock"]["text"]
    assert by_name["toolbar.load"] | {"children": []} == {
        "name": "toolbar.load", "role": "button", "text": "Load", "enabled": False, "children": [],
    }  # fmt: skip


def test_what_is_out_of_sight_is_not_in_it(place: Place) -> None:
    tree = theseus("ui-dump", "--modules", place.root, "--data", place.data).json
    names = {node["name"] for node in every(tree)}
    assert "inspector.empty" in names
    assert {"problems.list", "status.line"} <= names
    assert {"log.list", "swap.sheet", "overview.section"} & names == set()


def test_an_engine_that_does_not_come_up_is_told_in_one_sentence(tmp_path: Path) -> None:
    said = subprocess.run(
        [sys.executable, "-c", DEAD, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        timeout=LONGEST,
        env=without_display({"QT_QPA_PLATFORM": "offscreen"}),
        cwd=ROOT,
    )
    assert said.stdout == "The engine stays down: it ended 5 times within 60 s; start it again when you are ready\n"
