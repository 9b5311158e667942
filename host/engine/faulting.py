"""What is told of a module's fault: a log line, an event, a problem that counts."""

from __future__ import annotations

import time
from typing import Final

from host.engine.chronicle import Chronicle
from host.vocabulary.errors import ModuleFault
from host.vocabulary.events import EventKind
from host.vocabulary.views import ProblemView, Severity

TOLD_EACH: Final = 1.0
"""Seconds between two events of one module about the same fault; all are counted."""


class Faulting:
    """Tells faults, the same one of the same module once a second: a storm must not bury what else happens."""

    def __init__(self, chronicle: Chronicle) -> None:
        self._chronicle = chronicle
        self._told: dict[str, tuple[str, float]] = {}

    def faulted(self, module: str, fault: ModuleFault, folder: str = "") -> None:
        """Tell one fault."""
        text = str(fault)
        before, at = self._told.get(module, ("", 0.0))
        now = time.monotonic()
        if text == before and now - at < TOLD_EACH:
            return
        self._told[module] = (text, now)
        frames = f" ({' < '.join(fault.traceback.splitlines())})" if fault.traceback else ""
        self._chronicle.log(module, "error", text + frames)
        self._chronicle.tell(EventKind.MODULE_FAULT, text, module=module, error=text, traceback=fault.traceback)
        self._chronicle.stands(
            ProblemView(
                id=f"fault:{module}",
                severity=Severity.WARNING,
                message=text,
                module=module,
                file=f"{folder}/{fault.file}" if folder and fault.file else "",
                line=fault.line,
                remedy="Mend the file and save it, or roll back.",
                action="rollback",
            )
        )
