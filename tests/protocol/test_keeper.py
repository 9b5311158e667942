"""A headless engine and its keeper, in real processes: what hangs or dies is started again, and said in a sentence."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from host.vocabulary.marker import MARKER_NAME, read_marker

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="there nobody keeps an engine"),
]

KEPT = Path(__file__).with_name("kept.py")
ROOT = Path(__file__).parents[2]
LONGEST = 20.0
AGAIN = "; it is started again"


def started(data: Path, *asked: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, KEPT, data, *asked],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def ended(data: Path, *asked: str) -> tuple[int, list[str]]:
    """The exit status, and what was said on stderr."""
    with started(data, *asked) as process:
        _, said = process.communicate(timeout=LONGEST)
    return process.returncode, said.splitlines()


def runs(data: Path) -> list[int]:
    return [int(pid) for pid in (data / "runs").read_text().split()]


def test_an_engine_that_hangs_in_a_module_is_ended_named_and_started_again(tmp_path: Path) -> None:
    status, said = ended(tmp_path, "hang")
    assert said == [
        "theseus: the engine ended while faulty 0.3.0 was in a hook handler (ended by its keeper: no answer for 0.3 s)"
        + AGAIN
    ]
    assert (status, len(runs(tmp_path))) == (0, 2)


def test_in_which_module_it_hung_is_noted_for_the_next(tmp_path: Path) -> None:
    ended(tmp_path, "hang", "hang", "hang", "hang")
    marker = read_marker(tmp_path / MARKER_NAME)
    assert marker is not None
    assert (marker.module, marker.hung) == ("faulty", True)


def test_an_engine_that_dies_is_started_again(tmp_path: Path) -> None:
    status, said = ended(tmp_path, f"die {signal.SIGABRT:d}")
    assert said == ["theseus: the engine ended while faulty 0.3.0 was in a hook handler (killed by signal 6)" + AGAIN]
    assert (status, len(runs(tmp_path))) == (0, 2)


def test_one_that_dies_again_and_again_is_given_up(tmp_path: Path) -> None:
    status, said = ended(tmp_path, *[f"die {signal.SIGSEGV:d}"] * 9)
    assert said[-1] == (
        "theseus: the engine stays down: it ended 4 times within 60 s; start it again when you are ready"
    )
    assert not said[-2].endswith(AGAIN)
    assert (status, len(runs(tmp_path))) == (1, 4)


def test_the_status_of_one_that_ends_is_that_of_the_keeper(tmp_path: Path) -> None:
    assert ended(tmp_path, "exit 3") == (3, [])
    assert len(runs(tmp_path)) == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_one_that_a_user_ends_is_not_started_again(tmp_path: Path, number: signal.Signals) -> None:
    status, said = ended(tmp_path, f"die {number:d}")
    assert (status, said, len(runs(tmp_path))) == (-number, [], 1)


def test_what_a_keeper_is_told_its_engine_is_told(tmp_path: Path) -> None:
    with started(tmp_path, "wait") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "waits\n"
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=LONGEST)
    assert (process.returncode, len(runs(tmp_path))) == (-signal.SIGTERM, 1)


def test_an_engine_ends_with_its_keeper(tmp_path: Path) -> None:
    with started(tmp_path, "wait") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "waits\n"
        process.kill()
        process.communicate(timeout=LONGEST)  # which waits until the engine, too, has let go of stdout
    assert process.returncode == -signal.SIGKILL
