"""The house of design: who may import whom, and what a start must not load."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)


def test_every_import_contract_is_kept() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    result = run(str(linter), "--no-cache", "--no-logo")
    assert result.returncode == 0, result.stdout + result.stderr
    assert "0 broken" in result.stdout, result.stdout


@pytest.mark.parametrize("start", ["import host.cli", "from host import Host"])
def test_neither_the_command_line_nor_the_engine_loads_the_window(start: str) -> None:
    result = run(sys.executable, "-c", f"{start}; import sys; print(*sys.modules)")
    assert result.returncode == 0, result.stderr
    loaded = {name.split(".")[0] for name in result.stdout.split()}
    assert "host" in loaded
    assert not loaded & {"PySide6", "shiboken6", "qasync"}


@pytest.mark.parametrize("start", ["import host.cli, host.cli.answers, host.cli.running", "import host.desktop.app"])
def test_no_start_waits_for_packages_and_signatures(start: str) -> None:
    result = run(sys.executable, "-c", f"{start}; import sys; print(*sys.modules)")
    assert "host" in result.stdout, result.stderr
    assert not {"cryptography", "host.packages"} & set(result.stdout.split())
