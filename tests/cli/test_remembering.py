"""``history``, ``compare`` and ``rollback --to``: a script goes back as far as the window does."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.cli.program import Running, running, theseus
from tests.engine.place import Place

pytestmark = pytest.mark.integration

CHAT = """local M = {n = 0}
M.hooks = {add = function(k) M.n = M.n + k end}
function M:getState() return {n = self.n, edition = EDITION} end
function M:setState(state) self.n = state.n end
function M:migrate(state) return state end
return M"""


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    place = Place(tmp_path_factory.mktemp("remembered"))
    place.module("chat", CHAT.replace("EDITION", "1"), folder="1")
    place.module("chat", CHAT.replace("EDITION", "'<2>'"), "2.0.0", folder="2")
    with running(place, "--no-watch", "--load", "chat==1.0.0") as started:
        started.ask("swap", "chat", "2.0.0")
        started.ask("swap", "chat", "9")
        yield started


def test_history_names_what_was_done_and_marks_what_can_come_back(host: Running) -> None:
    shown = host.ask("history", "chat")
    assert (shown.status, shown.err) == (0, "")
    refused, swapped, loaded, hint = shown.out.splitlines()
    assert re.fullmatch(r"  +3  [-\d]+ [:\d]+  swap      2\.0\.0 -> 9 +rolled back; .*9.*", refused)
    assert re.fullmatch(r"  +2  [-\d]+ [:\d]+  swap      1\.0\.0 -> 2\.0\.0 +init\.lua", swapped)
    assert re.fullmatch(r"\* +1  [-\d]+ [:\d]+  load      1\.0\.0", loaded)
    assert "theseus rollback chat --to 1 --data " in hint
    rows = host.ask("history", "chat", "--json").json
    assert [(row["id"], row["outcome"], row["reachable"]) for row in rows] == [
        (3, "rolled_back", False),
        (2, "committed", False),
        (1, "committed", True),
    ]


def test_a_module_that_nothing_was_done_to_has_no_history(host: Running) -> None:
    assert host.ask("history", "other").out == "nothing was done to other yet\n"
    assert host.ask("history", "other", "--json").json == []


def test_compare_tells_files_and_entries_that_differ(host: Running) -> None:
    assert host.ask("compare", "chat", "1", "2").out.splitlines() == [
        "chat 1.0.0 (1) -> 2.0.0 (2)",
        "  file init.lua",
        '  state.edition: 1 -> "<2>"',
    ]
    assert host.ask("compare", "chat", "2").out == "chat 2.0.0 (2) -> 2.0.0 (now): no difference\n"
    found = host.ask("compare", "chat", "1", "--json").json
    assert (found["later"], found["differences"]) == (
        None,
        [{"path": "state.edition", "before": "1", "after": '"<2>"'}],
    )


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("compare chat 77", "chat has no point 77: its history has 2, 1 to choose from"),
        ("compare chat 1 3", "chat has no point 3: that swap was taken back, and what ran before it ran on"),
        ("rollback chat --to 3", "chat has no point 3: that swap was taken back"),
        ("rollback chat --to 2", "chat 2.0.0 runs as it did after 2; nothing was changed"),
        ("rollback chat --to 99999999999999999999", "its history has 2, 1 to choose from"),
    ],
)
def test_where_there_is_nothing_the_reason_is_one_sentence(host: Running, words: str, reason: str) -> None:
    assert reason in host.ask(*words.split()).sentence


def test_an_id_that_is_no_number_is_misuse(host: Running) -> None:
    for words in (("rollback", "chat", "--to", "x"), ("compare", "chat", "x"), ("compare", "chat")):
        assert theseus(*words, "--data", host.place.data).status == 2


def test_a_script_goes_back_to_any_act_and_forth(host: Running) -> None:
    assert host.ask("rollback", "chat", "--to", "1").out.startswith("chat 2.0.0 -> 1.0.0 in ")
    assert host.ask("rollback", "chat", "--to", "2").out.startswith("chat 1.0.0 -> 2.0.0 in ")


def test_what_a_module_calls_its_state_steers_no_terminal(place: Place) -> None:
    """A key with an escape sequence reached the terminal as it was."""
    loud = 'return {getState = function() return {["\\27[2J"] = EDITION, ["\\r"] = EDITION} end}'
    place.module("loud", loud.replace("EDITION", "1"), folder="1")
    place.module("loud", loud.replace("EDITION", "2"), "2.0.0", folder="2")
    with running(place, "--no-watch", "--load", "loud==1.0.0") as host:
        rehearsed = host.ask("rehearse", "loud", "2.0.0").out
        host.ask("swap", "loud", "2.0.0")
        compared = host.ask("compare", "loud", "1", "2").out
    assert r"\x1b[2J" in rehearsed
    assert "[2J" in compared
    assert not {"\x1b", "\r"} & {*rehearsed, *compared}
