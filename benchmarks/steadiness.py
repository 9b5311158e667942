"""What a thousand swaps leave behind."""

from __future__ import annotations

import gc
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.making import KEEPING, write_module
from benchmarks.quiet import all_written
from benchmarks.rounds import Size
from benchmarks.rows import AtMost, Row, Spread, Unit
from benchmarks.swapping import VERSIONS
from host import Host


@dataclass(frozen=True, slots=True)
class Holdings:
    """What this process holds: bytes resident, open files, threads of Python."""

    resident: int
    files: int
    threads: int

    @classmethod
    def now(cls) -> Holdings:
        gc.collect()
        process = psutil.Process()
        files = process.num_fds() if hasattr(process, "num_fds") else len(process.open_files())
        return cls(process.memory_info().rss, files, threading.active_count())


async def rows(size: Size) -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="theseus-bench-") as folder:
        for version in VERSIONS:
            write_module(Path(folder, "modules", "plugins", "turned", version), "turned", version, KEEPING)
        async with Host([Path(folder, "modules")], Path(folder, "data")) as host:
            await host.load("turned", f"=={VERSIONS[0]}")
            for index in range(20):
                await host.emit("onItem", {"id": index})
            await _swap(host, size.settling)
            before = Holdings.now()
            await _swap(host, size.swaps)
            after = Holdings.now()
    files, threads = after.files - before.files, after.threads - before.threads
    return [
        Row(
            name=f"memory after {size.swaps:,} swaps",
            ours=Spread((after.resident - before.resident,)),
            unit=Unit.BYTES,
            target=AtMost(2e6),
            note=f"open files {files:+}, threads {threads:+}",
        )
    ]


async def _swap(host: Host, times: int) -> None:
    for done in range(1, times + 1):
        await host.swap("turned", VERSIONS[done % len(VERSIONS)])
    await all_written(host)
