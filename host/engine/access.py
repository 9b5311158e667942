"""What modules may do, and what they did and were denied: the policy, its gate, and the counts beside them."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from host.engine.chronicle import Chronicle
from host.runtime.faults import printable
from host.trust.gate import Gate, Use
from host.trust.places import Places
from host.trust.policy import Policy
from host.vocabulary.errors import PermissionDenied
from host.vocabulary.views import ProblemView, Severity

MOST_COUNTED: Final = 200
"""Different questions of one module that are counted apart; further ones are not listed, and are in the audit."""
BUNDLED: Final = Path(__file__).resolve().parents[2] / "modules"
"""Where the modules lie that come with the program."""


@dataclass(slots=True)
class Count:
    """How often one thing was allowed and denied since the engine began, and when last, in seconds since the epoch."""

    used: int = 0
    denied: int = 0
    last: float = 0.0


class Access:
    """Judges by the policy, counts what was asked, tells of denials."""

    def __init__(self, data: Path, roots: tuple[Path, ...], chronicle: Chronicle) -> None:
        self._chronicle = chronicle
        self._counts: dict[str, dict[tuple[str, str], Count]] = {}
        self.policy: Final = Policy(bundled=BUNDLED)
        self.gate: Final = Gate(self.policy, Places.of(data, roots), self._note)

    def counts(self, module: str) -> Mapping[tuple[str, str], Count]:
        """By permission and pattern; of what no pattern is about, by what was wanted."""
        return self._counts.get(module, {})

    def _note(self, use: Use) -> None:
        counts = self._counts.setdefault(use.module, {})
        key = (use.permission, use.pattern or use.wanted)
        if key not in counts and len(counts) >= MOST_COUNTED:
            return
        count = counts.setdefault(key, Count())
        count.last = time.time()
        if use.allowed:
            count.used += 1
            return
        count.denied += 1
        if count.denied == 1:
            self._tell(use)

    def _tell(self, use: Use) -> None:
        denial = str(PermissionDenied(use.module, use.permission, printable(use.wanted)[:200], use.pattern, use.reason))
        self._chronicle.log(use.module, "warn", denial)
        self._chronicle.stands(
            ProblemView(
                id=f"denied:{use.module}",
                severity=Severity.WARNING,
                message=denial,
                module=use.module,
                remedy="Grant it, if the module should do that.",
                action="grant" if use.pattern else "",
            )
        )
