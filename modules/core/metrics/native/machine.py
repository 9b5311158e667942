"""The machine and this process, as psutil sees them."""

import asyncio
import gc
import os
import sys
import time
from pathlib import Path

import psutil

from host.lifecycle.native_arguments import text
from host.lifecycle.native_data import Data
from host.runtime.crossing import Crossing
from host.trust.caller import Caller
from host.trust.gate import Gate

MB, GB = 1 << 20, 1 << 30
BUSY, FULL = 80.0, 95.0  # percent of a part of the machine in use, from which it is a warning, or critical


def usage(path: str, disk: os.statvfs_result) -> Data:
    """Bytes of a disk; `free` and `percent` are of what this user may have, as ``df`` has it."""
    used, free = (disk.f_blocks - disk.f_bfree) * disk.f_frsize, disk.f_bavail * disk.f_frsize
    percent = round(100 * used / (used + free), 1) if used + free else 0.0
    sizes = {"total": disk.f_blocks * disk.f_frsize, "used": used, "free": free}
    return sizes | {f"{name}_gb": size / GB for name, size in sizes.items()} | {"path": path, "percent": percent}


def status_of(percent: float) -> str:
    return "critical" if percent >= FULL else "warning" if percent >= BUSY else "healthy"


class Machine:
    """The machine and this process."""

    def __init__(self, folder: Path, gate: Gate) -> None:
        self._gate = gate
        self._home = folder.anchor or os.sep
        self._process = psutil.Process()
        psutil.cpu_percent(interval=None)  # what follows is since the look before

    def cpu(self, _caller: Caller, *_: Data) -> Crossing:
        """Percent since the look before, and how many cores there are."""
        return Crossing.of(psutil.cpu_percent(interval=None), psutil.cpu_count() or 1)

    def memory(self, _caller: Caller, *_: Data) -> Data:
        found = psutil.virtual_memory()
        sizes = {"total": found.total, "available": found.available, "used": found.used}
        return sizes | {f"{name}_mb": size / MB for name, size in sizes.items()} | {"percent": found.percent}

    def parts(self) -> dict[str, Data]:
        """How much of the processor, the memory and the disk is in use."""
        used = {
            "cpu": psutil.cpu_percent(interval=None),
            "memory": psutil.virtual_memory().percent,
            "disk": usage(self._home, os.statvfs(self._home))["percent"],
        }
        return {name: {"usage": percent, "status": status_of(percent)} for name, percent in used.items()}

    def disk(self, caller: Caller, path: Data = None, *_: Data) -> Data:
        if path in {None, self._home}:
            return usage(self._home, os.statvfs(self._home))
        text(path, 1, "system_disk")
        with self._gate.at(caller, "fs.read", path) as place:
            flags = getattr(os, "O_PATH", os.O_RDONLY | os.O_NONBLOCK) | os.O_NOFOLLOW
            descriptor = os.open(place.name, flags, dir_fd=place.folder)
            try:
                return usage(path, os.statvfs(descriptor))
            finally:
                os.close(descriptor)

    def process(self, _caller: Caller, *_: Data) -> Data:
        """This process; ``goroutines`` and ``heap_alloc_mb`` are as sloth-runner has them."""
        with self._process.oneshot():
            memory = self._process.memory_info()
            return {
                "pid": self._process.pid,
                "memory": memory.rss,
                "memory_mb": memory.rss / MB,
                "heap_alloc_mb": memory.rss / MB,
                "goroutines": len(asyncio.all_tasks()),
                "num_cpu": psutil.cpu_count() or 1,
                "num_gc": sum(each["collections"] for each in gc.get_stats()),
                "cpu_seconds": sum(self._process.cpu_times()[:2]),
                "threads": self._process.num_threads(),
                "uptime": time.time() - self._process.create_time(),
                "python": sys.version.split()[0],
                "platform": sys.platform,
            }
