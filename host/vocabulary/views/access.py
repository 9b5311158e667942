"""What a module may do, and what it did."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessRow:
    """One thing that a module asks for, or did without asking for it in its manifest.

    Attributes:
        pattern: as the manifest has it; of what it does not ask for, what was wanted.
        asked: whether the manifest asks for it.
        granted_by: ``user``; ``policy``, of what core and bundled modules have; empty where nobody allows it.
        used, denied: how often since the engine began.
        last: when last, seconds since the Unix epoch; 0.0 for never.
    """

    permission: str
    pattern: str
    asked: bool = True
    granted_by: str = ""
    used: int = 0
    denied: int = 0
    last: float = 0.0
