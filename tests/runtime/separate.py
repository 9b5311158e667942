"""Python code in a process of its own, which may end badly or not at all."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from signal import Signals

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Ending:
    """How a process ended.

    Attributes:
        how: ``ended``, the name of the signal that ended it, ``exit N``, or ``hung`` where it had to be killed.
        said: what it wrote on its standard output.
        errors: and on the other one.
    """

    how: str
    said: str
    errors: str = ""


def run_apart(code: str, seconds: float = 30.0) -> Ending:
    """Run Python code in a fresh interpreter; a process that hangs is killed after ``seconds``."""
    command = [sys.executable, "-c", code]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=seconds, check=False, text=True)
    except subprocess.TimeoutExpired as hung:
        return Ending("hung", (hung.stdout or b"").decode().strip())
    how = "ended" if done.returncode == 0 else f"exit {done.returncode}"
    if done.returncode < 0:
        how = Signals(-done.returncode).name
    return Ending(how, done.stdout.strip(), done.stderr.strip())
