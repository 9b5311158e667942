"""What is told of a module's fault: a log line, an event, a problem that counts."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from host.engine.chronicle import Chronicle
from host.lifecycle.quota import Bucket
from host.vocabulary.errors import ModuleFault
from host.vocabulary.events import EventKind
from host.vocabulary.views import ProblemView, Severity

TOLD_EACH: Final = 1.0
"""Seconds between two events of one module about the same fault; all are counted."""
MOST_TOLD: Final = 20.0
"""Different faults of one module that are told in a second."""


class Faulting:
    """Tells faults, each module's so many a second and the same one once: a storm must not bury what else happens."""

    def __init__(
        self,
        chronicle: Chronicle,
        clock: Callable[[], float] = time.monotonic,
        goes_back: Callable[[str], bool] = bool,
    ) -> None:
        """Tell in a chronicle; ``goes_back``: whether a module, by its name, can be rolled back."""
        self._chronicle = chronicle
        self._clock = clock
        self._goes_back = goes_back
        self._told: dict[str, tuple[str, float, Bucket]] = {}

    def faulted(self, module: str, fault: ModuleFault, folder: str = "") -> None:
        """Tell one fault."""
        text = str(fault)
        now = self._clock()
        before, at, bucket = self._told.get(module) or ("", now, Bucket(MOST_TOLD, now))
        if (text == before and now - at < TOLD_EACH) or not bucket.take(now):
            return
        self._told[module] = (text, now, bucket)
        self._chronicle.log(module, "error", text + _frames(text, fault.traceback))
        self._chronicle.tell(EventKind.MODULE_FAULT, text, module=module, error=text, traceback=fault.traceback)
        back = self._goes_back(module)
        self._chronicle.stands(
            ProblemView(
                id=f"fault:{module}",
                severity=Severity.WARNING,
                message=text,
                module=module,
                file=f"{folder}/{fault.file}" if folder and fault.file else "",
                line=fault.line,
                remedy="Mend the file and save it, or roll back." if back else "Mend the file and save it.",
                action="rollback" if back else "",
            )
        )


def _frames(text: str, traceback: str) -> str:
    """The way to a fault, where it is more than the place that its text names."""
    frames = [frame.strip().rstrip(":") for frame in traceback.splitlines()]
    told = len(frames) == 1 and frames[0] in text
    return "" if told or not frames else f" ({' < '.join(frames)})"
