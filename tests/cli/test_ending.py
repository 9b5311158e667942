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
