"""Paths that mean one file on every system, and all others."""

from __future__ import annotations

import pytest

from host.packages.names import collision, fault_of_path

REFUSED = (
    *("", "/", "/etc/passwd", "//server/share/x", "..", "../x", "a/../b", "a/..", "./a", "a/./b", "a//b", "a/"),
    *("C:/x", "c:x", "a/b:stream", "a\\b", "..\\x", "\\\\server\\x", "\\x", "a\0b", "a\nb", "a\x1b[31m", "a\u202eb"),
    *("CON", "con.lua", "aux", "a/NUL.txt", "COM1", "lpt9.x", "COM\u00b9", "clock$", "conin$", "PRN .txt"),
    *("a.", "a ", " a", "a./b", "a /b", ".hidden", "a/.b", "a*", "a?", 'a"', "a<b", "a>b", "a|b"),
    *("e\u0301", "\u212b", "x" * 101, "d/" * 16 + "f", "/".join(["x" * 60] * 4), "\ud800"),
)

TAKEN = ("a", "init.lua", "lib/words.lua", "data/Wörter.txt", "1.0.0+build.5", "1!2.0", "a b", "console", "common.lua")


@pytest.mark.parametrize("path", REFUSED)
def test_a_path_that_leads_out_or_is_none_somewhere_is_refused(path: str) -> None:
    assert fault_of_path(path)


@pytest.mark.parametrize("path", TAKEN)
def test_an_ordinary_path_is_taken(path: str) -> None:
    assert fault_of_path(path) == ""


@pytest.mark.parametrize(
    "paths",
    [
        ("a", "A"),
        ("lib/x.lua", "LIB/y.lua"),
        ("stra\u00dfe", "STRASSE"),
        ("\ufb01le", "file"),
        ("\u00e9", "\u00c9"),
        ("a", "a/b"),
        ("a/b", "A"),
        ("a/b/c", "a/B"),
        ("x\u2460", "x1"),
    ],
)
def test_two_paths_that_some_system_takes_for_one_are_found(paths: tuple[str, str]) -> None:
    assert collision(paths) is not None
    assert collision(tuple(reversed(paths))) is not None


def test_paths_side_by_side_do_not_collide() -> None:
    assert collision(["a", "b", "a.lua", "lib/a", "lib/b/c", "lib/b/d"]) is None
