"""The command line as users have it: real processes, their exit status and all that they print."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any, Final

from host.cli import main
from host.vocabulary.marker import MARKER_NAME, read_marker
from tests.engine.place import Place

ROOT: Final = Path(__file__).parents[2]
LONGEST: Final = 30.0
"""Seconds after which a command counts as hanging."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A command that ended; whatever it said, it was no Python traceback."""

    status: int
    out: str
    err: str

    def __post_init__(self) -> None:
        assert "Traceback" not in self.out + self.err, self.out + self.err
        assert "internal fault" not in self.out + self.err, self.err
        assert "Exception ignored" not in self.err, self.err

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def sentence(self) -> str:
        """What it was refused with: one line on stderr, and nothing else."""
        assert (self.status, self.out) == (1, ""), (self.status, self.out, self.err)
        assert self.err.startswith("theseus: ")
        assert self.err.count("\n") == 1, self.err
        return self.err.strip()


def theseus(*words: str | Path, cwd: Path | None = None, **environment: str) -> Ended:
    """Run one command to its end."""
    done = subprocess.run(
        command(words),
        capture_output=True,
        check=False,
        timeout=LONGEST,
        cwd=cwd or ROOT,
        env=without_display(environment),
    )
    return Ended(done.returncode, done.stdout.decode(errors="surrogateescape"), done.stderr.decode())


def command(words: Sequence[str | Path]) -> list[str]:
    return [sys.executable, "-m", "host", *map(str, words)]


def without_display(more: dict[str, str]) -> dict[str, str]:
    """The environment of a terminal without a display."""
    unset = {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"}
    return {name: value for name, value in os.environ.items() if name not in unset} | {"PYTHONPATH": str(ROOT)} | more


class Running:
    """A headless host that prints its events as JSON lines."""

    def __init__(self, process: subprocess.Popen[str], place: Place) -> None:
        self.process: Final = process
        self.place: Final = place
        self.told: Final[list[dict[str, Any]]] = []

    def until(self, kind: str, module: str = "") -> dict[str, Any]:
        """Read events up to one of a kind; the deadline is the test's own."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            event: dict[str, Any] = json.loads(line)
            self.told.append(event)
            if event["event"] == kind and module in {"", event["module"]}:
                return event
        raise AssertionError(f"the host ended before {kind}: {self.process.stderr and self.process.stderr.read()}")

    def end(self) -> tuple[int, str]:
        """Read the rest; the exit status and stderr."""
        out, err = self.process.communicate(timeout=LONGEST)
        self.told.extend(json.loads(line) for line in out.splitlines())
        return self.process.returncode, err

    @property
    def engine(self) -> int:
        """The process of the engine, which is a child of the program."""
        marker = read_marker(self.place.data / MARKER_NAME)
        assert marker is not None
        return marker.pid

    @property
    def kinds(self) -> list[str]:
        return [event["event"] for event in self.told]

    def has(self, *loaded: str) -> None:
        """See that just these modules are loaded, without a process for each step."""
        for name, view in self._said("status", "--json")["modules"].items():
            if view["status"] == "active":
                self._said("unload", name, "--cascade", "--json")
        for wanted in loaded:
            self._said("load", wanted, "--fresh", "--json")

    def _said(self, *words: str) -> Any:
        with redirect_stdout(StringIO()) as out:
            main([*words, "--data", str(self.place.data)])
        return json.loads(out.getvalue())

    def ask(self, *words: str | Path) -> Ended:
        """Run a command that speaks to this host."""
        return theseus(*words, "--data", self.place.data)


@contextmanager
def running(place: Place, *words: str | Path) -> Iterator[Running]:
    """A headless host that is ready; killed at the end where it still runs."""
    folders = ("--modules", place.root, "--data", place.data)
    with subprocess.Popen(
        command(("run", "--headless", "--events", "jsonl", *folders, *words)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=without_display({}),
    ) as process:
        try:
            host = Running(process, place)
            host.until("ready")
            yield host
        finally:
            if process.poll() is None:
                process.kill()
                process.communicate()
