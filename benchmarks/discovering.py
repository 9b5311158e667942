"""Module versions found on disk: read and understood, and taken from what was kept at the last start."""

from __future__ import annotations

import os
import tempfile
import tomllib
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks.making import write_many
from benchmarks.rounds import Size, interleaved
from benchmarks.rows import AtMost, Row
from host.discovery.cache import ManifestCache
from host.discovery.repository import Repository, scan

COLD, WARM = {10_000: 3.0}, {10_000: 0.5}
"""Seconds for so many module versions."""


async def rows(size: Size) -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="theseus-bench-") as folder:
        root = Path(folder)
        write_many(root / "modules", size.found)
        found = _Finding(root, size.found)
        await found.cold()
        cold, warm, peer = await interleaved(size.long_rounds, found.cold, found.warm, found.by_tomllib)
    name, bare = f"find {size.found:,} modules", "os.scandir and tomllib"
    limits = [AtMost(each[size.found]) if size.found in each else None for each in (COLD, WARM)]
    return [
        Row(name=f"{name}, all read", ours=cold, peer=peer, peer_name=bare, target=limits[0]),
        Row(name=f"{name}, none changed", ours=warm, peer=peer, peer_name=bare, target=limits[1]),
    ]


class _Finding:
    """Finds the same modules each time."""

    def __init__(self, root: Path, count: int) -> None:
        self._modules = root / "modules"
        self._data = root
        self._count = count

    async def cold(self) -> float:
        start = perf_counter()
        repository = scan([self._modules])
        took = perf_counter() - start
        ManifestCache(self._data, [self._modules]).write(repository.readings)
        return self._checked(took, repository)

    async def warm(self) -> float:
        start = perf_counter()
        repository = scan([self._modules], ManifestCache(self._data, [self._modules]).read())
        return self._checked(perf_counter() - start, repository)

    async def by_tomllib(self) -> float:
        """The least that reading takes: each folder listed, each manifest parsed, none of it looked at."""
        start = perf_counter()
        count = len(_parsed(self._modules))
        took = perf_counter() - start
        if count != self._count:
            raise RuntimeError(f"{count} of {self._count} manifests were read")
        return took

    def _checked(self, took: float, repository: Repository) -> float:
        if len(repository.modules) != self._count:
            raise RuntimeError(f"{len(repository.modules)} of {self._count} modules were found")
        return took


def _parsed(root: Path) -> list[dict[str, Any]]:
    found = []
    for tier in os.scandir(root):
        for module in os.scandir(tier.path):
            with open(f"{module.path}/module.toml", "rb") as stream:  # noqa: PTH123 - the fastest way there is
                found.append(tomllib.load(stream))
    return found
