"""``theseus``, and ``python -m host``."""

from __future__ import annotations

import signal
import sys


def main() -> int:
    """Run one command; gives the exit status.

    Until a command waits for it, Ctrl-C ends the process there and then. KeyboardInterrupt, raised inside the making of
    a class or a module, leaves half of it: extension modules have ended the process on that later.
    """
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from host.cli import main as command  # noqa: PLC0415 - what it imports is what must not be interrupted

    return command()


if __name__ == "__main__":
    sys.exit(main())
