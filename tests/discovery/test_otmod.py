from __future__ import annotations

import sys
from pathlib import Path

import pytest

from host.discovery.manifest_file import LARGEST, parse_manifest
from host.vocabulary.errors import ManifestInvalid
from host.vocabulary.identity import Tier
from host.vocabulary.manifest import Manifest, Requirement, Snippet

FILE = Path("/modules/game_battle/battle.otmod")

WHOLE = """\
// who is near
Module
  name: game_battle
  description: "Manage the \\"battle\\" window"
  author: Ana, Ben
  website: https://example.com
  version: 1.2
  enabled: false
  autoload: true
  autoload-priority: 500
  reloadable: false
  sandboxed: true
  devices: [ desktop ]
  dependencies:
    - game_interface
    - corelib
  scripts: [ battle, ui/*, /game_battle/lib/list.lua, battle.lua ]
  load-later: [ game_skills ]

  @onLoad: |
    init()
    ready()
  @onUnload: terminate()
"""


def manifest(text: str) -> Manifest:
    return parse_manifest(text.encode(), FILE, Tier.PLUGINS)


def problems(text: str | bytes) -> list[tuple[str, int, str]]:
    with pytest.raises(ManifestInvalid) as refusal:
        parse_manifest(text if isinstance(text, bytes) else text.encode(), FILE, Tier.PLUGINS)
    return [(problem.key, problem.line, problem.message) for problem in refusal.value.problems]


def with_fields(*lines: str) -> str:
    return "\n".join(["Module", "  name: game_battle", *(f"  {line}" for line in lines), ""])


def fault_of(*lines: str) -> tuple[str, int, str]:
    (problem,) = problems(with_fields(*lines))
    return problem


def remarks_of(*lines: str) -> list[tuple[str, int, str]]:
    return [(remark.key, remark.line, remark.message) for remark in manifest(with_fields(*lines)).remarks]


def test_every_field_is_read() -> None:
    found = manifest(WHOLE)
    assert (found.name, found.version, found.tier, found.folder) == ("game_battle", "1.2", Tier.PLUGINS, FILE.parent)
    assert (found.summary, found.authors) == ('Manage the "battle" window', ("Ana", "Ben"))
    assert (found.homepage, found.file) == ("https://example.com", FILE)
    assert (found.enabled, found.autoload, found.autoload_priority, found.reloadable) == (False, True, 500, False)
    assert found.dependencies == {"game_interface": Requirement("*"), "corelib": Requirement("*")}
    assert found.load_later == ("game_skills",)
    assert found.scripts is not None
    assert found.scripts.paths == ("battle.lua", "ui/*", "lib/list.lua")
    assert found.scripts.on_load == Snippet("init()\nready()\n", 21)
    assert found.scripts.on_unload == Snippet("terminate()", 23)


def test_a_name_is_enough() -> None:
    found = manifest(with_fields())
    assert (found.version, found.autoload, found.autoload_priority, found.enabled) == ("0", False, 9999, True)
    assert (found.reloadable, found.dependencies, found.load_later) == (True, {}, ())


@pytest.mark.parametrize("line", ["version: ~", "version: none", "version:"])
def test_a_version_that_is_nothing_is_0(line: str) -> None:
    assert manifest(with_fields(line)).version == "0"


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("2.1 (patched by Ana)", "2.1"),
        ("2.1.0-beta.2, patched", "2.1.0-beta.2"),
        ("2.1/old", "2.1"),
        ("one", "0"),
        ("from 2020", "0"),
        ("(2.1)", "0"),
        ("9" * 200, "0"),
        ("[ 1, 2 ]", "0"),
    ],
)
def test_of_a_version_with_other_words_what_it_begins_with_counts(text: str, version: str) -> None:
    assert manifest(with_fields(f'version: "{text}"')).version == version


def test_fields_that_are_nothing_have_their_defaults() -> None:
    found = manifest(with_fields("autoload: ~", "autoload-priority: ~", "scripts: ~", "@onLoad: ~", "dependencies: ~"))
    assert (found.autoload, found.autoload_priority, found.dependencies) == (False, 9999, {})
    assert found.scripts is not None
    assert (found.scripts.paths, found.scripts.on_load) == ((), None)


def test_the_colon_behind_module_and_quotes_are_optional() -> None:
    assert manifest('Module:\n  name: "game_battle"\n').name == "game_battle"


def test_fields_of_other_programs_are_left_alone() -> None:
    assert manifest(with_fields("minClientVersion: 1511", "otuis: [ battle ]")).name == "game_battle"


@pytest.mark.parametrize(("line", "meant"), [("dependancies: [ a ]", "dependencies"), ("script: [ a ]", "scripts")])
def test_a_misspelt_field_is_left_alone_with_a_remark_of_what_was_meant(line: str, meant: str) -> None:
    key = line.partition(":")[0]
    assert remarks_of(line) == [(key, 3, f"unknown key, which is left alone; did you mean {meant!r}?")]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("dependencies: corelib", "is no list, as [ one, two ] is, and is left alone"),
        ("load-later: [ corelib", "has no ] at its end, and is left alone"),
    ],
)
def test_a_list_that_is_none_is_left_alone_with_a_remark(line: str, message: str) -> None:
    assert remarks_of(line) == [(line.partition(":")[0], 3, message)]
    assert (manifest(with_fields(line)).dependencies, manifest(with_fields(line)).load_later) == ({}, ())


def test_a_manifest_has_its_first_twenty_remarks_in_the_order_of_the_lines() -> None:
    lines = [*(f"{meant}{letter}: 1" for meant in ("scripts", "version") for letter in "abcdefghijk"), "scripts: none"]
    assert [line for _, line, _ in remarks_of(*lines)] == list(range(3, 23))
    assert manifest(with_fields("scripts: [ battle ]")).remarks == ()


def test_a_field_with_an_equals_sign_is_told_how_to_be_written() -> None:
    """It was taken for a field of another program, and the module did not load by itself."""
    assert fault_of("autoload = true") == ("autoload", 3, "has an = behind it; write it as in autoload: value")


SYSTEM = {"linux": "linux", "win32": "windows", "darwin": "macos"}.get(sys.platform, sys.platform)


@pytest.mark.parametrize(
    ("devices", "enabled"),
    [
        ("[]", True),
        ("[ desktop ]", True),
        ("[ mobile ]", False),
        (f"[ mobile, desktop: {SYSTEM} ]", True),
        ("[ desktop:amiga ]", False),
    ],
)
def test_what_is_meant_for_other_devices_does_not_load_at_the_start(devices: str, *, enabled: bool) -> None:
    assert manifest(with_fields(f"devices: {devices}")).enabled is enabled


@pytest.mark.parametrize("name", ["Game_Battle", "game-battle", "7th", "jeu d'or"])
def test_a_name_that_no_module_may_have_is_refused_with_the_rule(name: str) -> None:
    (problem,) = problems(f"Module\n  name: {name}\n")
    assert problem[:2] == ("name", 2)
    assert problem[2].startswith(f"{name!r} is no name for a module; a name is lower-case letters, digits and _")


def test_a_missing_name_is_refused_where_the_module_begins() -> None:
    assert problems("// first\nModule\n  author: Ana\n") == [("name", 2, "is missing")]


def test_a_file_without_a_module_says_so() -> None:
    found = problems("name: chat\n")
    assert found[0] == (
        "battle.otmod",
        0,
        "has no line Module; the fields stand below it, indented by two spaces",
    )


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("autoload: yes", "must be true or false"),
        ("autoload: [ true ]", "must be true or false"),
        ("autoload-priority: soon", "must be a whole number"),
        ("autoload-priority: 99999999999", "must be a whole number"),
        ("description: [ a, b ]", "must be text, not a list"),
        ("dependencies: [ game_battle ]", "names the module itself"),
    ],
)
def test_a_field_of_another_kind_is_refused_with_its_line(line: str, message: str) -> None:
    assert fault_of(line) == (line.partition(":")[0], 3, message)


def test_a_dependency_that_no_module_can_be_is_refused() -> None:
    key, line, message = fault_of("dependencies:", "  - corelib", "  - Core Lib")
    assert (key, line) == ("dependencies", 5)
    assert message.startswith("'Core Lib' is no name of a module")


def test_an_item_with_fields_of_its_own_is_refused() -> None:
    assert fault_of("dependencies:", "  corelib: 1") == (
        "dependencies",
        4,
        "must be a list of texts: write each after a dash, as in - one",
    )


@pytest.mark.parametrize("script", ["../other/init", "/other/init", "a b", "c:\\x", 'x"y', "a/../b", "ui/*/deep"])
def test_a_script_outside_of_the_module_is_refused(script: str) -> None:
    key, line, message = fault_of("scripts:", f"  - {script}")
    assert (key, line) == ("scripts", 4)
    assert message.startswith(f"{script!r} is no file of the module; paths go down from its folder")


def test_a_script_that_is_called_like_a_dependency_is_refused() -> None:
    assert fault_of("dependencies: [ corelib ]", "scripts: [ corelib ]") == (
        "scripts",
        4,
        "'corelib' is called like a dependency; give the file another name",
    )


def test_all_faults_are_told_at_once_in_the_order_of_the_lines() -> None:
    found = problems("Module\n\tname: Chat\n   autoload: maybe\n  reloadable: x.y\n")
    assert [(key, line) for key, line, _ in found] == [
        ("battle.otmod", 2),
        ("name", 2),
        ("autoload", 3),
        ("battle.otmod", 3),
        ("reloadable", 4),
    ]


def test_what_is_indented_too_deep_is_told_once() -> None:
    found = problems("Module\n  name: game_battle\n      deep: 1\n")
    assert found == [("battle.otmod", 3, "is indented by 6 spaces, where 4 are the most")]


@pytest.mark.parametrize(
    ("data", "line", "words"),
    [
        (b"Module\n  name: \xff\n", 2, "is not UTF-8; save it in that encoding"),
        (b"Module\n" * LARGEST, 0, "has over 64 KiB, which no manifest needs"),
        (b" \n", 0, "is empty; it needs at least a name"),
    ],
)
def test_a_file_that_is_no_text_is_one_problem(data: bytes, line: int, words: str) -> None:
    assert problems(data) == [("battle.otmod", line, words)]
