"""Probation: the time after a swap in which more faults than before bring back what ran before.

Source: Erlang/OTP ``release_handler``, whose releases are unpacked, installed and only then made permanent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from host.swap.arrival import Arrival
from host.swap.change import Change, Target
from host.swap.missed import Missed
from host.swap.returning import Return
from host.vocabulary.manifest import Manifest

FEWEST: Final = 3
"""Faults that bring back what ran before, at least."""

LONGEST_S: Final = 86_400.0
"""Of a probation, as of one that a manifest wants."""


def seconds_of(changes: Sequence[Change]) -> float:
    """How long modules that changed together are on probation: as long as the longest wants."""
    return max(change.target.manifest.swap.probation for change in changes)


class Probation:
    """Modules that were swapped together, with what ran before, which waits; they all go back, or none.

    Attributes:
        changes: what was done.
        seconds: how long.
        missed: what those that wait would have answered.
        parted: what went with what was replaced, and comes back with it.
        reason: why they go back, one sentence; empty while they do not.
        mute: which of them did not give its state when it was asked right after the commit; empty where none.
    """

    def __init__(self, changes: Sequence[Change], before: Mapping[str, float], seconds: float) -> None:
        """Begin to keep what is missed.

        Args:
            changes: none of them paused yet.
            before: faults by module that what runs now has in the same time.
            seconds: how long.
        """
        self.changes: Final = tuple(changes)
        self.seconds: Final = seconds
        self.missed: Final = Missed([change.old for change in changes])
        self.parted: tuple[Arrival, ...] = ()
        self.reason = ""
        self.mute = ""
        self._before = before
        self._faults = dict.fromkeys(before, 0)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(change.old.name for change in self.changes)

    def faulted(self, name: str) -> bool:
        """Count a fault; whether it was one too many."""
        self._faults[name] += 1
        faults, before = self._faults[name], self._before[name]
        if self.reason or faults < FEWEST or faults <= before:
            return False
        was = f"{before:.0f}" if before >= 1 else "none"
        self.reason = f"{faults} faults of {name} on probation, and {was} in as much time before"
        return True

    def ended(self, name: str) -> bool:
        """Note that the process of a module ended; whether that is one fault too many."""
        had_none = self._before[name] < 1
        return had_none and self.fails(
            f"the process of {name} ended on probation, and had no fault in as much time before"
        )

    def fails(self, reason: str) -> bool:
        """Have them go back for a reason; whether that is the first."""
        first = not self.reason
        self.reason = self.reason or reason
        return first

    def returns(
        self, check: Callable[[Manifest], None], configs: Mapping[str, Mapping[str, Any]]
    ) -> tuple[Return, ...]:
        """The way back.

        Args:
            check: refuses what the modules that are loaded by now do not accept.
            configs: what they are configured with by now.
        """
        return tuple(self._return(change, check, configs[change.old.name]) for change in self.changes)

    def _return(self, change: Change, check: Callable[[Manifest], None], config: Mapping[str, Any]) -> Return:
        old, manifest = change.old, change.old.manifest
        target = Target(
            old=change.new,
            manifest=manifest,
            bundle=lambda: old.bundle,
            config=config,
            check=lambda: check(manifest),
        )
        return Return(target, kept=change, missed=self.missed)

    def end(self, told: Callable[[str, str], None]) -> None:
        """Let those that wait clean up, and drop them.

        Args:
            told: of what went wrong in that, by module.
        """
        for change in reversed(self.changes):
            change.new.probation_until = 0.0
            try:
                change.retire()
            except ExceptionGroup as failures:
                told(change.old.name, f"{failures}: {'; '.join(map(str, failures.exceptions))}")
