"""``new`` and ``check``: for people who write modules."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.program import theseus
from tests.discovery.test_otclient_folders import write_otmod
from tests.engine.place import Place


async def test_a_new_module_is_sound_and_keeps_its_state_over_a_swap(place: Place) -> None:
    made = theseus("new", "plugins/greeter", "--modules", place.root)
    assert (made.status, made.err) == (0, "")
    assert theseus("check", place.root / "plugins/greeter").out.endswith("no faults\n")
    assert theseus("test", place.root / "plugins/greeter").out == "1 passed, 0 failed\n"
    async with place.host() as host:
        await host.load("greeter")
        await host.emit("onGreeting", "ana")
        await host.swap("greeter", "0.1.0")
        assert await host.call("greeter", "greetings") == 1


def test_new_changes_nothing_that_is_there(place: Place) -> None:
    folder = place.module("chat")
    before = (folder / "init.lua").read_bytes()
    assert "is there already" in theseus("new", "plugins/chat", "--modules", place.root).sentence
    assert (folder / "init.lua").read_bytes() == before


@pytest.mark.parametrize("name", ["chat", "plugins/", "attic/chat", "plugins/Chat", "plugins/../x", "plugins/a/b", ""])
def test_new_refuses_what_is_no_tier_and_name(place: Place, name: str) -> None:
    assert "TIER/NAME" in theseus("new", name, "--modules", place.root).sentence
    assert list(place.root.iterdir()) == []


def test_check_tells_each_fault_with_file_and_line(place: Place) -> None:
    folder = place.module("bad", "return {\n")
    (folder / "lib.lua").write_text("return 1\nlocal = 2\n")
    shown = theseus("check", folder)
    assert shown.status == 1
    assert f"{folder}/init.lua:" in shown.out
    assert f"{folder}/lib.lua:2: " in shown.out
    answer = theseus("check", folder, "--json").json
    assert answer["ok"] is False
    assert {"key", "message", "file", "line"} == answer["problems"][0].keys()


def test_check_gives_hints_and_calls_them_no_fault(place: Place) -> None:
    folder = place.module("m")
    shown = theseus("check", folder)
    assert shown.status == 0
    assert shown.out.endswith(f"{folder}: no faults; 2 hints\n")
    answer = theseus("check", folder, "--json").json
    assert (answer["ok"], answer["problems"]) == (True, [])
    assert [hint["key"] for hint in answer["hints"]] == ["README.md", "tests"]


@pytest.mark.parametrize("what", ["missing", "empty", "file"])
def test_check_of_what_is_no_module_says_so(tmp_path: Path, what: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("")
    shown = theseus("check", tmp_path / what)
    assert shown.status == 1
    assert what in shown.out + shown.err


def test_check_of_an_entry_that_leads_out_says_so(place: Place) -> None:
    folder = place.module("bad")
    (folder / "init.lua").unlink()
    (folder / "init.lua").symlink_to("/etc/passwd")
    shown = theseus("check", folder)
    assert shown.status == 1
    assert "leads out" in shown.out


def test_check_tells_which_files_are_left_out(place: Place) -> None:
    folder = place.module("bad")
    (folder / "lib").mkdir()
    (folder / "lib" / "out.lua").symlink_to("/etc/passwd")
    shown = theseus("check", folder)
    assert shown.status == 1
    assert shown.out.startswith(f"{folder}/lib/out.lua: lib/out.lua: ")
    assert "leads out" in shown.out
    (folder / "lib" / "out.lua").unlink()
    assert theseus("check", folder).status == 0


def test_a_module_of_otclient_is_checked_with_the_line_of_its_manifest(tmp_path: Path) -> None:
    folder = write_otmod(tmp_path / "game_battle", "game_battle", "  @onLoad: |\n    local x = = 1\n")
    shown = theseus("check", folder)
    assert shown.status == 1
    assert shown.out.startswith(f"{folder}/game_battle.otmod:4: ")
    assert "unexpected symbol near '='" in shown.out
    write_otmod(folder, "game_battle", "  scripts: [ gone ]\n")
    assert "gone.lua does not exist" in theseus("check", folder).out
    write_otmod(folder, "game_battle", "  script: [ gone ]\n")
    assert "did you mean 'scripts'?" in theseus("check", folder).out
    assert theseus("check", folder).status == 1
    write_otmod(folder, "game_battle")
    assert theseus("check", folder).status == 0
