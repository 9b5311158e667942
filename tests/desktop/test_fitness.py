from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from host.desktop.fitness import binding_problem, display_problem

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="X servers are asked on Linux only")


def test_no_display_at_all_is_named() -> None:
    assert display_problem({}) == "no display (neither DISPLAY nor WAYLAND_DISPLAY is set)"


def test_a_display_that_nobody_serves_is_named(tmp_path: Path) -> None:
    assert display_problem({"DISPLAY": ":4711"}, tmp_path) == "no display (nothing answers on DISPLAY=:4711)"


def test_a_display_that_is_served_is_fit(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "X7"))
        server.listen()
        assert "no display" not in (display_problem({"DISPLAY": ":7.0"}, tmp_path) or "")


@pytest.mark.parametrize(
    "environment",
    [{"QT_QPA_PLATFORM": "offscreen"}, {"QT_QPA_PLATFORM": "minimal:x=1"}, {"WAYLAND_DISPLAY": "wayland-0"}],
)
def test_no_x_server_is_needed_where_qt_needs_none(environment: dict[str, str]) -> None:
    assert display_problem(environment) is None


def test_the_binding_that_loses_references_is_refused_before_python_3_12() -> None:
    problem = binding_problem("6.12.0", (3, 11))
    assert problem is not None
    assert "PYSIDE-3474" in problem
    assert binding_problem("6.12.0", (3, 12)) is None
    assert binding_problem("6.11.3", (3, 11)) is None


def test_asking_for_a_display_imports_no_qt() -> None:
    asked = (
        "import sys; from host.desktop.app import display_problem; display_problem(); print('PySide6' in sys.modules)"
    )
    answer = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert answer.stdout == "False\n"


def test_a_window_that_cannot_be_shown_is_refused_in_one_sentence_and_starts_nothing(tmp_path: Path) -> None:
    program = (
        "from pathlib import Path\n"
        "from host.desktop.app import CannotShow, run\n"
        "try:\n"
        f"    run(engine_command=['touch', {str(tmp_path / 'started')!r}], data=Path({str(tmp_path)!r}))\n"
        "except CannotShow as why:\n"
        "    print(why)\n"
    )
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env={})
    assert answer.stdout == "no display (neither DISPLAY nor WAYLAND_DISPLAY is set)\n"
    assert not (tmp_path / "started").exists()


def test_the_window_imports_nothing_of_the_engine() -> None:
    asked = (
        "import sys, host.desktop.session, host.desktop.keepers\n"
        "heavy = ('lupa', 'networkx', 'resolvelib', 'jsonschema', 'watchdog', 'sqlite3', 'packaging')\n"
        "print([name for name in heavy if name in sys.modules])\n"
    )
    answer = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert answer.stdout == "[]\n"
