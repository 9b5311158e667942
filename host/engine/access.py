"""What modules may do, and what they did and were denied: the policy, its gate, and the counts beside them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from host.engine.chronicle import Chronicle
from host.runtime.faults import printable
from host.trust.audit import Gathering
from host.trust.gate import Gate
from host.trust.masking import LONGEST, LOOKED_AT, masked_text
from host.trust.places import Places
from host.trust.policy import Policy
from host.trust.use import Use
from host.vocabulary.errors import PatternInvalid, PermissionDenied
from host.vocabulary.events import EventKind
from host.vocabulary.folders import data_option
from host.vocabulary.manifest import Manifest
from host.vocabulary.permission import Grant
from host.vocabulary.views import AccessRow, AuditRow, ProblemView, Severity

KEPT_EACH: Final = 1.0
"""Seconds between two writes of the audit; the same within them is one row."""
MOST_COUNTED: Final = 200
"""Different questions of one module that are counted apart; further ones are not listed, and are in the audit."""
BUNDLED: Final = Path(__file__).resolve().parents[2] / "modules"
"""Where the modules lie that come with the program."""


@dataclass(slots=True)
class Count:
    """How often one thing was allowed and denied since the engine began, when last, and whether that was told.

    ``last`` is in seconds since the Unix epoch.
    """

    used: int = 0
    denied: int = 0
    last: float = 0.0
    told: bool = False


_NEVER: Final = Count()


class Access:
    """Judges by the policy, counts what was asked, tells of denials."""

    def __init__(
        self,
        data: Path,
        roots: tuple[Path, ...],
        grants: Iterable[Grant],
        keep: Callable[[Sequence[AuditRow]], None],
        chronicle: Chronicle,
    ) -> None:
        """Prepare.

        Args:
            data: the host's data folder.
            roots: folders of modules.
            grants: what the user said before.
            keep: writes rows of the audit down.
            chronicle: told of denials.
        """
        self._chronicle = chronicle
        self._option = data_option(data)
        self._gathering = Gathering()
        self._keep = keep
        self._keeping: asyncio.TimerHandle | None = None
        self._counts: dict[str, dict[tuple[str, str], Count]] = {}
        self.policy: Final = Policy(grants, bundled=BUNDLED)
        self.gate: Final = Gate(self.policy, Places.of(data, roots), self._note, told=self._unkept)

    def rows(self, manifest: Manifest) -> tuple[AccessRow, ...]:
        """What a module asks for, and what it did without asking for it."""
        counts = self._counts.get(manifest.name, {})
        asked = {(permission, each): None for permission, given in manifest.permissions.items() for each in given}
        return tuple(
            AccessRow(
                permission=permission,
                pattern=pattern,
                asked=(permission, pattern) in asked,
                granted_by=self._granted(manifest, permission, pattern),
                used=count.used,
                denied=count.denied,
                last=count.last,
            )
            for permission, pattern in (asked | dict.fromkeys(counts))
            for count in (counts.get((permission, pattern), _NEVER),)
        )

    def _granted(self, manifest: Manifest, permission: str, pattern: str) -> str:
        """As the policy has it; of what was wanted and can be no pattern, nobody can allow it."""
        try:
            return self.policy.granted(manifest, permission, pattern)
        except PatternInvalid:
            return ""

    def changed(self, module: str, act: str, told: str) -> None:
        """Note that what a module may do is something else now.

        Args:
            module: its name.
            act: ``grant`` or ``revoke``.
            told: the patterns, in words.
        """
        self._gathering.add(AuditRow(at=0.0, module=module, permission=act, wanted=told[:LONGEST], verdict="allowed"))
        self.keep()
        self._chronicle.settled(f"denied:{module}")
        for count in self._counts.get(module, {}).values():
            count.told = False

    def keep(self) -> None:
        """Hand over what was gathered for the audit, now."""
        if self._keeping is not None:
            self._keeping.cancel()
            self._keeping = None
        if rows := self._gathering.take():
            for module in dict.fromkeys(row.module for row in rows):
                self._chronicle.touch(module)
            self._keep(rows)

    def _unkept(self, module: str, text: str) -> None:
        """Tell that something is wrong with what a core module keeps."""
        self._chronicle.tell(EventKind.STORAGE_FAILED, text, module=module, error=text)
        self._chronicle.stands(ProblemView(id=f"unkept:{module}", severity=Severity.ERROR, message=text, module=module))

    def _note(self, use: Use) -> None:
        self._gathering.note(use)
        if self._keeping is None:
            self._keeping = asyncio.get_running_loop().call_later(KEPT_EACH, self.keep)
        self._count(use)

    def _count(self, use: Use) -> None:
        counts = self._counts.setdefault(use.module, {})
        key = (use.permission, use.pattern or _shown(use))
        if key not in counts and len(counts) >= MOST_COUNTED:
            return
        count = counts.setdefault(key, Count())
        count.last = time.time()
        if use.allowed:
            count.used += 1
            return
        count.denied += 1
        if not count.told:
            count.told = True
            self._tell(use)

    def _tell(self, use: Use) -> None:
        wanted = _shown(use)[:200]
        denial = str(PermissionDenied(use.module, use.permission, wanted, use.pattern, use.reason, self._option))
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


def _shown(use: Use) -> str:
    """What was wanted, as people and the window see it: one line, without secrets."""
    return masked_text(printable(use.wanted[: LOOKED_AT + 1]))
