"""A Redis of its own for the tests that need one."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest


@contextmanager
def running() -> Iterator[str]:
    """Start one that keeps nothing on disk; gives its address. Skips the test where there is none to start."""
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("redis-server is not installed (Debian's package has the same name)")
    pytest.importorskip("redis")
    with TemporaryDirectory(prefix="theseus-redis-") as folder:
        socket = Path(folder, "redis.sock")
        command = [program, "--port", "0", "--unixsocket", str(socket), "--save", "", "--appendonly", "no"]
        server = subprocess.Popen([*command, "--dir", folder], stdout=subprocess.DEVNULL)
        try:
            _until_there(socket, server)
            yield f"unix://{socket}?db=0"
        finally:
            server.terminate()
            server.wait(30)


def _until_there(socket: Path, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 30
    while not socket.exists():
        assert server.poll() is None, "it ended at once"
        assert time.monotonic() < deadline, "it did not begin"
        time.sleep(0.01)
