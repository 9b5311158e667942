"""``theseus bisect``: a bad module is found by answers or by a command, also across a kill."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest

from host.vocabulary.folders import data_option
from tests.cli.program import Running, running
from tests.engine.place import Place

pytestmark = pytest.mark.integration

NEEDS = {"a": "", "b": "a", "c": "a", "d": ""}


@pytest.fixture
def place(tmp_path: Path) -> Place:
    place = Place(tmp_path)
    for name, needs in NEEDS.items():
        place.module(name, "return {}", more=f'[dependencies]\n{needs} = "*"\n' if needs else "")
    return place


def loads() -> list[str]:
    return [word for name in NEEDS for word in ("--load", name)]


def actives(host: Running) -> set[str]:
    modules = host.ask("status", "--json").json["modules"]
    return {name for name, view in modules.items() if view["status"] == "active"}


def checking(folder: Path, script: str) -> str:
    """A command that is a script of Python."""
    file = folder / "check.py"
    file.write_text(script)
    return f"{sys.executable} {file}"


def test_a_bad_module_is_found_by_answers(place: Place) -> None:
    with running(place, *loads()) as host:
        began = host.ask("bisect", "begin")
        assert began.out.splitlines()[0] == "All modules are off (4 ran). Is it still bad?"
        step = host.ask("bisect", "good", "--json").json
        while not step["over"]:
            step = host.ask("bisect", "bad" if "c" in step["on"] else "good", "--json").json
        assert host.ask("bisect").out.splitlines() == [
            "c is bad by itself; it and what needs it are off.",
            f"theseus bisect end{data_option(place.data)} brings all back that ran before",
        ]
        assert actives(host) == {"a", "b", "d"}
        assert host.ask("bisect", "end").out == "No search for a bad module is under way.\n"
        assert actives(host) == set(NEEDS)


def test_a_command_finds_two_that_are_bad_only_together(place: Place) -> None:
    check = checking(
        place.data.parent,
        "import asyncio, os, sys\n"
        "from pathlib import Path\n"
        "from host.protocol.client import Client\n"
        "async def main():\n"
        "    async with await Client.connect(Path(os.environ['THESEUS_DATA'])) as client:\n"
        "        views = (await client.snapshot()).modules\n"
        "    sys.exit(all(views[name].status == 'active' for name in ('b', 'd')))\n"
        "asyncio.run(main())\n",
    )
    with running(place, *loads()) as host:
        found = host.ask("bisect", "--check", check, "--json")
        assert set(found.json["guilty"]) == {"b", "d"}
        assert actives(host) == set(NEEDS)


def test_a_command_that_never_fails_or_cannot_run_begins_nothing(place: Place) -> None:
    with running(place, *loads()) as host:
        good = checking(place.data.parent, "")
        assert "so none is bad; nothing was changed" in host.ask("bisect", "--check", good).sentence
        assert "cannot be run (No such file or directory)" in host.ask("bisect", "--check", "./nowhere").sentence
        untold = checking(place.data.parent, "raise SystemExit(125)")
        assert "ended with 125, which is no answer" in host.ask("bisect", "--check", untold).sentence
        assert host.ask("bisect").out == "No search for a bad module is under way.\n"


def test_a_search_goes_on_after_the_host_was_killed(place: Place) -> None:
    with running(place, *loads()) as host:
        host.ask("bisect", "begin")
        host.ask("bisect", "good")
        os.kill(host.process.pid, signal.SIGKILL)
        host.end()
    with running(place, *loads()) as host:
        assert host.ask("bisect", "--json").json["on"] == ["a", "b"]
        assert actives(host) == {"a", "b"}
