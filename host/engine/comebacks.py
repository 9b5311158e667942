"""Takes swaps back that did not stand their probation, one after another, while the host runs."""

from __future__ import annotations

from host.engine.parts import Parts
from host.vocabulary import bugs
from host.vocabulary.errors import HostError


async def take_back(parts: Parts) -> None:
    """Follow what fails, until it is cancelled."""
    while True:
        await _take_next_back(parts)


async def _take_next_back(parts: Parts) -> None:
    """A function of its own: nothing of a probation is held while the next is waited for."""
    probation = await parts.probations.failed.get()
    async with parts.changing:
        try:
            for report in await parts.swapping.take_back(probation):
                parts.reloading.leave(parts.roster.get(report.module))
            await parts.keeping.flush()
        except HostError:  # told where it was refused: what failed runs on
            return
        except Exception as mistake:  # noqa: BLE001 - the host's own; those that come after it are taken back
            parts.chronicle.log("", "error", bugs.told("taking a swap back", mistake))
