"""One run of the window, from its first frame to its end."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QTimer, Slot
from PySide6.QtWidgets import QApplication

from host.desktop.acting import Acting
from host.desktop.bisecting import Bisecting
from host.desktop.collecting import Collecting
from host.desktop.commands import Commands
from host.desktop.errands import Errands
from host.desktop.explaining import Explaining
from host.desktop.faults import Faults
from host.desktop.installing import Installing
from host.desktop.keepers import Keeper
from host.desktop.link import Link
from host.desktop.mirror import Mirror
from host.desktop.models.host import HostModels
from host.desktop.muting import Muting
from host.desktop.notices import Notices
from host.desktop.pulse import Pulse
from host.desktop.reporting import Reporting
from host.desktop.samples import Samples
from host.desktop.settings import Settings
from host.desktop.steering import Steering
from host.desktop.theme.look import Look
from host.desktop.touring import Touring
from host.desktop.undoing import Undoing
from host.desktop.window import Workbench

SAMPLE_S: Final = 1.0


class Session(QObject):
    """The window with all that belongs to it, wired; shown at once, connected when its loop runs."""

    def __init__(self, application: QApplication, data: Path) -> None:
        super().__init__()
        self.faults = Faults()
        self.settings = Settings(data)
        self.look = Look(application, self.settings.theme, self.settings.percent)
        self.link = Link(str(data))
        self.mirror = Mirror(self.link)
        self.errands = Errands(self.faults.report)
        self.commands = Commands(self.link, self.errands)
        self.muting = Muting(self.settings)
        self.notices = Notices(self.muting)
        self.models = HostModels(self.muting)
        self.samples = Samples()
        self.pulse = Pulse(self)
        self.collecting = Collecting(self)
        self.window = Workbench(
            self.models, self.commands, self.samples, self.notices, self.muting, self.pulse, self.look, data
        )
        self.acting = Acting(self.window, self.models, self.commands, self.link)
        self.reporting = Reporting(self.window, self.models, self.commands, self.link)
        self.steering = Steering(self.window, self.models, self.look, self.reporting)
        self.explaining = Explaining(self.window, self.models, self.commands, self.acting, self.reporting)
        self.bisecting = Bisecting(self.window, self.models, self.commands, self.link)
        self.installing = Installing(self.window, self.models, self.commands, self.reporting)
        self.touring = Touring(
            self.window, self.models, self.mirror, self.commands, self.reporting, self.settings, data
        )
        self.undoing = Undoing(self.window, self.commands)
        self._sampled = time.monotonic()
        self._clock = QTimer(self.window)
        self._clock.setInterval(int(SAMPLE_S * 1000))
        self._clock.timeout.connect(self._sample)
        self._closed = asyncio.Event()
        self._keeper: Keeper | None = None
        self._wire()
        self.look.apply()

    def show(self) -> None:
        """Bring up the first frame, as it was left the last time."""
        self.window.restore(self.settings)
        self.steering.arrange(self.settings.text("modules/arrangement", "tier"))
        self.window.modules.set_filter(self.settings.text("modules/filter", ""))
        self.window.inspector.show_section(self.settings.text("inspector/section", "section.overview"))
        self.window.show_profile(self.settings.text("profile/last", ""))
        self.window.shown.hidden.update(filter(None, self.settings.text("panels/hidden", "").split()))
        self.window.show()

    async def run(self, keeper: Keeper) -> None:
        """Live until the window closes or the process is told to end; then end the engine, if it is ours."""
        self._keeper = keeper
        with _signals_to(self.window.close):
            async with self.errands:
                self.errands.run(keeper.run(self.link), "keep the engine")
                self.errands.run(self.mirror.run(), "mirror the engine")
                self._clock.start()
                with self.collecting.alone(), self.pulse.beating(self.window.attention()):
                    await self._closed.wait()
            self._remember()
            await keeper.end()
            self._dispose()

    async def ready(self) -> str:
        """Wait until the window shows what the engine has; why it never will, empty where it does."""
        told: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.mirror.changed.connect(partial(_settle, told, ""))
        self.link.givenUp.connect(partial(_settle, told))
        return "" if self.mirror.engine is not None else await told

    def _wire(self) -> None:
        self.faults.changed.connect(self.models.take_faults)
        self.mirror.changed.connect(self.models.apply)
        self.mirror.engineChanged.connect(self.reporting.show_engine)
        self.models.modulesChanged.connect(self._show_panels)
        self.link.down.connect(self.window.shown.lose)
        self.window.attentionChanged.connect(self.mirror.attend)
        self.window.attentionChanged.connect(self.pulse.attend)
        self.mirror.engineChanged.connect(self.pulse.hear)
        self.mirror.silent.connect(self.window.status.silent)
        self.mirror.engineChanged.connect(self.acting.hear)
        self.pulse.changed.connect(self._count_gaps)
        self.window.closing.connect(self._closed.set)
        self.models.happened.connect(self.notices.take)
        self.notices.changed.connect(self._ring)
        self.reporting.judged.connect(self.acting.judge)
        self.reporting.restartWanted.connect(self._restart)

    @Slot(bool)
    def _restart(self, safe: bool) -> None:  # noqa: FBT001 - a signal's argument
        if self._keeper is not None:
            self.errands.run(self._keeper.restart(safe=safe), "start the engine again")

    @Slot()
    def _ring(self) -> None:
        self.window.status.show_bell(*self.notices.counts)

    @Slot()
    def _count_gaps(self) -> None:
        self.window.status.show_gaps(*self.pulse.unseen)

    @Slot()
    def _show_panels(self) -> None:
        self.window.shown.take(self.models.modules.views)

    def _sample(self) -> None:
        now = time.monotonic()
        self.samples.take(self.models.modules.views.values(), now - self._sampled)
        self._sampled = now
        self.window.overview.sampled()

    def _dispose(self) -> None:
        """Let Qt take the window apart while Python still holds all that its parts call."""
        self.window.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)

    def _remember(self) -> None:
        self.window.remember(self.settings)
        self.settings.theme = self.look.choice
        self.settings.percent = self.look.percent
        self.settings.keep_text("profile/last", self.window.profile)
        self.settings.keep_text("panels/hidden", " ".join(sorted(self.window.shown.hidden)))
        self.settings.keep_text("modules/filter", self.window.modules.filter_text)
        self.settings.keep_text("modules/arrangement", self.steering.arrangement)
        self.settings.keep_text("inspector/section", self.window.inspector.section)
        self.settings.save()


def _settle(told: asyncio.Future[str], text: str, *_changes: object) -> None:
    if not told.done():
        told.set_result(text)


@contextlib.contextmanager
def _signals_to(close: Callable[[], object]) -> Iterator[None]:
    """Let SIGINT and SIGTERM close the window as its button does."""
    if sys.platform == "win32":
        yield
        return
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, close)
    try:
        yield
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
