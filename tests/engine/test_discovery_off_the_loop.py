"""Looking through the folders of modules keeps nobody waiting: it happens in a thread of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Final

from tests.discovery.module_folders import write_module

ROOT: Final = Path(__file__).parents[2]

WATCHED: Final = """
import asyncio, json, sys, threading
from host import Host

loop_thread = threading.get_ident()
looks = []

def hook(event, args):
    if event in {"open", "os.scandir"} and str(args[0]).startswith(sys.argv[1]):
        looks.append(threading.get_ident() == loop_thread)

sys.addaudithook(hook)

async def main(modules, data):
    counts = []
    async with Host([modules], data) as host:
        counts.append(len(looks))
        await host.rescan()
        counts.append(len(looks) - counts[0])
    print(json.dumps({"looks": counts, "in the loop": sum(looks)}))

asyncio.run(main(*sys.argv[1:]))
"""
"""A start and a second look of a host; tells in which thread folders and manifests were opened."""


def test_no_folder_and_no_manifest_is_opened_in_the_thread_of_the_event_loop(tmp_path: Path) -> None:
    for name in ("chat", "talk"):
        write_module(tmp_path / "modules", name)
    command = [sys.executable, "-c", WATCHED, str(tmp_path / "modules"), str(tmp_path / "data")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    found = json.loads(done.stdout)
    assert all(count >= 4 for count in found["looks"])
    assert found["in the loop"] == 0
