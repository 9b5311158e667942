"""The ledger: what an instance has registered, with the undo of each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Debt:
    """One registered thing; ``kind`` is ``hook``, ``timer``, ``task``, ``panel`` or ``export``."""

    kind: str
    name: str
    undo: Callable[[], None]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


class Ledger:
    """Debts by number, in the order in which they were made."""

    def __init__(self) -> None:
        self._debts: dict[int, Debt] = {}
        self._last = 0

    def add(self, kind: str, name: str, undo: Callable[[], None]) -> int:
        """Note a debt; gives its number, which no other debt of this ledger ever has."""
        self._last += 1
        self._debts[self._last] = Debt(kind, name, undo)
        return self._last

    @property
    def next(self) -> int:
        """The number that the next debt will have."""
        return self._last + 1

    def pay(self, number: int) -> bool:
        """Undo one thing; whether there was anything to undo."""
        debt = self._debts.pop(number, None)
        if debt is None:
            return False
        debt.undo()
        return True

    def forget(self, number: int) -> None:
        """Drop a debt that ended by itself, such as a timer that has fired."""
        self._debts.pop(number, None)

    def of(self, kind: str) -> dict[int, str]:
        """Names by number, of one kind."""
        return {number: debt.name for number, debt in self._debts.items() if debt.kind == kind}

    @property
    def numbers(self) -> tuple[int, ...]:
        return tuple(self._debts)

    def __len__(self) -> int:
        return len(self._debts)

    def settle(self) -> None:
        """Pay every debt, newest first.

        Raises:
            ExceptionGroup: what the failing undo calls raised, each with a note naming its debt. All were tried.
        """
        failures: list[Exception] = []
        while self._debts:
            _, debt = self._debts.popitem()
            try:
                debt.undo()
            except Exception as failure:  # noqa: BLE001 - one debt must not keep the others from being paid
                failure.add_note(f"while undoing {debt}")
                failures.append(failure)
        if failures:
            raise ExceptionGroup("the ledger was settled with failures", failures)
