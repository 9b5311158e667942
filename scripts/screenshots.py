# ruff: noqa: INP001 - a script that is run, no package
"""The pictures of the README, taken from the real program in a real window under Xvfb.

Needs ``Xvfb``, ``xdotool`` and ImageMagick's ``import`` (on Debian: ``apt install xvfb xdotool imagemagick``).
Everything is done as a user does it, by keys; only the waiting looks at the engine. ``--all`` takes a picture of every
section, not only those that the README shows.
"""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from host.protocol.client import Client
from host.vocabulary.errors import HostUnreachable
from host.vocabulary.states import Status
from host.vocabulary.views import Snapshot
from tests.desktop.screen import Screen, missing, screen

ROOT: Final = Path(__file__).resolve().parent.parent
IMAGES: Final = ROOT / "docs" / "images"
FOLDER: Final = Path(tempfile.gettempdir()) / "theseus-tour"
SIZE: Final = "1440x900"
CHAT: Final = "advanced_chat"
FIRST: Final = "1.0.0"
TALK: Final = (
    ("ana", "Is everybody on board?"),
    ("ben", "Two planks to go."),
    ("caro", "The mast stays where it is."),
    ("ana", "Then we swap while we sail."),
)


def shoot(on: Screen, name: str) -> None:
    time.sleep(0.8)  # nobody tells when the last frame stands
    on.shoot(IMAGES / f"{name}.png")
    print(f"docs/images/{name}.png")  # noqa: T201 - what the script is for


@contextmanager
def workbench(on: Screen, modules: Path, data: Path, theme: str) -> Iterator[None]:
    """The program as a user starts it, with one theme chosen."""
    data.mkdir()
    (data / "workbench.ini").write_text(f"[look]\ntheme={theme}\n[tour]\noffered=yes\n")
    command = [
        sys.executable,
        "-m",
        "host",
        "run",
        "--modules",
        str(modules),
        "--data",
        str(data),
        "--load",
        f"{CHAT}=={FIRST}",
    ]
    program = subprocess.Popen(command, env=on.environment, cwd=ROOT)
    try:
        yield
    finally:
        program.terminate()
        program.wait(timeout=15)


async def until(data: Path, claim: Callable[[Snapshot], bool]) -> None:
    """Wait until the engine's picture is as wanted."""
    async with asyncio.timeout(20):
        while True:
            try:
                async with await Client.connect(data) as client:
                    while not claim(await client.snapshot()):  # noqa: ASYNC110 - a picture has no event to wait for
                        await asyncio.sleep(0.1)
                    return
            except HostUnreachable:
                await asyncio.sleep(0.1)


async def talk(data: Path, over: threading.Event) -> None:
    """Give the chat something to remember and the log something to show, until it is over."""
    while not over.is_set():
        with suppress(HostUnreachable):
            async with await Client.connect(data) as client:
                await client.emit("onUserJoined", [{"name": "ana"}])
                while not over.is_set():
                    for sender, content in TALK:
                        await client.emit("onMessageReceived", [{"sender": sender, "content": content}])
                        await client.call("log", "info", [f"{sender}: {content}"])
                        await asyncio.sleep(random.uniform(0.02, 0.2))  # noqa: S311 - curves that look alive


@contextmanager
def talking(data: Path) -> Iterator[None]:
    over = threading.Event()
    talker = threading.Thread(target=lambda: asyncio.run(talk(data, over)))
    talker.start()
    try:
        yield
    finally:
        over.set()
        talker.join()


async def engine_of(data: Path) -> int:
    async with await Client.connect(data) as client:
        return client.host.pid


def chat_runs(picture: Snapshot) -> bool:
    chat = picture.modules.get(CHAT)
    return chat is not None and chat.status is Status.ACTIVE


def chat_is_new(picture: Snapshot) -> bool:
    return chat_runs(picture) and picture.modules[CHAT].version != FIRST


def take(on: Screen, folder: Path, theme: str, *, every: bool) -> None:
    """One tour through the window."""
    modules, data = folder / "modules", folder / "data"
    shutil.copytree(ROOT / "modules", modules)
    with workbench(on, modules, data, theme), talking(data):
        asyncio.run(until(data, chat_runs))
        on.focus()
        time.sleep(2)  # the window hears of it a moment after a client does
        on.find(CHAT)
        time.sleep(15)  # for the curves
        entry = modules / "plugins" / CHAT / FIRST / "init.lua"
        good = entry.read_text()
        entry.write_text(f"{good}\nlocal half = = 1\n")
        asyncio.run(until(data, lambda picture: bool(picture.problems)))
        on.keys("alt+2")
        shoot(on, f"workbench-{theme}")
        entry.write_text(good)
        asyncio.run(until(data, lambda picture: not picture.problems))
        on.keys("ctrl+r")
        shoot(on, f"swap-{theme}")
        on.keys("Return")
        asyncio.run(until(data, chat_is_new))
        on.keys("ctrl+4", "alt+4")
        shoot(on, f"history-{theme}")
        on.keys("ctrl+2", "alt+1", "Return", "Home", "Down", "Down", "Right", "Down", "Right")
        shoot(on, f"state-{theme}")
        on.keys("ctrl+g", "alt+5")
        shoot(on, f"graph-{theme}")
        on.keys("ctrl+grave")
        on.write("users")
        on.keys("Return")
        on.write("self.exports")
        on.keys("Return")
        shoot(on, f"console-{theme}")
        if every:
            on.keys("ctrl+5", "alt+3")
            shoot(on, f"source-{theme}")
            on.keys("ctrl+3")
            shoot(on, f"activity-{theme}")
            on.keys("ctrl+k")
            on.write("ro")
            shoot(on, f"palette-{theme}")
            on.keys("Escape")
        on.keys("ctrl+1", "alt+4")
        os.kill(asyncio.run(engine_of(data)), signal.SIGKILL)
        time.sleep(1.5)  # it is started again
        asyncio.run(until(data, chat_runs))
        shoot(on, f"recovered-{theme}")


def main() -> int:
    if lacking := missing():
        print(f"{', '.join(lacking)} missing; on Debian: apt install xvfb xdotool imagemagick", file=sys.stderr)  # noqa: T201
        return 1
    IMAGES.mkdir(parents=True, exist_ok=True)
    for theme in ("light", "dark"):
        with screen(SIZE, pace=0.25) as on:
            FOLDER.mkdir()
            try:
                take(on, FOLDER, theme, every="--all" in sys.argv[1:])
            finally:
                shutil.rmtree(FOLDER)
    return 0


if __name__ == "__main__":
    sys.exit(main())
