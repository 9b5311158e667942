"""What is measured, by name, each in a process of its own."""

from __future__ import annotations

import asyncio
import multiprocessing
from collections.abc import Awaitable, Callable
from concurrent.futures import ProcessPoolExecutor

from benchmarks import (
    asking,
    counting,
    discovering,
    dispatch,
    isolating,
    jobs,
    keeping,
    loading,
    resolving,
    saving,
    starting,
    steadiness,
    swapping,
    windows,
)
from benchmarks.rounds import Size
from benchmarks.rows import Row

SECTIONS: dict[str, Callable[[Size], Awaitable[list[Row]]]] = {
    "guard": dispatch.guarded,
    "numbers": dispatch.numbers,
    "strings": dispatch.strings,
    "tables": dispatch.tables,
    "isolated": isolating.rows,
    "swap": swapping.rows,
    "save": saving.rows,
    "state": keeping.rows,
    "count": counting.rows,
    "http": asking.rows,
    "goroutine": jobs.rows,
    "find": discovering.rows,
    "resolve": resolving.rows,
    "load": loading.rows,
    "memory": steadiness.rows,
    "start": starting.rows,
    "window": windows.rows,
}


def measured_alone(section: str, size: Size) -> list[Row]:
    """Measure in a fresh process: what another section left in memory would slow this one down, or hide its leaks."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, context) as pool:
        return pool.submit(measured, section, size).result()


def measured(section: str, size: Size) -> list[Row]:
    async def rows() -> list[Row]:
        return await SECTIONS[section](size)

    return asyncio.run(rows())
