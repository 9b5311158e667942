"""How strong the contrast of two colours is, and which the window shows on one another."""

from __future__ import annotations


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
