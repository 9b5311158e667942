"""What the first frame waits for."""

from __future__ import annotations

import gc
import subprocess
import sys
from pathlib import Path

import pytest

from host.desktop.app import CannotShow, run

WINDOW = "import sys, host.desktop.keepers, host.desktop.session; print(*sys.modules)"


SPEAKS = {"msgspec", "host.protocol.client", "host.protocol.messages", "host.vocabulary.views", "host.engine"}
LATER = {"networkx", "jsonschema", "host.desktop.form"}


def test_nothing_that_speaks_to_the_engine_is_imported_before_the_first_frame() -> None:
    imported = set(subprocess.check_output([sys.executable, "-c", WINDOW], text=True).split())
    assert "host.desktop.session" in imported
    assert imported & (SPEAKS | LATER) == set()


def test_a_window_that_cannot_show_leaves_the_garbage_collector_on(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    assert gc.isenabled()
    with pytest.raises(CannotShow):
        run(engine_command=["false"], data=tmp_path)
    assert gc.isenabled()
