"""How to measure alone, with nothing of the measurement before still running."""

from __future__ import annotations

from host import Host


async def all_written(host: Host) -> None:
    """Wait until the thread that writes has nothing left: it answers in the order in which it is asked."""
    await host.history("")
