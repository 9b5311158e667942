"""The program among those of the desktop: a valid entry, its icon, and both gone again."""

from __future__ import annotations

import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from host.cli.desktop_entry import entry, quoted
from tests.cli.program import theseus

NAMES = ("applications/theseus.desktop", "icons/hicolor/scalable/apps/theseus.svg")


def keys(text: str) -> dict[str, str]:
    head, *lines = text.splitlines()
    assert head == "[Desktop Entry]"
    return dict(line.split("=", 1) for line in lines)


def test_it_is_installed_for_the_user_and_removed_again(tmp_path: Path) -> None:
    done = theseus("desktop-entry", "--install", XDG_DATA_HOME=str(tmp_path))
    assert (done.status, len(done.out.splitlines())) == (0, 2)
    assert sorted(str(file.relative_to(tmp_path)) for file in tmp_path.rglob("*") if file.is_file()) == sorted(NAMES)
    assert (tmp_path / NAMES[1]).read_bytes().startswith(b"<svg")
    assert keys((tmp_path / NAMES[0]).read_text()) == keys(theseus("desktop-entry").out)
    for _ in range(2):
        assert theseus("desktop-entry", "--remove", XDG_DATA_HOME=str(tmp_path)).status == 0
        assert not [file for file in tmp_path.rglob("*") if file.is_file()]


def test_what_it_runs_is_there_and_its_window_is_known_by_its_name() -> None:
    said = keys(theseus("desktop-entry").out)
    assert Path(shlex.split(said["Exec"])[0]).is_file()
    assert (said["Type"], said["Icon"], said["StartupWMClass"]) == ("Application", "theseus", "theseus")


@pytest.mark.skipif(shutil.which("desktop-file-validate") is None, reason="desktop-file-utils is not installed")
@pytest.mark.parametrize("command", [["/usr/bin/theseus"], ['/a "b"/$x/100% `y`\\z', "-m", "host"]])
def test_it_is_valid(tmp_path: Path, command: list[str]) -> None:
    file = tmp_path / "theseus.desktop"
    file.write_text(entry(command))
    done = subprocess.run(["desktop-file-validate", str(file)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def unescaped(value: str) -> str:
    """What a reader of the file makes of a value, before it looks at quotes."""
    return value.replace("\\\\", "\0").replace("\\n", "\n").replace("\\t", "\t").replace("\0", "\\")


@settings(deadline=None)
@given(st.text(st.characters(min_codepoint=9, max_codepoint=126, blacklist_characters="\r\x0b\x0c"), min_size=1))
def test_any_word_comes_back_from_the_entry(word: str) -> None:
    value = unescaped(quoted(word))
    inner = value[1:-1] if value.startswith('"') else value
    back = "".join(inner[at] for at in range(len(inner)) if not (inner[at] == "\\" and not _escaped(inner, at)))
    assert back.replace("%%", "%") == word


def _escaped(text: str, at: int) -> bool:
    """Whether an odd number of backslashes stands before a place."""
    before = len(text[:at]) - len(text[:at].rstrip("\\"))
    return before % 2 == 1


def test_a_place_that_takes_no_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "applications").write_text("in the way")
    done = theseus("desktop-entry", "--install", XDG_DATA_HOME=str(tmp_path))
    assert done.status == 1
    assert "cannot be changed" in done.err
