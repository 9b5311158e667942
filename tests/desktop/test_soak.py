"""A window that is refreshed at 30 Hz lives on; a short run does not show a binding that drops references."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def soaked(seconds: float, folder: Path) -> int:
    """The rounds that a window lived through."""
    command = (sys.executable, "-m", "tests.desktop.soaking", str(seconds), str(folder))
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen"}
    ended = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=seconds + 60
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    told = re.match(r"(\d+) rounds", ended.stdout)
    assert told, ended.stdout
    return int(told[1])


def test_a_window_lives_through_a_second_of_refreshing(tmp_path: Path) -> None:
    assert soaked(1.0, tmp_path) > 1


@pytest.mark.torture
def test_a_window_lives_through_a_minute_of_refreshing(tmp_path: Path) -> None:
    assert soaked(60.0, tmp_path) > 60
