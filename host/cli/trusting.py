"""Keys of packages: which are trusted, revoking one and taking that back; by the running host, or without one."""

from __future__ import annotations

import argparse
import time

from host.cli.asking import Answering, asked_anyway
from host.cli.folders import named_data
from host.cli.printing import one_line
from host.cli.steering import as_json
from host.vocabulary.views import KeyView


def keys(options: argparse.Namespace) -> int:
    """Print the keys as they are, after what was asked for was done."""

    async def asking(host: Answering) -> tuple[KeyView, ...]:
        if options.revoke:
            return await host.revoke_key(options.revoke)
        return await host.restore_key(options.restore) if options.restore else await host.keys()

    answer = asked_anyway(options, asking)
    if options.json:
        print(as_json(answer))
    else:
        print(
            "\n".join(line for each in answer for line in _lines(each, named_data(options)))
            or "no package was installed yet"
        )
    return 0


def _lines(view: KeyView, option: str) -> list[str]:
    of = f"of {', '.join(view.modules)}" if view.modules else "of no module here"
    since = f"trusted since {_day(view.since)}" if not view.revoked else f"revoked on {_day(view.revoked)}"
    lines = [f"{view.fingerprint}  {of}, {since}"]
    if view.revoked and view.installed:
        lines.append(f"  installed with it: {', '.join(view.installed)}; theseus uninstall NAME{option} takes that out")
    return [one_line(line) for line in lines]


def _day(at: float) -> str:
    return time.strftime("%Y-%m-%d", time.localtime(at))
