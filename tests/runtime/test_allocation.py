"""Where the memory of runtimes that share a process lies."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from host.runtime.allocation import MANY, ask_for_huge_pages, give_back_freed, join_freed_blocks

pytestmark = pytest.mark.skipif(
    not Path("/sys/kernel/mm/transparent_hugepage").is_dir(), reason="a kernel without huge pages"
)


def test_the_c_library_joins_freed_blocks() -> None:
    assert join_freed_blocks()


def test_the_heap_of_many_asks_for_huge_pages() -> None:
    assert ask_for_huge_pages(MANY)
    assert any("hg" in flags for flags in heaps())


def test_it_does_so_again_once_what_was_free_is_given_back() -> None:
    ask_for_huge_pages(MANY)
    give_back_freed()
    assert ask_for_huge_pages(MANY)
    assert any("hg" in flags for flags in heaps())


def test_the_heap_of_few_is_left_as_it_is() -> None:
    assert not ask_for_huge_pages(MANY - 1)


def heaps() -> list[list[str]]:
    """Give the flags of each part of this process' heap, as ``/proc/PID/smaps`` names them."""
    parts = re.split(r"(?m)^(?=[0-9a-f]+-[0-9a-f]+ )", Path("/proc/self/smaps").read_text(encoding="utf-8"))
    return [part.rsplit("VmFlags:", 1)[1].split() for part in parts if "[heap]" in part]
