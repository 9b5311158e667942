"""The two sets of colours, and how strong a contrast is."""

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


def text_pairs() -> list[tuple[str, str]]:
    """Every (text, ground) pair of field names that the window really shows."""
    grounds = ("canvas", "surface", "raised", "hover")
    pairs = [(text, ground) for text in ("text", "muted") for ground in (*grounds, "good_tint", "busy_tint")]
    pairs += [(text, ground) for text in ("text", "muted") for ground in ("warn_tint", "bad_tint")]
    pairs += [(tone, ground) for tone in ("good", "busy", "warn", "bad", "idle") for ground in grounds[:3]]
    pairs += [(tone, f"{tone}_tint") for tone in ("good", "busy", "warn", "bad")]
    pairs += [("accent", ground) for ground in grounds[:3]]
    pairs += [("on_accent", "accent"), ("selected_text", "selection")]
    return pairs


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two ``#rrggbb`` colours, 1 to 21.

    Source: WCAG 2.2, relative luminance.
    """
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
