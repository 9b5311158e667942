"""``theseus run`` that says when its first frame stands, by the clock that all processes share."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from host.cli.arguments import parsed
from host.desktop.app import CannotShow, run

REFUSED = 3
"""Exit status where there can be no window; the last line on stdout says why."""


def main() -> int:
    modules, data = sys.argv[1:]
    parsed(["run", "--modules", modules, "--data", data])
    engine = [sys.executable, "-m", "host", "engine", "--modules", modules, "--data", data]
    try:
        return run(engine_command=engine, data=Path(data), on_shown=_tell)
    except CannotShow as why:
        print(why)
        return REFUSED


def _tell() -> None:
    print(time.monotonic(), flush=True)


if __name__ == "__main__":
    sys.exit(main())
