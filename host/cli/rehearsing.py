"""``rehearse``: what a swap would do."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from host.cli.asking import asked
from host.cli.printing import one_line
from host.cli.steering import as_json
from host.vocabulary.views import Rehearsal


def rehearse(options: argparse.Namespace) -> int:
    """Print what a swap would do; 1 where it would be refused."""
    told = asked(options, lambda client: client.rehearse(options.name, options.version, options.also))
    every = (told, *told.others)
    print(as_json(told) if options.json else "\n".join(one_line(line) for each in every for line in _lines(each)))
    return 1 if any(each.error for each in every) else 0


def _lines(told: Rehearsal) -> Iterator[str]:
    head = f"{told.module} {told.from_version} -> {told.to_version}"
    if told.error:
        yield f"{head} would be refused ({told.failed_step}): {told.error}"
    else:
        memory = "" if told.memory is None else f"; {_kib(told.memory)} for {_kib(told.memory_before)}"
        yield f"{head} would be done in {told.seconds * 1000:.1f} ms{memory}"
    for word in ("kept", "changed", "dropped", "added"):
        if keys := getattr(told, word):
            yield f"  {word}: {', '.join(keys)}"
    yield from (f"  {each.path}: {each.before or 'nothing'} -> {each.after or 'nothing'}" for each in told.differences)
    if told.beyond:
        yield f"  and {told.beyond:,} more"
    for what in ("hooks", "permissions"):
        for sign, way in (("+", "gained"), ("-", "lost")):
            yield from (f"  {sign} {what[:-1]} {each}" for each in getattr(told, f"{what}_{way}"))
    yield from (f"  not granted: {each}" for each in told.not_granted)
    yield from (f"  {each.change}: {each.path} (+{each.lines_added} -{each.lines_removed})" for each in told.files)
    for each in told.dependents:
        fits = "fits" if each.fits else "does not fit"
        yield f"  needed by {each.module} {each.version}, {each.range}: {fits}"
    yield from (f"  not done: {each}" for each in told.effects)
    yield from (f"  {note}" for note in told.notes)


def _kib(size: int) -> str:
    return f"{size / 1024:,.1f} KiB"
