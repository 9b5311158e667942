"""What modules that share the engine's process were promised holds in processes of their own, by the same tests.

Left out is what only one of them can do: tell the line at which a loop was ended (that process is killed), or do
thousands of things within a second.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType
from typing import Final

import pytest

from host.runtime.isolated.fork_server import ForkServer
from tests.engine import test_panels
from tests.lifecycle import test_hooks_of_modules, test_tables_by_fields, test_tasks, test_timers
from tests.swap import test_committed_swaps, test_events_meanwhile, test_rehearsal

_LEFT_OUT: Final = {
    "test_a_handler_over_its_time_is_ended_and_the_next_one_runs",
    "test_a_task_over_its_time_is_ended_and_the_next_goes_on",
    "test_an_answer_without_end_to_what_waited_ends",
    "test_changes_without_end_are_ended_and_the_panel_stands",
    "test_events_of_timers_around_swaps_arrive_in_order_once",
    "test_faults_and_deadlines_are_told_by_this_way_too",
    "test_more_events_than_may_wait_are_refused_to_whoever_emits_them",
    "test_more_tasks_than_there_may_be_are_refused",
}


class _Kept(ForkServer):
    """Outlives each host: to start it takes longer than most of these tests."""

    def close(self) -> None:
        """Wait for the last test."""


@pytest.fixture(scope="module")
def server() -> Iterator[ForkServer]:
    kept = _Kept()
    yield kept
    ForkServer.close(kept)


@pytest.fixture(autouse=True)
def _one_server(server: ForkServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("host.runtime.making.ForkServer", lambda: server)


def _kept(name: str) -> bool:
    """Whether it is a test that is to hold, or the fixture that those of tasks, or of panels, begin with."""
    return name in {"host", "metered"} or (name.startswith("test_") and name not in _LEFT_OUT)


def _tests_of(file: ModuleType) -> dict[str, object]:
    return {name: each for name, each in vars(file).items() if _kept(name)}


for _file in (
    test_hooks_of_modules,
    test_tables_by_fields,
    test_timers,
    test_tasks,
    test_committed_swaps,
    test_events_meanwhile,
    test_rehearsal,
    test_panels,
):
    globals().update(_tests_of(_file))
