"""What crosses between modules and those who ask them."""

from __future__ import annotations

from typing import Any

from msgspec import Struct


class EmitResult(Struct, frozen=True, kw_only=True):
    """How many handlers an event reached, and a sentence for each that failed."""

    delivered: int
    failures: tuple[str, ...] = ()


PlainData = Any
"""None, bool, int, float, str, bytes, and lists and dictionaries of these."""
