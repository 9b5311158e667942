"""The two sets of colours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Colours:
    """One theme.

    Attributes:
        canvas: behind lists and text; ``surface``: behind panels; ``raised``: buttons, headers, menus.
        hover, line, frame: what the pointer is over, hairlines, and outlines that have to be seen.
        text, muted: what is read first, and second.
        accent: the one colour of focus, links and the chosen section; ``on_accent`` is written on it.
        selection, selected_text: the chosen row.
        good, busy, warn, bad, idle: of states; each is readable as text.
        good_tint, warn_tint, bad_tint, busy_tint: behind banners.
    """

    name: str
    dark: bool
    canvas: str
    surface: str
    raised: str
    hover: str
    line: str
    frame: str
    text: str
    muted: str
    accent: str
    on_accent: str
    selection: str
    selected_text: str
    good: str
    busy: str
    warn: str
    bad: str
    idle: str
    good_tint: str
    busy_tint: str
    warn_tint: str
    bad_tint: str


LIGHT: Final = Colours(
    name="light",
    dark=False,
    canvas="#ffffff",
    surface="#f5f6f8",
    raised="#ffffff",
    hover="#e8ebf0",
    line="#dfe3e8",
    frame="#848e9c",
    text="#1b2027",
    muted="#59636f",
    accent="#0a66c2",
    on_accent="#ffffff",
    selection="#d7e7f9",
    selected_text="#0e2440",
    good="#15713c",
    busy="#0a66c2",
    warn="#875300",
    bad="#b3261e",
    idle="#59636f",
    good_tint="#e2f4e8",
    busy_tint="#e2eefb",
    warn_tint="#fdf1d8",
    bad_tint="#fce8e6",
)

DARK: Final = Colours(
    name="dark",
    dark=True,
    canvas="#16191d",
    surface="#1c2025",
    raised="#272c33",
    hover="#2d333b",
    line="#30363e",
    frame="#747e8a",
    text="#e4e8ed",
    muted="#a2acb8",
    accent="#58a6ff",
    on_accent="#0b1726",
    selection="#1f3f60",
    selected_text="#f5f9fe",
    good="#5fc88b",
    busy="#6fb2ff",
    warn="#e2b04a",
    bad="#ff8b82",
    idle="#a2acb8",
    good_tint="#182d21",
    busy_tint="#182a3f",
    warn_tint="#332812",
    bad_tint="#3a1f1f",
)
