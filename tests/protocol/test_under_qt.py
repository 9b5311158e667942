"""Client and supervisor under Qt's event loop, as the window runs them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

STAND_IN = Path(__file__).with_name("stand_in.py")

UNDER_QT = """
import asyncio, os, signal, sys
from pathlib import Path
import qasync
from PySide6.QtCore import QCoreApplication
from host.protocol.lifesigns import EngineDown, EngineUp
from host.protocol.supervisor import Supervisor

async def main(stand_in, data):
    seen = asyncio.Queue()
    async with asyncio.timeout(20), Supervisor([sys.executable, stand_in, data], Path(data), seen.put_nowait):
        up = await seen.get()
        answers = await asyncio.gather(*(up.client.hello() for _ in range(20)))
        assert {answer.pid for answer in answers} == {up.pid}
        os.kill(up.pid, signal.SIGKILL)
        assert isinstance(await seen.get(), EngineDown)
        again = await seen.get()
        assert isinstance(again, EngineUp)
        assert (await again.client.hello()).pid == again.pid

app = QCoreApplication([])
with qasync.QEventLoop(app) as loop:
    loop.run_until_complete(main(*sys.argv[1:]))
print("done")
"""


def test_the_engine_is_asked_and_kept_under_the_event_loop_of_qt(tmp_path: Path) -> None:
    pytest.importorskip("qasync")
    result = subprocess.run(
        [sys.executable, "-c", UNDER_QT, str(STAND_IN), str(tmp_path)],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        timeout=40,
        check=False,
    )
    assert (result.stdout, result.stderr, result.returncode) == ("done\n", "", 0)
    assert (tmp_path / "cleaned up").exists()
