"""The crash marker: what the next reader learns, however the engine ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from host.vocabulary.errors import StorageUnavailable
from host.vocabulary.identity import ModuleKey
from host.vocabulary.marker import MARKER_NAME, SLOTS, mark_hung, memory_marker, open_marker, read_marker
from host.vocabulary.states import Phase

DIES_INSIDE = """
import os, signal, sys
from pathlib import Path
from host.vocabulary.marker import open_marker
from host.vocabulary.states import Phase
marker = open_marker(Path(sys.argv[1]))
marker.slot("quiet", "1.0.0")
slot = marker.slot("faulty", "0.3.0")
marker.cell[0] = slot << 8 | Phase.TIMER
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_process_killed_inside_a_module_leaves_its_name_and_phase(tmp_path: Path) -> None:
    before = time.time()
    child = subprocess.Popen([sys.executable, "-c", DIES_INSIDE, str(tmp_path)])
    assert child.wait(20) == -signal.SIGKILL

    reading = read_marker(tmp_path / MARKER_NAME)

    assert reading is not None
    assert (reading.module, reading.version, reading.phase) == ("faulty", "0.3.0", Phase.TIMER)
    assert reading.running
    assert reading.pid == child.pid
    assert before <= reading.started <= time.time()


def test_a_running_engine_at_rest_names_nobody(tmp_path: Path) -> None:
    marker = open_marker(tmp_path)
    slot = marker.slot("clock", "1.0.0")
    marker.cell[0] = slot << 8 | Phase.HOOK
    marker.cell[0] = 0

    reading = read_marker(tmp_path / MARKER_NAME)

    assert reading is not None
    assert reading.running
    assert (reading.module, reading.phase, reading.pid) == ("", Phase.REST, os.getpid())


def test_a_clean_end_is_not_running_and_late_writes_do_no_harm(tmp_path: Path) -> None:
    marker = open_marker(tmp_path)
    marker.cell[0] = marker.slot("clock", "1.0.0") << 8 | Phase.CLEANUP
    marker.close()
    marker.cell[0] = marker.slot("late", "1.0.0") << 8 | Phase.TASK

    reading = read_marker(tmp_path / MARKER_NAME)

    assert reading is not None
    assert not reading.running
    assert reading.module == ""


def test_that_an_engine_is_stuck_is_noted_of_where_it_is_and_for_no_longer(tmp_path: Path) -> None:
    marker, file = open_marker(tmp_path), tmp_path / MARKER_NAME
    clock, chat = (marker.slot(name, "1.0.0") for name in ("clock", "chat"))
    for slot, phase, named in (
        (clock, Phase.HOOK, "clock"),
        (clock, Phase.TIMER, ""),
        (chat, Phase.HOOK, ""),
        (0, Phase.REST, ""),
        (clock, Phase.HOOK, "clock"),
    ):
        marker.cell[0] = slot << 8 | phase
        if phase is Phase.HOOK:
            mark_hung(file, "clock")
        reading = read_marker(file)
        assert reading is not None
        assert reading.hung is bool(named)
    mark_hung(file, "")
    with pytest.raises(OSError, match="No such file"):
        mark_hung(tmp_path / "nowhere", "clock")


@pytest.mark.parametrize("length", [0, 1, 40, 64, 71, 72, 200])
def test_a_marker_that_is_cut_off_is_left_as_it_is(tmp_path: Path, length: int) -> None:
    open_marker(tmp_path)
    file = tmp_path / MARKER_NAME
    cut = tmp_path / "cut"
    cut.write_bytes(before := file.read_bytes()[:length])
    mark_hung(cut, "clock")
    assert cut.read_bytes() == before
    assert read_marker(cut) is None


def test_a_new_marker_takes_the_place_of_the_one_before_while_that_is_still_mapped(tmp_path: Path) -> None:
    first = open_marker(tmp_path)
    second = open_marker(tmp_path)
    first.cell[0] = first.slot("old", "1.0.0") << 8 | Phase.HOOK
    second.cell[0] = second.slot("new", "2.0.0") << 8 | Phase.INIT

    reading = read_marker(tmp_path / MARKER_NAME)

    assert reading is not None
    assert (reading.module, reading.phase) == ("new", Phase.INIT)


def test_a_released_slot_is_given_again_without_the_old_name(tmp_path: Path) -> None:
    marker = open_marker(tmp_path)
    slot = marker.slot("a_rather_long_name", "1.0.0+with.a.local.part")
    marker.release(slot)
    assert marker.slot("b", "2") == slot
    marker.cell[0] = slot << 8 | Phase.EXPORT

    reading = read_marker(tmp_path / MARKER_NAME)

    assert reading is not None
    assert (reading.module, reading.version) == ("b", "2")


def test_when_all_slots_are_taken_the_phase_is_still_known(tmp_path: Path) -> None:
    marker = open_marker(tmp_path)
    taken = {marker.slot(f"m{number}", "1") for number in range(SLOTS - 1)}
    assert len(taken) == SLOTS - 1
    assert 0 not in taken
    nobody = marker.slot("one_too_many", "1")
    assert nobody == 0
    marker.cell[0] = nobody << 8 | Phase.HOOK
    marker.release(nobody)
    assert marker.slot("still_too_many", "1") == 0

    reading = read_marker(tmp_path / MARKER_NAME)

    assert reading is not None
    assert (reading.module, reading.phase) == ("", Phase.HOOK)


def test_a_name_that_is_too_long_is_cut_and_the_next_slot_untouched(tmp_path: Path) -> None:
    marker = open_marker(tmp_path)
    long = marker.slot("n" * 64, "ä" * 64)
    other = marker.slot("next", "1.0.0")
    marker.cell[0] = long << 8 | Phase.HOOK
    reading = read_marker(tmp_path / MARKER_NAME)
    assert reading is not None
    assert reading.module == "n" * 64
    assert reading.version.startswith("ä" * 15)

    marker.cell[0] = other << 8 | Phase.HOOK
    reading = read_marker(tmp_path / MARKER_NAME)
    assert reading is not None
    assert (reading.module, reading.version) == ("next", "1.0.0")


@pytest.mark.parametrize("content", [b"", b"THESEUS\n", b"\xff" * 100, b"\xff" * 393_344, b"\0" * 393_344])
def test_short_and_garbled_files_say_nothing(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / MARKER_NAME
    file.write_bytes(content)
    assert read_marker(file) is None


def test_a_missing_file_and_a_folder_in_its_place_say_nothing(tmp_path: Path) -> None:
    assert read_marker(tmp_path / "nowhere" / MARKER_NAME) is None
    assert read_marker(tmp_path) is None


@pytest.mark.parametrize("cell", [(SLOTS + 1) << 8 | Phase.HOOK, 1 << 8 | 200, 2**64 - 1])
def test_a_garbled_cell_names_nobody(tmp_path: Path, cell: int) -> None:
    marker = open_marker(tmp_path)
    marker.slot("innocent", "1.0.0")
    marker.cell[0] = cell

    reading = read_marker(tmp_path / MARKER_NAME)

    assert reading is not None
    assert (reading.module, reading.phase) == ("", Phase.REST)


def test_a_folder_that_takes_no_file_is_refused_in_one_sentence(tmp_path: Path) -> None:
    in_the_way = tmp_path / "data"
    in_the_way.write_text("a file")
    with pytest.raises(StorageUnavailable, match=r"engine\.marker: not a directory"):
        open_marker(in_the_way)


def test_the_marker_in_memory_has_the_same_face() -> None:
    marker = memory_marker()
    slot = marker.slot("clock", "1.0.0")
    marker.cell[0] = slot << 8 | Phase.HOOK
    assert marker.cell[0] == slot << 8 | Phase.HOOK
    marker.release(slot)
    marker.close()
    assert marker.cell[0] == 0


def test_who_ran_jobs_is_a_suspect_beside_who_was_entered(tmp_path: Path) -> None:
    marker = open_marker(tmp_path)
    entered, working, idle = (marker.slot(name, "1.0.0") for name in ("chat", "crunch", "idle"))
    for slot in (working, idle):
        marker.jobs(slot, 2)
    marker.jobs(idle, 0)
    reading = read_marker(tmp_path / MARKER_NAME)
    assert reading is not None
    assert reading.suspects == ((ModuleKey("crunch", "1.0.0"), Phase.JOB),)
    marker.cell[0] = entered << 8 | Phase.HOOK
    reading = read_marker(tmp_path / MARKER_NAME)
    assert reading is not None
    assert [(key.name, phase) for key, phase in reading.suspects] == [("chat", Phase.HOOK), ("crunch", Phase.JOB)]
    mark_hung(tmp_path / MARKER_NAME, "chat")
    reading = read_marker(tmp_path / MARKER_NAME)
    assert reading is not None
    assert [key.name for key, _ in reading.suspects] == ["chat"], "it was stuck there, whoever worked beside it"


def test_jobs_beyond_a_byte_and_of_who_left_are_no_others(tmp_path: Path) -> None:
    marker = open_marker(tmp_path)
    first = marker.slot("n" * 64, "1" * 60)
    marker.jobs(first, 1000)
    reading = read_marker(tmp_path / MARKER_NAME)
    assert reading is not None
    assert [key.name for key in reading.jobs] == ["n" * 64]
    marker.release(first)
    marker.slot("next", "1.0.0")
    reading = read_marker(tmp_path / MARKER_NAME)
    assert reading is not None
    assert reading.jobs == ()
