"""One question to the running host of a data folder."""

from __future__ import annotations

import argparse
import asyncio
from asyncio import Event
from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

from host.cli.folders import data_folder, module_folders
from host.protocol.client import Client
from host.protocol.messages import Acts, Questions
from host.vocabulary.errors import HostUnreachable

T = TypeVar("T")


class Answering(Questions, Acts, Protocol):
    """Whoever answers every method of the protocol."""


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


def answered(options: argparse.Namespace, ask: Callable[[Client], Awaitable[T]]) -> T | None:
    """What the host answers that a command is about; ``None`` where the command is about folders.

    Whoever names folders of modules means those, whatever runs. Else it is the host of the data folder, where one runs.

    Raises:
        HostUnreachable: a data folder was named, and no host runs there.
        Refused: it says no.
    """
    if options.modules:
        return None
    try:
        return asked(options, ask)
    except HostUnreachable:
        if options.data:
            raise
        return None


def asked_anyway(options: argparse.Namespace, ask: Callable[[Answering], Awaitable[T]]) -> T:
    """What the running host answers; where none runs, one that loads nothing and ends at once.

    Raises:
        HostError: it says no.
    """
    try:
        return asked(options, ask)
    except HostUnreachable:
        return asyncio.run(_by_one_of_its_own(options, ask))


async def _by_one_of_its_own(options: argparse.Namespace, ask: Callable[[Answering], Awaitable[T]]) -> T:
    from host.cli.answers import Answers
    from host.engine import Host

    async with Host(module_folders(options), data_folder(options)) as host:
        return await ask(Answers(host, Event()))
