"""The command line: what the window does, a script can do."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Sequence
from io import TextIOWrapper

from host.cli.arguments import parsed
from host.cli.refusing import refused

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; gives the exit status: 0 done, 1 refused, 2 misuse."""
    _take_any_text()
    try:
        status = _done(parsed(arguments))
        sys.stdout.flush()
    except BrokenPipeError:  # whoever read the output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return status


def _done(options: Namespace) -> int:
    try:
        return int(options.command(options))
    except BrokenPipeError:
        raise
    except KeyboardInterrupt:
        return 130
    except Exception as error:  # noqa: BLE001 - the last resort: a person gets a sentence, never a traceback
        return refused(error, as_json=getattr(options, "json", False), data=getattr(options, "data", None))


def _take_any_text() -> None:
    """Names of files need not be text; what the output cannot say is printed as it is written in Python and JSON."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
