"""``bisect``: find the modules that are bad, by answers or by a command that answers."""

from __future__ import annotations

import argparse
import os
import shlex
import subprocess
import sys

from host.cli.asking import asked
from host.cli.folders import data_folder, named_data
from host.cli.printing import one_line
from host.cli.steering import as_json
from host.protocol.client import Client
from host.vocabulary.errors import HostError
from host.vocabulary.views import BisectionView

_NO_ANSWER = range(125, 128)
"""Exit statuses that are no word on the modules, as for ``git bisect run``; 126 and 127 are a shell's own."""


def bisect(options: argparse.Namespace) -> int:
    """Take one step, or all of them by a command; without either, say how far the search is."""
    if options.check:
        return _checked(options)
    view = asked(options, lambda client: client.bisect(options.step) if options.step else client.bisection())
    _show(view, options)
    return 0


def _checked(options: argparse.Namespace) -> int:
    """Search with a command; at the end all runs as before."""
    command = shlex.split(options.check)
    if asked(options, lambda client: client.bisection()).total:
        raise HostError(
            f"a search for a bad module is under way already; end it with: theseus bisect end{named_data(options)}"
        )
    if not _bad(command, options):
        raise HostError(f"{options.check} ends with 0 though all modules are on, so none is bad; nothing was changed")
    view = _step(options, "begin")
    while not view.over:
        bad = _bad(command, options)
        print(one_line(f"{'bad ' if bad else 'good'}  {', '.join(view.on) or 'all off'}"), file=sys.stderr)
        view = _step(options, "bad" if bad else "good")
    _step(options, "end")
    _show(view, options)
    return 0


def _step(options: argparse.Namespace, step: str) -> BisectionView:
    async def ask(client: Client) -> BisectionView:
        return await client.bisect(step)

    return asked(options, ask)


def _bad(command: list[str], options: argparse.Namespace) -> bool:
    """Whether the command says that it is bad: it ends with anything but 0.

    Raises:
        HostError: it cannot be run, or gives no answer.
    """
    environment = {**os.environ, "THESEUS_DATA": str(data_folder(options))}
    goes_on = f"where a search is under way it stays so; see: theseus bisect{named_data(options)}"
    try:
        status = subprocess.run(command, check=False, env=environment, stdout=sys.stderr).returncode
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", "") or str(error)
        raise HostError(f"{shlex.join(command) or 'an empty command'} cannot be run ({why}); {goes_on}") from error
    if status in _NO_ANSWER or status < 0:
        raise HostError(f"{shlex.join(command)} ended with {status}, which is no answer; {goes_on}")
    return status != 0


def _show(view: BisectionView, options: argparse.Namespace) -> None:
    if options.json:
        print(as_json(view))
        return
    print(one_line(view.text))
    option = named_data(options)
    if view.total and not view.over:
        print(f"answer with: theseus bisect bad{option}, or good; {view.most} to go at most if one is bad by itself")
    elif view.total and not options.check:
        print(f"theseus bisect end{option} brings all back that ran before")
