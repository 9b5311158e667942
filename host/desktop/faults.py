"""The last-resort report: a mistake of the window's own becomes a Problem row, not a dead program."""

from __future__ import annotations

import asyncio
import sys
import threading
import time
import traceback
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QMessageLogContext, QObject, QtMsgType, Signal, qInstallMessageHandler

if TYPE_CHECKING:
    from host.vocabulary.views import ProblemView

_HARMLESS: Final = (
    "This plugin does not support propagateSizeHints",  # Qt's offscreen platform, for every window
    "This plugin does not support raise",
    "Unable to detect a launcher for",  # told where a file was to be opened
)
_KEPT: Final = 50


class Faults(QObject):
    """Collects mistakes from slots, threads, tasks and Qt itself; equal ones are counted.

    ``changed`` carries all rows, from whatever thread; each mistake also goes to stderr, with its traceback, for
    whoever reports it.
    """

    changed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()
        self._rows: dict[str, ProblemView] = {}

    def install(self, loop: asyncio.AbstractEventLoop) -> None:
        """Be told of everything that nobody caught."""
        sys.excepthook = self._uncaught
        threading.excepthook = self._uncaught_in_thread
        loop.set_exception_handler(self._uncaught_in_loop)
        qInstallMessageHandler(self._qt_message)

    def remove(self) -> None:
        """Leave Python and Qt as they were found."""
        sys.excepthook = sys.__excepthook__
        threading.excepthook = threading.__excepthook__
        qInstallMessageHandler(None)

    def report(self, error: BaseException) -> None:
        """Take one mistake down."""
        frames = traceback.extract_tb(error.__traceback__)
        file, line = (frames[-1].filename, frames[-1].lineno or 0) if frames else ("", 0)
        sys.stderr.write("".join(traceback.format_exception(error)))
        what = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        self._add(f"The window made a mistake ({what})", file, line)

    def _uncaught(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
        else:
            self.report(error.with_traceback(trace))

    def _uncaught_in_thread(self, arguments: threading.ExceptHookArgs) -> None:
        if arguments.exc_value is not None:
            self.report(arguments.exc_value)

    def _uncaught_in_loop(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if isinstance(error, BaseException):
            self.report(error)
        else:
            self._add(f"The window made a mistake ({context.get('message', 'unknown')})")

    def _qt_message(self, kind: QtMsgType, _context: QMessageLogContext, text: str | None) -> None:
        if kind in {QtMsgType.QtDebugMsg, QtMsgType.QtInfoMsg} or not text or text.startswith(_HARMLESS):
            return
        sys.stderr.write(f"Qt: {text}\n")
        serious = kind in {QtMsgType.QtCriticalMsg, QtMsgType.QtFatalMsg}
        self._add(f"Qt: {text}", serious=serious)

    def _add(self, message: str, file: str = "", line: int = 0, *, serious: bool = True) -> None:
        from host.vocabulary.views import ProblemView, Severity  # noqa: PLC0415 - the first window does not wait for it

        key = f"window:{file}:{line}:{message}"
        with self._lock:
            known = self._rows.pop(key, None)
            self._rows[key] = ProblemView(
                id=key,
                severity=Severity.ERROR if serious else Severity.WARNING,
                message=message,
                file=file,
                line=line,
                remedy=self.tr("The host runs on. Copy the report and send it to the authors."),
                since=known.since if known else time.time(),
                count=known.count + 1 if known else 1,
            )
            while len(self._rows) > _KEPT:
                del self._rows[next(iter(self._rows))]
            rows = tuple(self._rows.values())
        self.changed.emit(rows)
