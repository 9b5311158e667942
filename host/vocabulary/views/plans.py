"""What a load would bring up, and in which order."""

from __future__ import annotations

from msgspec import Struct


class PlanStep(Struct, frozen=True, kw_only=True):
    """One module version of a plan, dependencies first.

    Attributes:
        replaces: the version that runs and is swapped for this one; empty where none is.
    """

    name: str
    version: str
    tier: str
    path: str
    replaces: str = ""

    def __str__(self) -> str:
        return f"{self.name} {self.replaces} -> {self.version}" if self.replaces else f"{self.name} {self.version}"


class Plan(Struct, frozen=True, kw_only=True):
    """Versions chosen, in load order; ``warnings`` are order wishes that had to give way."""

    order: tuple[PlanStep, ...]
    warnings: tuple[str, ...] = ()
