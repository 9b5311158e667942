"""A person's first hour under a real X server: every act is a real click or key, and only looking is done otherwise."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest

from tests.cli.program import ROOT
from tests.desktop.screen import Screen, missing, screen
from tests.desktop.test_whole_program import COUNTER, write_module

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(bool(missing()), reason=f"not installed: {', '.join(missing())}"),
]

DEADLINE: Final = 20.0
RESTS: Final = 10
"""Looks, 20 ms apart, at which something has to be where it was: a sheet slides for 140 ms."""
Seen = dict[str, list[Any]]


class Person:
    """Looks at the window, and does things with it."""

    def __init__(self, on: Screen, program: subprocess.Popen[str]) -> None:
        self.on: Final = on
        self._program = program

    def look(self) -> Seen:
        assert self._program.stdin
        assert self._program.stdout
        self._program.stdin.write("?\n")
        self._program.stdin.flush()
        seen: Seen = json.loads(self._program.stdout.readline())
        return seen

    def wait(self, claim: Callable[[Seen], object]) -> Seen:
        """Look until a claim holds."""
        end = time.monotonic() + DEADLINE
        while not claim(seen := self.look()):
            assert time.monotonic() < end, json.dumps({name: each[0] for name, each in seen.items()}, indent=1)
            time.sleep(0.02)
        return seen

    def see(self, name: str, text: str = "") -> None:
        """Wait until something is there, with a text in it."""
        self.wait(lambda seen: name in seen and text in seen[name][0])

    def row(self, name: str, *texts: str) -> str:
        """Wait for a row of a list with these texts; its whole name."""

        def match(seen: Seen) -> list[str]:
            return [each for each in seen if each.startswith(f"{name}/") and all(text in each for text in texts)]

        return match(self.wait(match))[0]

    def click(self, name: str) -> None:
        """Click something once it is there, can be clicked and moves no more."""
        places: list[Any] = []

        def rests(seen: Seen) -> bool:
            places.append(seen.get(name))
            return len(places) > RESTS and all(each and each[3] and each == places[-1] for each in places[-RESTS:])

        seen = self.wait(rests)
        self.on.click(seen[name][1], seen[name][2])


@contextmanager
def person(tmp_path: Path, theme: str = "dark") -> Iterator[Person]:
    """In front of the program, which at the end is quit by its key, and ends well."""
    data = tmp_path / "data"
    data.mkdir()
    (data / "workbench.ini").write_text(f"[look]\ntheme={theme}\n")
    command = [sys.executable, "-m", "tests.desktop.seen", "--data", str(data), "--modules", str(tmp_path / "modules")]
    with screen() as on, (tmp_path / "said").open("w") as said:
        program = subprocess.Popen(
            command,
            env=on.environment | {"PYTHONPATH": str(ROOT)},
            cwd=ROOT,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=said,
        )
        try:
            on.focus()
            yield Person(on, program)
            on.keys("ctrl+q")
            assert program.wait(timeout=DEADLINE) == 0
            assert "Traceback" not in (tmp_path / "said").read_text()
        finally:
            program.kill()
            program.communicate()


@pytest.mark.parametrize("theme", ["light", pytest.param("dark", marks=pytest.mark.torture)])
def test_load_swap_take_back_break_mend_find_and_ask_by_clicks_and_keys(tmp_path: Path, theme: str) -> None:
    entry = write_module(tmp_path / "modules", "1.0.0", 1)
    write_module(tmp_path / "modules", "2.1.0", 10)
    with person(tmp_path, theme) as hands:
        hands.click(hands.row("modules.list", "counter"))
        hands.on.keys("ctrl+r")
        hands.click(hands.row("swap.versions", "1.0.0"))
        hands.click("swap.accept")
        hands.row("modules.list", "active | counter | 1.0.0")
        hands.click("toolbar.swap")
        hands.click(hands.row("swap.versions", "2.1.0"))
        hands.click("swap.accept")
        hands.row("modules.list", "active | counter | 2.1.0")
        hands.see("inspector.notice_text", "Swapped in")
        hands.on.keys("ctrl+alt+r")
        hands.row("modules.list", "active | counter | 1.0.0")

        entry.write_text("local counter = {}\nlocal half = = 1\nreturn counter\n")
        hands.see("inspector.truth", "the newest save has a mistake on line 2")
        hands.on.keys("alt+2")
        hands.click(hands.row("problems.list", "counter", "init.lua:2"))
        hands.see("problems.copy")
        entry.write_text(COUNTER % (5, 5))
        hands.wait(lambda seen: "mistake" not in seen["inspector.truth"][0])

        hands.on.find("Activity")
        hands.row("activity.list", "onTick")
        hands.on.keys("ctrl+f")
        hands.on.write("is:failed")
        hands.see("modules.count", "0 of 1")
        hands.on.keys("Escape", "Escape")
        hands.row("modules.list", "counter")
        hands.see("modules.count", "1 module")

        hands.on.keys("ctrl+grave")
        hands.wait(lambda seen: seen["focus"][0].startswith("console."))
        hands.on.write("6 * 7")
        hands.on.keys("Return")
        hands.wait(
            lambda seen: any(name.startswith("console.") and "42" in name + each[0] for name, each in seen.items())
        )

        hands.on.keys("alt+1", "space")
        hands.row("modules.list", "found | counter")
        hands.on.keys("ctrl+z")
        hands.row("modules.list", "active | counter")


def test_the_tour_is_done_on_the_first_day(tmp_path: Path) -> None:
    """From what a first run offers to what ran at the beginning, by what the tour asks for and nothing else."""
    for name in ("core/log", "plugins/advanced_chat", "plugins/clock", "extensions/word_filter"):
        shutil.copytree(ROOT / "modules" / name, tmp_path / "modules" / name)
    entry = tmp_path / "modules" / "plugins" / "advanced_chat" / "1.0.0" / "init.lua"
    good = entry.read_text()
    with person(tmp_path) as hands:
        hands.see("tour.text", "New here?")
        hands.click("tour.help")
        hands.see("tour.text", "1 of 5")
        hands.on.keys("ctrl+p")
        hands.row("profile.list", "Sample")
        hands.click("profile.accept")
        hands.see("tour.text", "2 of 5")
        hands.click("tour.help")
        hands.see("source.open")
        entry.write_text(good.replace("getState()", "getState() -- kept"))
        hands.see("tour.text", "3 of 5")
        hands.on.keys("ctrl+4")
        hands.row("history.list", "reload")
        hands.see("tour.text", "4 of 5")
        entry.write_text(f"{good}end end")
        hands.see("tour.text", "5 of 5")
        hands.on.keys("ctrl+alt+r")
        hands.see("tour.text", "That was all")
        hands.click("tour.leave")
        hands.wait(lambda seen: "tour.text" not in seen)


def test_several_are_loaded_at_once_and_one_is_watched_swapped_looked_into_and_quarantined(tmp_path: Path) -> None:
    write_module(tmp_path / "modules", "1.0.0", 1)
    entry = write_module(tmp_path / "modules", "2.1.0", 10)
    other = tmp_path / "modules" / "plugins" / "other"
    other.mkdir()
    (other / "module.toml").write_text('name = "other"\nversion = "1.0.0"\n')
    (other / "init.lua").write_text("return {}")
    with person(tmp_path) as hands:
        hands.click(hands.row("modules.list", "counter"))
        hands.on.keys("ctrl+a", "ctrl+l")
        hands.see("inspector.notice_text", "2 modules are loaded")
        hands.row("modules.list", "active | other")
        hands.on.keys("ctrl+z")
        hands.row("modules.list", "found | other")
        hands.row("modules.list", "found | counter")
        hands.on.keys("ctrl+shift+z")
        hands.row("modules.list", "active | other")

        hands.click(hands.row("modules.list", "active | counter | 2.1.0"))
        hands.on.keys("ctrl+alt+w")
        hands.see("inspector.truth", "saves of it are not taken in")
        entry.write_text(COUNTER % (20, 20))
        hands.on.keys("ctrl+alt+w", "ctrl+4")
        hands.row("history.list", "reload")

        hands.on.keys("ctrl+r")
        hands.click(hands.row("swap.versions", "1.0.0"))
        hands.click("swap.accept")
        hands.row("modules.list", "active | counter | 1.0.0")
        hands.on.keys("ctrl+2")
        hands.see("state.last_swap_words", "1 changed")
        hands.click("state.changed_only")
        hands.row("state.changes", "state.step | changed | 20 | 1")

        hands.on.keys("ctrl+shift+g")
        hands.see("gaps.close")
        hands.on.keys("Escape")
        hands.wait(lambda seen: "gaps.close" not in seen)
        hands.on.keys("ctrl+shift+u")
        hands.row("modules.list", "quarantined | counter")
        hands.on.keys("ctrl+z")
        hands.row("modules.list", "active | counter")


@contextmanager
def held(on: Screen, path: Path, at: tuple[int, int]) -> Iterator[subprocess.Popen[str]]:
    """Another program's window, from which something can be dragged."""
    command = [sys.executable, "-m", "tests.desktop.dragged", str(path), *map(str, at)]
    environment = on.environment | {"PYTHONPATH": str(ROOT)}
    program = subprocess.Popen(command, env=environment, cwd=ROOT, text=True, stdout=subprocess.PIPE)
    try:
        assert program.stdout is not None
        assert program.stdout.readline() == "shown\n"
        yield program
    finally:
        program.kill()
        program.communicate()


def test_a_folder_dragged_from_another_program_is_shown_and_installed(tmp_path: Path) -> None:
    write_module(tmp_path / "modules", "1.0.0", 1)
    folder = tmp_path / "elsewhere" / "radar"
    folder.mkdir(parents=True)
    (folder / "module.toml").write_text('name = "radar"\nversion = "1.0.0"\nsummary = "Sees far"\n')
    (folder / "init.lua").write_text("return {}\n")
    with person(tmp_path) as hands:
        hands.row("modules.list", "counter")
        _, x, y, _ = hands.look()["modules.list"]
        with held(hands.on, folder, (1000, 300)) as other:
            hands.on.drag((1030, 330), (x, y))
            assert other.stdout is not None
            assert other.stdout.readline() == "CopyAction\n", "it was not taken"
        hands.see("install.title", "radar")
        hands.see("install.summary", "Sees far")
        hands.click("install.unsigned_tick")
        hands.click("install.accept")
        hands.row("modules.list", "radar")
