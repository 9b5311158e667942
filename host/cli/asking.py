"""One question to the running host of a data folder."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from host.cli.folders import data_folder
from host.protocol.client import Client

T = TypeVar("T")


def asked(options: argparse.Namespace, ask: Callable[[Client], Awaitable[T]]) -> T:
    """What it answers.

    Raises:
        HostUnreachable: none runs there.
        Refused: it says no.
    """

    async def asking() -> T:
        async with await Client.connect(data_folder(options)) as client:
            return await ask(client)

    return asyncio.run(asking())
