"""Where the memory of runtimes that share a process lies."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from host.runtime.allocation import MANY, ask_for_huge_pages, give_back_freed, join_freed_blocks
from tests.cli.program import ROOT

pytestmark = pytest.mark.skipif(
    not Path("/sys/kernel/mm/transparent_hugepage").is_dir(), reason="a kernel without huge pages"
)

ASKING = f"""
from pathlib import Path
from host.runtime.allocation import ask_for_huge_pages, give_back_freed

ask_for_huge_pages({MANY})
%s
print(Path("/proc/self/smaps").read_text())
"""


def test_the_c_library_joins_freed_blocks() -> None:
    assert join_freed_blocks()


def test_the_heap_of_many_asks_for_huge_pages() -> None:
    assert "hg" in flags_of_the_heap("")


def test_it_does_so_again_once_what_was_free_is_given_back() -> None:
    assert "hg" in flags_of_the_heap(f"give_back_freed()\nassert ask_for_huge_pages({MANY})")


def test_a_heap_that_has_shrunk_is_asked_for_nothing() -> None:
    for _ in range(3):
        assert ask_for_huge_pages(MANY)
        give_back_freed()


def test_the_heap_of_few_is_left_as_it_is() -> None:
    assert not ask_for_huge_pages(MANY - 1)


def flags_of_the_heap(then: str) -> set[str]:
    """Give those of all its parts in a process of its own, as ``/proc/PID/smaps`` names them."""
    told = subprocess.run([sys.executable, "-c", ASKING % then], capture_output=True, check=True, cwd=ROOT, text=True)
    parts = re.split(r"(?m)^(?=[0-9a-f]+-[0-9a-f]+ )", told.stdout)
    return {flag for part in parts if "[heap]" in part for flag in part.rsplit("VmFlags:", 1)[1].split()}
