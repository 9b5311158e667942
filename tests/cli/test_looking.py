"""``list``, ``resolve``, ``graph``, ``why`` and ``outdated``: what lies on disk, and which they are about."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

import pytest

from tests.cli.program import ROOT, command, theseus, without_display
from tests.engine.place import Place

SVG: Final = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def shelf(place: Place) -> Place:
    place.module("chat", "return {}", "1.0.0", folder="1")
    place.module("chat", "return {}", "2.1.0", folder="2", more='[dependencies]\nwords = "^1.0"\n')
    place.module("words", tier="extensions")
    place.module("broken", more="verzion = 1\n")
    return place


def test_list_shows_every_version_and_what_is_wrong_with_the_others(shelf: Place) -> None:
    shown = theseus("list", "--modules", shelf.root)
    assert (shown.status, shown.err) == (0, "")
    lines = [line.split() for line in shown.out.splitlines()]
    assert ["plugins", "chat", "2.1.0", "words", "^1.0"] in lines
    assert ["plugins", "chat", "1.0.0"] in lines
    assert "module.toml:3" in shown.out


def test_a_long_name_and_a_long_version_stand_apart_from_what_follows(place: Place) -> None:
    place.module("a_window_for_combat_controls", version="1.10.0-beta.12", more='[dependencies]\nwords = "*"\n')
    place.module("words")
    shown = theseus("list", "--modules", place.root)
    first, second = shown.out.splitlines()
    assert first.split() == ["plugins", "a_window_for_combat_controls", "1.10.0-beta.12", "words", "*"]
    assert first.index("1.10.0") == second.index("1.0.0")


def test_list_as_json_has_the_shape_of_the_contract(shelf: Place) -> None:
    rows = theseus("list", "--json", "--modules", shelf.root).json["modules"]
    assert [(row["name"], row["version"]) for row in rows] == [
        ("broken", ""),
        ("chat", "2.1.0"),
        ("chat", "1.0.0"),
        ("words", "1.0.0"),
    ]
    for row in rows:
        assert {"name", "version", "tier", "path", "dependencies", "problems"} <= row.keys()
    assert rows[1]["dependencies"] == {"words": "^1.0"}
    assert rows[1]["path"] == str(shelf.root / "plugins/chat/2")
    (problem,) = rows[0]["problems"]
    assert {"key", "message"} <= problem.keys()
    assert problem["key"] == "verzion"


@pytest.mark.parametrize("entry", ["missing", "a folder", "a link that leads out", "a link to nothing"])
def test_list_says_of_which_module_the_entry_file_cannot_be_read(shelf: Place, entry: str) -> None:
    file = shelf.root / "extensions/words/init.lua"
    file.unlink()
    match entry:
        case "a folder":
            file.mkdir()
        case "a link that leads out":
            file.symlink_to("/etc/passwd")
        case "a link to nothing":
            file.symlink_to("nothing")
    shown = theseus("list", "--modules", shelf.root)
    assert shown.status == 0
    assert f"  {file}: init.lua: " in shown.out
    rows = theseus("list", "--json", "--modules", shelf.root).json["modules"]
    faulty = {row["name"]: [each["key"] for each in row["problems"]] for row in rows if row["problems"]}
    assert faulty == {"broken": ["verzion"], "words": ["init.lua"]}


def test_list_names_files_that_are_left_out(shelf: Place) -> None:
    (shelf.root / "extensions/words/lib.lua").symlink_to("/etc/passwd")
    assert f"  {shelf.root}/extensions/words/lib.lua: lib.lua: " in theseus("list", "--modules", shelf.root).out


def test_list_of_a_missing_folder_says_so(place: Place) -> None:
    shown = theseus("list", "--modules", place.root / "missing")
    assert shown.status == 0
    assert "missing" in shown.out
    (problem,) = theseus("list", "--json", "--modules", place.root / "missing").json["problems"]
    assert "missing" in problem["file"] + problem["message"]


@pytest.mark.parametrize(
    "words",
    [("resolve", "chat"), ("graph",), ("why", "chat"), ("outdated",), ("list", "--startup")],
    ids=lambda words: words[0],
)
def test_a_missing_folder_is_no_answer(shelf: Place, words: tuple[str, ...]) -> None:
    gone = shelf.root / "gone"
    sentence = f"theseus: {gone} is no folder; name one that holds modules with --modules"
    assert theseus(*words, "--modules", gone).sentence == sentence
    refused = theseus(*words, "--json", "--modules", gone)
    assert (refused.status, refused.json["error"]["message"]) == (1, sentence.removeprefix("theseus: "))
    both = theseus(*words, "--modules", gone, "--modules", shelf.root)
    assert (both.status, both.err.strip()) == (0, sentence)


def test_list_without_folders_shows_those_of_the_current_one(shelf: Place) -> None:
    shown = theseus("list", cwd=shelf.root.parent)
    assert "words" in shown.out


def test_list_without_any_shows_the_bundled_ones(tmp_path: Path) -> None:
    assert "advanced_chat" in theseus("list", cwd=tmp_path).out


def test_names_of_files_that_are_no_text_are_printed_all_the_same(place: Place) -> None:
    folder = place.root / "plugins/chat" / os.fsdecode(b"\xff\xfe")
    folder.mkdir(parents=True)
    (folder / "module.toml").write_text('name = "chat"\n')
    for words in (("list",), ("list", "--json"), ("resolve", "chat"), ("graph",)):
        theseus(*words, "--modules", place.root)
    (row,) = theseus("list", "--json", "--modules", place.root).json["modules"]
    assert row["path"] == str(folder)


def test_resolve_prints_the_order_of_loading(shelf: Place) -> None:
    shown = theseus("resolve", "chat", "--modules", shelf.root)
    assert (shown.status, shown.out) == (0, "words 1.0.0  (extensions)\nchat 2.1.0  (plugins)\n")
    answer = theseus("resolve", "chat==1.0.0", "--json", "--modules", shelf.root).json
    assert answer["ok"] is True
    assert answer["order"] == [
        {"name": "chat", "version": "1.0.0", "tier": "plugins", "path": str(shelf.root / "plugins/chat/1")}
    ]


@pytest.mark.parametrize(
    ("wanted", "kind", "word"),
    [
        (["chta"], "missing", "chat"),
        (["chat>=9"], "missing", "2.1.0"),
        (["chat", "rival"], "conflict", "rival"),
        (["ring"], "cycle", "ring"),
    ],
)
def test_what_cannot_be_resolved_is_refused_with_its_facts(
    shelf: Place, wanted: list[str], kind: str, word: str
) -> None:
    shelf.module("rival", more='[conflicts]\nchat = "*"\n')
    shelf.module("ring", more='[dependencies]\nrung = "*"\n')
    shelf.module("rung", more='[dependencies]\nring = "*"\n')
    shown = theseus("resolve", *wanted, "--modules", shelf.root)
    assert (shown.status, shown.out) == (1, "")
    assert shown.err.startswith("theseus: ")
    assert word in shown.err
    answer = theseus("resolve", *wanted, "--json", "--modules", shelf.root)
    assert answer.status == 1
    error = answer.json["error"]
    assert answer.json["ok"] is False
    assert error["kind"] == kind
    assert {"kind", "message", "cycles", "causes"} <= error.keys()
    assert error["cycles"] == ([["ring", "rung"]] if kind == "cycle" else [])
    for cause in error["causes"]:
        assert cause.keys() == {"module", "requirement", "wanted_by"}


@pytest.mark.parametrize("wanted", ["chat=>1", "==1.0.0", "chat==", "ch at"])
def test_what_is_no_name_and_specifier_is_refused(shelf: Place, wanted: str) -> None:
    shown = theseus("resolve", wanted, "--modules", shelf.root)
    assert shown.status == 1
    assert shown.err.startswith("theseus: ")


def test_graph_shows_who_needs_whom(shelf: Place) -> None:
    shown = theseus("graph", "chat", "--modules", shelf.root).out
    assert shown.startswith("digraph modules {")
    assert '"chat" -> "words" [label="^1.0"];' in shown
    answer = theseus("graph", "--json", "--modules", shelf.root).json
    (edge,) = answer["edges"]
    assert edge == {
        "from": "chat",
        "to": "words",
        "tie": "needs",
        "constraint": "^1.0",
        "optional": False,
        "met": True,
        "in_cycle": False,
    }
    assert answer["nodes"][0] == {"name": "chat", "version": "2.1.0", "tier": "plugins", "running": False, "fault": ""}


@pytest.fixture
def faulty(shelf: Place) -> Place:
    """One need met, one optional out of range, one that nothing meets, and a circle."""
    shelf.module(
        "hud", more='[dependencies]\nchat = "^2"\nghost = ">=1"\nwords = { version = "^9", optional = true }\n'
    )
    shelf.module("ring", more='[dependencies]\nrung = "*"\n')
    shelf.module("rung", more='[dependencies]\nring = "*"\n')
    return shelf


def test_graph_tells_of_each_edge_what_it_wants_and_whether_it_gets_it(faulty: Place) -> None:
    answer = theseus("graph", "--format", "json", "--modules", faulty.root).json
    told = {
        (each["from"], each["to"]): (each["constraint"], each["optional"], each["met"], each["in_cycle"])
        for each in answer["edges"]
    }
    assert told == {
        ("chat", "words"): ("^1.0", False, True, False),
        ("hud", "chat"): ("^2", False, True, False),
        ("hud", "ghost"): (">=1", False, False, False),
        ("hud", "words"): ("^9", True, False, False),
        ("ring", "rung"): ("*", False, True, True),
        ("rung", "ring"): ("*", False, True, True),
    }
    nodes = {each["name"]: each for each in answer["nodes"]}
    assert (nodes["ghost"]["version"], nodes["ghost"]["fault"]) == ("", "ghost is needed and lies nowhere; install it.")
    drawn = theseus("graph", "--modules", faulty.root).out
    assert '"ghost" [label="ghost (missing)", style=dashed, color="#cf222e"];' in drawn
    assert '"hud" -> "words" [label="^9", style=dashed, color="#cf222e", fontcolor="#cf222e"];' in drawn


def test_a_picture_has_each_constraint_and_a_legend_of_each_kind_of_arrow(faulty: Place) -> None:
    shelf = theseus("graph", "--format", "svg", "--modules", faulty.root).out
    picture = ET.fromstring(shelf)  # noqa: S314 - the program itself wrote it
    texts = {each.get("class"): set[str | None]() for each in picture.iter(f"{SVG}text")}
    for each in picture.iter(f"{SVG}text"):
        texts[each.get("class")].add(each.text)
    assert texts["wanted"] == {"^1.0", "^2", ">=1", "^9", "*"}
    assert texts["legend"] == {
        "plugins",
        "extensions",
        "needs",
        "needs in vain",
        "uses, in other versions",
        "needs in a circle",
    }
    assert "missing" in texts["version"]


def test_a_graph_has_the_versions_that_a_plan_would_choose(shelf: Place) -> None:
    shelf.module("chat", "return {}", "3.0.0", folder="3", more='[dependencies]\nwords = "^2.0"\n')
    nodes = theseus("graph", "chat", "--format", "json", "--modules", shelf.root).json["nodes"]
    assert {each["name"]: each["version"] for each in nodes} == {"chat": "2.1.0", "words": "1.0.0"}


def test_graph_is_drawn_with_what_needs_others_above_them(shelf: Place) -> None:
    shelf.module("alone")
    shelf.module("old", more='[dependencies]\nchat = "<1"\n')
    drawn = theseus("graph", "--format", "svg", "--modules", shelf.root)
    assert (drawn.status, drawn.err) == (0, "")
    picture = ET.fromstring(drawn.out)  # noqa: S314 - the program itself wrote it
    tops = {texts[0].text: float(texts[0].get("y", "0")) for texts in _texts(picture) if len(texts) == 2}
    assert tops["old"] < tops["chat"] < tops["words"] < tops["alone"]
    titles = [title.text for title in picture.iter(f"{SVG}title")]
    assert "chat 2.1.0 needs words ^1.0" in titles
    assert "old 1.0.0 needs chat <1, which this is not" in titles
    assert "alone 1.0.0" in titles


def test_an_empty_graph_is_drawn_too(place: Place) -> None:
    drawn = theseus("graph", "--format", "svg", "--modules", place.root)
    assert drawn.out.startswith("<svg ")
    assert drawn.out.endswith("</svg>\n")


def _texts(picture: ET.Element) -> list[list[ET.Element]]:
    return [list(group.iter(f"{SVG}text")) for group in picture.iter(f"{SVG}g")]


def test_why_on_disk_tells_the_chains_that_would_load_a_module(shelf: Place) -> None:
    shown = theseus("why", "words", "--modules", shelf.root)
    assert (shown.status, shown.out) == (0, "chat 2.1.0 -> words 1.0.0 (^1.0)\n")
    answer = theseus("why", "words", "--json", "--modules", shelf.root).json
    assert answer["needed_by"] == ["chat"]
    assert [link["name"] for link in answer["chains"][0]] == ["chat", "words"]
    assert theseus("why", "chat", "--modules", shelf.root).out == "nothing needs chat 2.1.0\n"
    assert "did you mean 'words'" in theseus("why", "wrods", "--modules", shelf.root).sentence


def test_outdated_on_disk_tells_which_newest_versions_cannot_be_loaded_and_why(shelf: Place) -> None:
    shutil.rmtree(shelf.root / "plugins/broken")
    assert theseus("outdated", "--modules", shelf.root).out == "every module is there in its newest version\n"
    shelf.module("chat", "return {}", "3.0.0", folder="3", more='[dependencies]\nwords = "^2.0"\n')
    assert theseus("outdated", "--modules", shelf.root).out == (
        "chat 2.1.0 -> 3.0.0: add a version of words that is ^2.0, or ask for one there is: 1.0.0\n"
        "  chat 3.0.0 (asked for) -> words ^2.0\n"
    )
    (row,) = theseus("outdated", "--json", "--modules", shelf.root).json
    assert (row["name"], row["version"], row["newest"]) == ("chat", "2.1.0", "3.0.0")


def test_graph_of_a_name_that_nobody_has_is_refused(shelf: Place) -> None:
    assert "did you mean 'chat'" in theseus("graph", "chta", "--modules", shelf.root).sentence


@pytest.mark.parametrize(
    "words",
    [
        ["bogus"],
        ["swap", "chat", ""],
        ["rehearse", "chat", "2.0", "words", " "],
        ["list", "--bogus"],
        ["resolve"],
        ["swap", "chat"],
        ["swap", "a", "1", "b"],
        ["swap", "a", "1", "b", "2", "a", "3"],
        ["swap", "a", "1", "b", "2", "b", "3"],
        ["run", "--events", "x"],
    ],
)
def test_misuse_ends_with_2_and_the_usage_on_stderr(words: list[str]) -> None:
    shown = theseus(*words)
    assert (shown.status, shown.out) == (2, "")
    assert "usage: theseus" in shown.err


def test_help_and_version_are_told(tmp_path: Path) -> None:
    assert "usage: theseus" in theseus("--help", cwd=tmp_path).out
    assert theseus("--version").out.startswith("theseus 0")


@pytest.mark.parametrize("words", [("list",), ("list", "--json"), ("graph",)])
def test_output_that_nobody_reads_is_no_fault(shelf: Place, words: tuple[str, ...]) -> None:
    for number in range(200):
        shelf.module(f"filler{number}")
    with subprocess.Popen(
        command((*words, "--modules", shelf.root)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
        env=without_display({}),
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(30) == 0


def test_what_is_needed_on_a_cycle_alone_is_said_to_be_out_of_reach(shelf: Place) -> None:
    shutil.rmtree(shelf.root / "plugins/broken")
    shelf.module("ring", more='[dependencies]\nrung = "*"\n')
    shelf.module("rung", more='[dependencies]\nring = "*"\n')
    told = "ring 1.0.0 is needed by rung, and nothing that can be loaded leads to it\n"
    assert theseus("why", "ring", "--modules", shelf.root).out == told
    lines = theseus("outdated", "--modules", shelf.root).out.splitlines()
    assert [line.partition(":")[0] for line in lines] == [
        "ring (none can load) -> 1.0.0",
        "rung (none can load) -> 1.0.0",
    ]


def test_outdated_of_a_long_chain_makes_one_plan_for_all(place: Place) -> None:
    for at in range(300):
        place.module(f"m{at:03d}", more=f'[dependencies]\nm{at + 1:03d} = "*"\n' if at < 299 else "")
    assert theseus("outdated", "--modules", place.root).out == "every module is there in its newest version\n"


def test_a_module_that_cannot_be_used_is_not_said_to_be_nobodys(shelf: Place) -> None:
    """It was denied, drawn as missing, and every module was said to be there in its newest version."""
    shelf.module("needy", more='[dependencies]\nbroken = "*"\n')
    file = shelf.root / "plugins/broken/module.toml"
    for command_line in (("why", "broken"), ("graph", "broken")):
        said = theseus(*command_line, "--modules", shelf.root).sentence
        assert said.startswith(f"theseus: mend {file}: broken is there, but cannot be used (module.toml:3: verzion: ")
    assert theseus("outdated", "--modules", shelf.root).out.startswith(f"broken: mend {file}: it cannot be used ")
    assert 'label="broken (cannot be used)"' in theseus("graph", "--modules", shelf.root).out
    nodes = {node["name"]: node for node in theseus("graph", "--json", "--modules", shelf.root).json["nodes"]}
    assert nodes["broken"]["fault"].startswith(f"broken is there, but cannot be used; mend {file}")


def test_an_optional_need_is_listed_as_one(shelf: Place) -> None:
    shelf.module("hud", more='[dependencies]\nwords = { version = "^1", optional = true }\n')
    assert "words ^1 (optional)\n" in theseus("list", "--modules", shelf.root).out
    rows = {row["name"]: row for row in theseus("list", "--json", "--modules", shelf.root).json["modules"]}
    assert rows["hud"]["optional"] == ["words"]
