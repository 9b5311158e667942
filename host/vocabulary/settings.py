"""What a schema has against settings."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingFault:
    """One fault of settings.

    Attributes:
        path: the place, as keys and indices from the top; of what is missing, where it would be.
        message: what is wrong there.
    """

    path: tuple[str | int, ...]
    message: str
