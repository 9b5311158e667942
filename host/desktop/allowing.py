"""What a swap's sheet allows: in force before the swap, and withdrawn with it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from host.desktop.reversing import Reversal, Reversed
from host.vocabulary.errors import HostError

if TYPE_CHECKING:
    from host.protocol.messages import Source


@dataclass(frozen=True, slots=True)
class Allowance:
    """What the user lets one version of a module do: patterns by permission."""

    module: str
    version: str
    patterns: Mapping[str, list[str]]

    def __str__(self) -> str:
        return ", ".join(f"{name} {pattern}" for name, patterns in self.patterns.items() for pattern in patterns)


@asynccontextmanager
async def allowing(source: Source, wanted: Sequence[Allowance]) -> AsyncIterator[None]:
    """Allow it for what is done meanwhile and from then on; where that is refused, nothing of it stays allowed.

    Raises:
        HostError: what was wanted is not granted, or as it was raised within.
    """
    given: list[Allowance] = []
    try:
        for each in wanted:
            await source.grant(each.module, dict(each.patterns), f"=={each.version}")
            given.append(each)
        yield
    except HostError:
        await _withdrawn(source, given)
        raise


def with_allowances(back: Reversal, allowed: Sequence[Allowance]) -> Reversal:
    """Withdraw what was allowed for an act, once that is taken back."""
    if not allowed:
        return back

    async def carry(source: Source) -> Reversed:
        done = await back.carry(source)
        words = await _withdrawn(source, allowed)
        return replace(done, text="; ".join((done.text, *words)), reversal=_allowed_again(done.reversal, allowed))

    return replace(back, carry=carry)


def _allowed_again(again: Reversal, allowed: Sequence[Allowance]) -> Reversal:
    async def carry(source: Source) -> Reversed:
        async with allowing(source, allowed):
            done = await again.carry(source)
        words = "; ".join((done.text, *(f"{each.module} {each.version} may use {each} again" for each in allowed)))
        return replace(done, text=words, reversal=with_allowances(done.reversal, allowed))

    return replace(again, carry=carry)


async def _withdrawn(source: Source, allowed: Sequence[Allowance]) -> list[str]:
    """Take each back, newest first, one refusal not stopping the rest; a clause for each."""
    said = []
    for each in reversed(allowed):
        who = f"{each.module} {each.version}"
        try:
            await source.revoke(each.module, dict(each.patterns), f"=={each.version}")
            said.append(f"{who} may no longer use {each}")
        except HostError as refusal:
            said.append(f"{who} may still use {each}: {refusal}")
    return said[::-1]
