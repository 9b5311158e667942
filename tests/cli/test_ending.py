from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = 'return {cleanup = function() print("gone") end}'


@pytest.mark.integration
@pytest.mark.skipif(sys.platform == "win32", reason="there Ctrl-C is the only signal")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_headless_host_that_is_told_to_end_unloads_its_modules_and_ends(tmp_path: Path, number: int) -> None:
    """It once asked a chronicle that had closed for more, without end, and had to be killed."""
    folder = tmp_path / "modules" / "plugins" / "m"
    folder.mkdir(parents=True)
    folder.joinpath("module.toml").write_text('name = "m"\nversion = "1.0.0"\nautoload = true\n')
    folder.joinpath("init.lua").write_text(SOURCE)
    options = ["--events", "jsonl", "--modules", str(tmp_path / "modules"), "--data", str(tmp_path / "data")]
    command = [sys.executable, "-m", "host", "run", "--headless", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            while json.loads(process.stdout.readline())["event"] != "ready":
                pass
            process.send_signal(number)
            told, _ = process.communicate(timeout=20)
        finally:
            process.kill()
    assert process.returncode == 0
    assert [json.loads(line)["event"] for line in told.splitlines()][-2:] == ["stopping", "module_unloaded"]


@pytest.mark.integration
@pytest.mark.skipif(sys.platform == "win32", reason="there Ctrl-C is the only signal")
@pytest.mark.parametrize("imported", ["argparse", "host.vocabulary.identity", "msgspec._core", "host.engine.host"])
def test_a_host_that_is_interrupted_while_it_imports_ends_without_a_traceback(tmp_path: Path, imported: str) -> None:
    """An interrupt was lost inside msgspec's import, whose half made module ended the process later."""
    options = ["--events", "jsonl", "--modules", str(tmp_path), "--data", str(tmp_path / "data")]
    command = [sys.executable, "-X", "importtime", "-m", "host", "run", "--headless", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            started = False
            for line in process.stderr:
                name = line.rpartition("|")[2].strip()
                started = started or name == "signal"
                if started and name == imported:
                    break
            process.send_signal(signal.SIGINT)
            _, told = process.communicate(timeout=20)
        finally:
            process.kill()
    assert process.returncode in {-signal.SIGINT, 0}
    assert [line for line in told.splitlines() if not line.startswith("import time:")] == []
