from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import (
    discovering,
    dispatch,
    isolating,
    jobs,
    keeping,
    loading,
    resolving,
    saving,
    starting,
    steadiness,
    swapping,
)
from benchmarks.dispatch import BareRuntimes, Plugins
from benchmarks.rounds import TINY, interleaved
from benchmarks.rows import AtMost, Row, table

ROOT = Path(__file__).resolve().parents[2]


def names(rows: list[Row]) -> list[str]:
    return [row.name for row in rows]


def measured(rows: list[Row]) -> bool:
    return all(row.ours is not None and table([row]) for row in rows)


async def test_subjects_take_turns() -> None:
    turns: list[str] = []

    async def ours() -> float:
        turns.append("ours")
        return len(turns)

    async def peer() -> float:
        turns.append("peer")
        return len(turns)

    spreads = await interleaved(2, ours, peer)
    assert turns == ["ours", "peer", "ours", "peer"]
    assert [spread.samples for spread in spreads] == [(1, 3), (2, 4)]


async def test_a_guarded_call_is_beside_a_bare_one() -> None:
    (row,) = await dispatch.guarded(TINY)
    assert measured([row])
    assert (row.peer_name, row.target) == ("bare lupa", AtMost(1.6, of_ratio=True))


async def test_dispatch_has_a_row_for_each_payload_audience_and_peer() -> None:
    for section, kind in (
        (dispatch.numbers, "number"),
        (dispatch.strings, "string"),
        (dispatch.tables, "three-key table"),
    ):
        rows = await section(TINY)
        assert measured(rows)
        bare = ["bare lupa"] if kind != "three-key table" else ["bare lupa", "bare lupa, bytes beforehand"]
        limited = ["bare lupa, bytes beforehand, limited"] * 2 if kind == "three-key table" else []
        assert [row.peer_name for row in rows] == ["pluggy", *bare] * 2 + limited
        assert names(rows)[0] == f"emit a {kind} to 1 module"
        assert names(rows)[-1] == f"emit a {kind} to 3 modules"


@pytest.mark.parametrize("peer", [Plugins(3, 7), BareRuntimes(3, 7), BareRuntimes(3, {"key": "value"}, as_bytes=False)])
def test_each_implementation_of_a_peer_counts_each_event(peer: Plugins | BareRuntimes) -> None:
    peer.tell(5)
    assert peer.counts == [5, 5, 5]


async def test_isolated_modules_have_a_row_for_a_call_for_many_for_a_start_and_for_memory() -> None:
    rows = await isolating.rows(TINY)
    assert measured(rows)
    assert names(rows) == [
        "emit a number to 1 isolated module, there and back",
        "emit a number to 3 isolated modules",
        "start an isolated module, 3 of them",
        "memory of an isolated module's own, 3 of them",
    ]


async def test_swaps_have_a_row_for_a_small_state_one_for_a_large_and_one_for_many() -> None:
    rows = await swapping.rows(TINY)
    assert measured(rows)
    assert names(rows) == [
        "swap pause, 200 records",
        "swap pause, 20 records of 3 fields",
        "swap pause, 10 modules together, 2 records each",
    ]


async def test_what_is_kept_has_a_row_for_setting_and_one_for_getting() -> None:
    rows = await keeping.rows(TINY)
    assert measured(rows)
    assert names(rows) == ["state.set from Lua", "state.get from Lua"]


async def test_jobs_have_rows_for_what_they_cost_and_what_two_workers_gain() -> None:
    rows = await jobs.rows(TINY)
    assert measured(rows)
    assert names(rows) == ["submit to result, one by one", "submit to result, many", "two workers on what one does"]


async def test_saves_have_a_row_for_each_way_to_save() -> None:
    rows = await saving.rows(TINY)
    assert measured(rows)
    assert names(rows) == ["save to live, file replaced", "save to live, file written over"]


async def test_discovery_has_a_row_for_a_first_start_and_one_for_the_next() -> None:
    rows = await discovering.rows(TINY)
    assert measured(rows)
    assert names(rows) == ["find 5 modules, all read", "find 5 modules, none changed"]
    assert {row.peer_name for row in rows} == {"os.scandir and tomllib"}


async def test_loads_have_a_row_for_each_count() -> None:
    rows = await loading.rows(TINY)
    assert measured(rows)
    assert names(rows) == ["find, resolve and load 3 modules"]


async def test_swaps_without_end_tell_what_is_held_after_them() -> None:
    (row,) = await steadiness.rows(TINY)
    assert measured([row])
    assert row.name == "memory after 3 swaps"
    assert row.note == "open files +0, threads +0"


@pytest.mark.integration
async def test_a_start_has_a_row_for_the_window_and_one_for_the_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    rows = await starting.rows(TINY)
    assert measured(rows), [row.note for row in rows]
    assert names(rows) == ["interpreter's start to first window", "interpreter's start to engine ready"]


async def test_a_start_without_a_display_says_why_it_was_not_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    rows = await starting.rows(TINY)
    assert [row.ours for row in rows] == [None, None]
    assert all("display" in row.note for row in rows)


@pytest.mark.integration
def test_the_command_prints_one_table() -> None:
    command = [sys.executable, "-m", "benchmarks", "--quick", "--only", "save"]
    done = subprocess.run(command, cwd=ROOT, env=os.environ, capture_output=True, text=True, timeout=60, check=True)
    heading, replaced, written, *_ = done.stdout.splitlines()
    assert heading.split() == ["ours", "peer", "ratio", "target"]
    assert replaced.startswith("save to live, file replaced")
    assert written.startswith("save to live, file written over")


async def test_resolution_has_a_row_for_each_graph_beside_resolvelib_and_one_for_cycles() -> None:
    rows = await resolving.rows(TINY)
    assert measured(rows)
    assert [row.peer_name for row in rows] == ["resolvelib"] * 7 + [""]
    assert names(rows)[0] == "resolve wide: 121 versions of 13 modules"
    assert names(rows)[-1] == "report the cycles of 12 modules that all need one another"
