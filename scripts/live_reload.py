# ruff: noqa: INP001 - a script that is run, no package
"""The moving picture of the README: a file is saved, is live, is broken, and is taken back.

Needs what ``screenshots.py`` needs, and ImageMagick's ``convert``. ``python -m scripts.live_reload``.
"""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from host.vocabulary.views import Snapshot
from scripts.screenshots import CHAT, FIRST, IMAGES, ROOT, chat_runs, talking, until, workbench
from tests.desktop.screen import Screen, missing, screen

FOLDER: Final = Path(tempfile.gettempdir()) / "theseus-live-reload"
SIZE: Final = "1440x900"
WIDTH: Final = 960
MOST_BYTES: Final = 1_500_000


class Film:
    """Frames with what happens written below them; each stands for a time in hundredths of a second."""

    def __init__(self, on: Screen, folder: Path) -> None:
        self._on = on
        self._folder = folder
        self._frames: list[tuple[Path, int, str]] = []

    def take(self, words: str, *, frames: int = 4, last: int = 130) -> None:
        """Take some frames, four a second, of which the last stands longer."""
        for at in range(frames):
            file = self._folder / f"{len(self._frames):03}.png"
            self._on.shoot(file)
            self._frames.append((file, last if at == frames - 1 else 25, words))
            time.sleep(0.15)

    def write(self, file: Path) -> None:
        font = subprocess.check_output(["fc-match", "--format=%{file}", "DejaVu Sans"], text=True)  # noqa: S607
        command = ["convert", "-loop", "0", "-font", font]
        for frame, hundredths, words in self._frames:
            command += ["(", str(frame), "-resize", f"{WIDTH}x", "-gravity", "south", "-background", "#12324f"]
            command += ["-splice", "0x34", "-fill", "#f7f2e4", "-pointsize", "17", "-annotate", "+0+8", words]
            command += ["-set", "delay", str(hundredths), ")"]
        command += ["-dither", "None", "-colors", "48", "-layers", "OptimizePlus", "-layers", "OptimizeTransparency"]
        subprocess.run([*command, str(file)], check=True)


def mistaken(picture: Snapshot) -> bool:
    return any(each.module == CHAT for each in picture.problems)


def play(on: Screen, folder: Path) -> Film:
    modules, data = folder / "modules", folder / "data"
    shutil.copytree(ROOT / "modules", modules)
    entry = modules / "plugins" / CHAT / FIRST / "init.lua"
    film = Film(on, folder)
    with workbench(on, modules, data, "dark"), talking(data):
        asyncio.run(until(data, chat_runs))
        on.focus()
        time.sleep(2)
        on.find(CHAT)
        on.keys("ctrl+2", "alt+5")
        time.sleep(3)
        film.take("advanced_chat runs, and people talk")
        good = entry.read_text()
        changed = good.replace("getState()\n    return {", "getState()\n    return {\n        crew = 7,")
        entry.write_text(changed)
        film.take(
            "a line of its getState is changed and saved: live within milliseconds, with all its messages", frames=8
        )
        entry.write_text(changed.replace("crew = 7,", "crew = = 7,"))
        asyncio.run(until(data, mistaken))
        on.keys("alt+2")
        film.take("the next save is broken: the line is named, and what ran runs on", frames=6, last=220)
        entry.write_text(changed)
        asyncio.run(until(data, lambda picture: not mistaken(picture)))
        on.keys("alt+5")
        film.take("mended: the problem goes by itself", frames=4)
        on.keys("ctrl+alt+r")
        film.take("rolled back: the old code again, with the newest messages", frames=6, last=260)
    return film


def main() -> int:
    if lacking := missing():
        sys.stderr.write(f"{', '.join(lacking)} missing; on Debian: apt install xvfb xdotool imagemagick\n")
        return 1
    FOLDER.mkdir()
    try:
        with screen(SIZE, pace=0.2) as on:
            play(on, FOLDER).write(IMAGES / "live-reload.gif")
    finally:
        shutil.rmtree(FOLDER)
    size = (IMAGES / "live-reload.gif").stat().st_size
    sys.stdout.write(f"docs/images/live-reload.gif: {size:,} bytes\n")
    return int(size > MOST_BYTES)


if __name__ == "__main__":
    sys.exit(main())
