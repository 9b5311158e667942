"""One act on several modules: done to each, told once, taken back at once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

from host.desktop.reversing import Reversal, Reversed
from host.vocabulary.errors import HostError

if TYPE_CHECKING:
    from host.protocol.messages import Source

Doing = Callable[[str], Awaitable[Reversal | None]]


async def done_to_each(names: Sequence[str], act: Doing) -> tuple[list[Reversal | None], list[str]]:
    """Do it to each, in this order; what refuses one keeps it from no other.

    Returns:
        What takes each back, and why others refused, a clause each.

    Raises:
        HostError: all refused, for the reason of the first.
    """
    done: list[Reversal | None] = []
    refused: list[tuple[str, HostError]] = []
    for name in names:
        try:
            done.append(await act(name))
        except HostError as refusal:
            refused.append((name, refusal))
    if refused and not done:
        raise refused[0][1]
    return done, [_clause(name, str(refusal)) for name, refusal in refused]


def back_to_all(text: str, reversals: Sequence[Reversal]) -> Reversal | None:
    """Take several acts back, the last one first; nothing where there is nothing to take back."""
    if not reversals:
        return None

    async def carry(source: Source) -> Reversed:
        found: list[Reversed] = []

        async def back(at: str) -> None:
            found.append(await reversals[int(at)].carry(source))

        _, refused = await done_to_each([str(at) for at in reversed(range(len(reversals)))], back)
        said = "; ".join((*(each.text for each in found), *refused))
        again = back_to_all(text, [each.reversal for each in found])
        assert again is not None  # noqa: S101 - else all had refused
        return Reversed(said, None, again)

    return Reversal(reversals[0].module, text, carry)


def _clause(name: str, reason: str) -> str:
    return reason.rstrip(".") if name in reason else f"{name}: {reason.rstrip('.')}"
