"""Gaps of the window's loop and of the engine's, as a table shows them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from host.desktop.models.table import Column
from host.desktop.wording import millis
from host.vocabulary.clock import clock

if TYPE_CHECKING:
    from host.vocabulary.views import GapView

_OURS: Final = re.compile(r".*[/\\](host[/\\].*)")
_IDLE: Final = " in run_forever"
"""The frame in which Qt itself works, and Python waits for it."""
_WAITED: Final = 0.25
"""The part of a gap that was computed in it, below which the loop's thread rather waited."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A gap, and whose loop it was of: ``Window`` or ``Engine``."""

    loop: str
    view: GapView

    @property
    def where(self) -> str:
        """What it was at, in a few words: a module's Lua, else the innermost of the host's own code."""
        view = self.view
        if view.module:
            return f"{view.module} {view.version} {view.inside}"
        if view.stack and view.stack[-1].endswith(_IDLE):
            return "Qt: drawing, or the window system"
        ours = (found[1] for frame in reversed(view.stack) if (found := _OURS.match(frame)))
        return next(ours, view.stack[-1] if view.stack else "not known: nobody came to look")

    @property
    def report(self) -> str:
        """All of it as text that can be sent to somebody."""
        view = self.view
        waited = "; it waited, or the machine was busy with others" if view.own_s < _WAITED * view.seconds else ""
        return "\n".join((
            f"{self.loop}: nothing else was done for {view.seconds * 1000:.0f} ms from {clock(view.at)}",
            f"computed in it: {view.own_s * 1000:.0f} ms{waited}",
            f"at: {self.where}",
            *(f"  {frame}" for frame in view.stack),
        ))  # fmt: skip


def merged(window: Iterable[GapView], engine: Iterable[GapView]) -> Sequence[Gap]:
    """Those of both, newest first."""
    both = [*(Gap("Window", each) for each in window), *(Gap("Engine", each) for each in engine)]
    return sorted(both, key=lambda gap: -gap.view.at)


GAPS: Final[tuple[Column[Gap], ...]] = (
    Column("When", lambda gap: clock(gap.view.at), tone=lambda _: "muted"),
    Column("Loop", lambda gap: gap.loop),
    Column("ms", lambda gap: millis(gap.view.seconds * 1000), number=True),
    Column("Computed", lambda gap: millis(gap.view.own_s * 1000), number=True, tone=lambda _: "muted"),
    Column("What it was at", lambda gap: gap.where),
)
