"""The page about packages shows what the program says."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

from tests.cli.program import theseus

PAGE = Path(__file__).resolve().parents[2] / "docs" / "packages.md"


def console(page: str) -> Iterator[tuple[str, str]]:
    """Each command of the page, and what it prints there."""
    for block in re.findall(r"^```console\n(.*?)^```$", page, re.MULTILINE | re.DOTALL):
        for part in block.split("$ theseus ")[1:]:
            command, _, said = part.partition("\n")
            yield command, said


def test_what_the_page_shows_is_what_is_printed(tmp_path: Path) -> None:
    shown = list(console(PAGE.read_text("utf-8")))
    assert len(shown) > 5
    for command, said in shown:
        done = theseus(*shlex.split(command), cwd=tmp_path)
        assert (done.status, done.err) == (0, ""), (command, done)
        pattern = re.escape(said).replace(re.escape("..."), r"[^\n]+?")
        assert re.fullmatch(pattern, done.out.replace(f"{tmp_path}/", "")), (command, done.out)
