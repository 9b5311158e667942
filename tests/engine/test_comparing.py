"""What is different between two states, entry by entry, and no more of it than can be read."""

from __future__ import annotations

from typing import Any

import pytest

from host.engine.comparing import LONGEST_FILE, MOST, MOST_LINES, differences, unified


def told(before: Any, after: Any) -> list[tuple[str, str, str]]:
    return [(each.path, each.before, each.after) for each in differences(before, after)[0]]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({}, {}, []),
        ({"a": 1}, {"a": 1.0}, []),
        ({"a": float("nan")}, {"a": float("nan")}, []),
        ({"a": 1}, {"a": True}, [("state.a", "1", "true")]),
        ({"a": 1}, {"a": "1"}, [("state.a", "1", '"1"')]),
        ({"a": 1}, {"b": 1}, [("state.a", "1", ""), ("state.b", "", "1")]),
        ({1: "x"}, {True: "x"}, [("state[1]", '"x"', ""), ("state[true]", "", '"x"')]),
        ({"users": [{"n": 1}, {"n": 2}]}, {"users": [{"n": 1}, {"n": 3}]}, [("state.users[2].n", "2", "3")]),
        ({"list": [1, 2]}, {"list": {}}, [("state.list[1]", "1", ""), ("state.list[2]", "2", "")]),
        ({"a b": 1, "end": 2}, {}, [('state["a b"]', "1", ""), ("state.end", "2", "")]),
        ({"t": {"x": 1}}, {"t": 5}, [("state.t", "1 entry", "5")]),
        ({"b": b"\xff"}, {"b": b"\xfe"}, [("state.b", "ff", "fe")]),
        (7, 8, [("state", "7", "8")]),
        ([1], {"a": 1}, [("state[1]", "1", ""), ("state.a", "", "1")]),
    ],
)
def test_each_entry_that_differs_is_told_with_both_values(before: Any, after: Any, expected: Any) -> None:
    assert told(before, after) == expected


def test_what_is_too_much_to_read_is_counted() -> None:
    found, beyond = differences({at: at for at in range(1000)}, {})
    assert (len(found), beyond) == (MOST, 1000 - MOST)


def test_a_long_value_is_clipped() -> None:
    ((_, before, _),) = told({"a": "x" * 100_000}, {"a": ""})
    assert len(before) < 300


def test_states_may_nest_as_deep_as_they_like() -> None:
    def nested(end: int) -> Any:
        value: Any = end
        for _ in range(5000):
            value = {"t": value}
        return value

    ((path, before, after),) = told(nested(1), nested(2))
    assert (path.count(".t"), before, after) == (5000, "1", "2")


def test_files_are_compared_line_by_line() -> None:
    old = {"a.lua": b"one\ntwo\nthree\n", "gone.lua": b"x\n", "same.lua": b"s"}
    new = {"a.lua": b"one\n2\nthree\n", "new.lua": b"y\n", "same.lua": b"s"}
    assert unified(old, new, ["a.lua", "gone.lua", "new.lua"]).splitlines() == [
        *("--- a.lua", "+++ a.lua", "@@ -1,4 +1,4 @@", " one", "-two", "+2", " three", " "),
        *("--- gone.lua", "+++ /dev/null", "@@ -1,2 +1 @@", "-x", " "),
        *("--- /dev/null", "+++ new.lua", "@@ -1 +1,2 @@", "+y", " "),
    ]


def test_of_many_lines_the_first_are_told_and_of_a_long_file_none() -> None:
    many = "\n".join(f"line {at}" for at in range(MOST_LINES * 2)).encode()
    told_lines = unified({}, {"a.lua": many}, ["a.lua"]).splitlines()
    assert len(told_lines) == MOST_LINES + 1
    assert told_lines[-1].endswith("lines more")
    long = b"x\n" * (LONGEST_FILE + 1)
    assert "which are not compared" in unified({"a.lua": long}, {"a.lua": b""}, ["a.lua"])


def test_what_moves_a_cursor_and_what_is_no_text_is_shown_plainly() -> None:
    text = unified({"a.lua": b"\x1b[31mred"}, {"a.lua": b"\xff\tend"}, ["a.lua"])
    assert "\x1b" not in text
    assert "+\ufffd   end" in text
