"""What crosses between modules and those who ask them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class EmitResult:
    """How many handlers an event reached, and a sentence for each that failed."""

    delivered: int
    failures: tuple[str, ...] = ()


PlainData = Any
"""None, bool, int, float, str, bytes, and lists and dictionaries of these."""
