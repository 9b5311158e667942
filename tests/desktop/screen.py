"""An X server without a screen, and the hands in front of it: real keys and clicks by xdotool."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

LONGEST: Final = 60.0
"""Seconds after which a tool counts as hanging: xdotool waits for a window as long as there is none."""
_STEPS: Final = 12
"""Places where the pointer stands on its way: a program hears of a drag by where it has been."""
TOOLS: Final = ("Xvfb", "xdotool", "import")
"""On Debian: ``apt install xvfb xdotool imagemagick``."""


def missing() -> list[str]:
    """Which of the tools are not there."""
    return [tool for tool in TOOLS if shutil.which(tool) is None]


class Screen:
    """One display; ``pace`` is what a person takes between two acts, in seconds."""

    def __init__(self, display: str, pace: float) -> None:
        self.environment: Final = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("QT_", "WAYLAND"))},
            "DISPLAY": display,
        }
        self._pace = pace

    def keys(self, *keys: str) -> None:
        for key in keys:
            self._do("xdotool", "key", "--clearmodifiers", key)
            time.sleep(self._pace)

    def write(self, text: str) -> None:
        self._do("xdotool", "type", "--delay", "15", text)
        time.sleep(self._pace)

    def click(self, x: int, y: int, *, times: int = 1) -> None:
        self._do("xdotool", "mousemove", str(x), str(y), "click", "--repeat", str(times), "--delay", "60", "1")
        time.sleep(self._pace)

    def drag(self, start: tuple[int, int], end: tuple[int, int]) -> None:
        """Press, go there in steps, and let go."""
        steps = [tuple(a + (b - a) * at // _STEPS for a, b in zip(start, end, strict=True)) for at in range(_STEPS + 1)]
        self._do("xdotool", "mousemove", *map(str, start), "mousedown", "1")
        for x, y in steps:
            time.sleep(self._pace)
            self._do("xdotool", "mousemove", str(x), str(y))
        time.sleep(self._pace)
        self._do("xdotool", "mouseup", "1")

    def focus(self) -> None:
        found = self._do("xdotool", "search", "--sync", "--onlyvisible", "--name", "^Theseus$").split()
        self._do("xdotool", "windowfocus", "--sync", found[-1])

    def find(self, text: str) -> None:
        """Run a command or look at a module, through the palette."""
        self.keys("ctrl+k")
        self.write(text)
        self.keys("Return")

    def shoot(self, file: Path) -> None:
        self._do("import", "-window", "root", str(file))

    def _do(self, *command: str) -> str:
        done = subprocess.run(
            command, env=self.environment, check=True, capture_output=True, text=True, timeout=LONGEST
        )
        return done.stdout


@contextmanager
def screen(size: str = "1280x800", pace: float = 0.05) -> Iterator[Screen]:
    """A screen of its own, whose number the server chooses."""
    read, write = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", f"{size}x24", "-dpi", "96", "-nolisten", "tcp"],
        pass_fds=(write,),
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    try:
        with os.fdopen(read) as told:
            yield Screen(f":{told.readline().strip()}", pace)
    finally:
        server.terminate()
        server.wait()
