"""From the interpreter's start to the first window, and to an engine that is ready."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from asyncio.subprocess import PIPE, Process
from pathlib import Path
from typing import NamedTuple

from benchmarks.making import write_many
from benchmarks.rounds import Size
from benchmarks.rows import AtMost, Row, Spread
from host.protocol.client import Client
from host.vocabulary.errors import HostUnreachable
from host.vocabulary.events import EventKind

ROOT = Path(__file__).resolve().parent.parent
BUNDLED = ROOT / "modules"
PATIENCE = 20.0


class Start(NamedTuple):
    """Seconds after the interpreter's start."""

    window: float
    engine: float


class NotStartedError(Exception):
    """Why nothing could be measured."""


async def rows(size: Size) -> list[Row]:
    """Measure in processes of their own; the first start of all fills the caches of the disk and does not count."""
    with tempfile.TemporaryDirectory(prefix="theseus-bench-") as folder:
        modules = BUNDLED if BUNDLED.is_dir() else Path(folder, "modules")
        if modules is not BUNDLED:
            write_many(modules, 6)
        try:
            starts = [await _started(modules, Path(folder, f"data-{number}")) for number in range(size.starts + 1)]
        except NotStartedError as why:
            return [_row("first window", None, 0.4, str(why)), _row("engine ready", None, 0.7, str(why))]
    window = Spread(tuple(start.window for start in starts[1:]))
    engine = Spread(tuple(start.engine for start in starts[1:]))
    return [_row("first window", window, 0.4), _row("engine ready", engine, 0.7)]


def _row(what: str, ours: Spread | None, limit: float, note: str = "") -> Row:
    return Row(name=f"interpreter's start to {what}", ours=ours, target=AtMost(limit), note=note)


async def _started(modules: Path, data: Path) -> Start:
    began, began_at = time.monotonic(), time.time()
    command = (sys.executable, "-m", "benchmarks.first_window", str(modules), str(data))
    process = await asyncio.create_subprocess_exec(*command, stdout=PIPE, stderr=PIPE, cwd=ROOT, env=_environment())
    try:
        async with asyncio.timeout(PATIENCE):
            shown = await _first_frame(process)
            ready_at = await _engine_ready(data)
    except TimeoutError:
        raise NotStartedError(f"nothing within {PATIENCE:g} s") from None
    finally:
        if process.returncode is None:
            process.terminate()
        await process.communicate()
    return Start(window=shown - began, engine=ready_at - began_at)


def _environment() -> dict[str, str]:
    """As ``make run`` has it: byte code is kept, or each start would compile all that it imports."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


async def _first_frame(process: Process) -> float:
    assert process.stdout is not None  # noqa: S101 - asked for above
    line = (await process.stdout.readline()).decode().strip()
    try:
        return float(line)
    except ValueError:
        _, said = await process.communicate()
        last = said.decode(errors="replace").strip().rpartition("\n")[2]
        raise NotStartedError(line or last or "the window ended without a word") from None


async def _engine_ready(data: Path) -> float:
    """Unix time at which the engine said that it was ready."""
    while True:
        try:
            client = await Client.connect(data)
        except HostUnreachable:
            await asyncio.sleep(0.02)
            continue
        async with client:
            seen = 0
            while True:
                changes = await client.changes(seen)
                seen = changes.revision
                for event in changes.events:
                    if event.event is EventKind.READY:
                        return event.at
                await asyncio.sleep(0.02)
