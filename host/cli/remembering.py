"""``history`` and ``compare``: what was done to a module, and what is different since."""

from __future__ import annotations

import argparse
import time

from host.cli.folders import named_data
from host.cli.printing import one_line
from host.cli.steering import asked_and_shown
from host.vocabulary.states import Outcome
from host.vocabulary.views import Comparison, HistoryRow


def history(options: argparse.Namespace) -> int:
    """Print what was done to a module, newest first."""
    return asked_and_shown(
        options,
        lambda client: client.history(options.name),
        lambda rows: _history_text(options.name, rows, named_data(options)),
    )


def compare(options: argparse.Namespace) -> int:
    """Print what is different between two points of a module's history."""
    return asked_and_shown(
        options, lambda client: client.compare(options.name, options.earlier, options.later), _comparison_text
    )


def _history_text(name: str, rows: tuple[HistoryRow, ...], option: str) -> str:
    if not rows:
        return f"nothing was done to {name} yet"
    lines = [_row_text(row) for row in rows]
    back = next((row.id for row in rows if row.reachable), None)
    if back is not None:
        lines.append(f"what ran after an act with * can come back, as in: theseus rollback {name} --to {back}{option}")
    return "\n".join(map(one_line, lines))


def _row_text(row: HistoryRow) -> str:
    at = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(row.at))
    change = row.to_version if row.from_version in {"", row.to_version} else f"{row.from_version} -> {row.to_version}"
    outcome = "" if row.outcome is Outcome.COMMITTED else row.outcome.replace("_", " ")
    beside = f"with {', '.join(row.others)}" if row.others else ""
    detail = "; ".join(filter(None, (outcome, row.error or ", ".join(row.files), beside)))
    return f"{'*' if row.reachable else ' '} {row.id:>6}  {at}  {row.kind:<10}{change:<20}{detail}".rstrip()


def _comparison_text(found: Comparison) -> str:
    later = "now" if found.later is None else str(found.later)
    lines = [f"{found.module} {found.from_version} ({found.earlier}) -> {found.to_version} ({later})"]
    lines += [f"  file {file}" for file in found.files]
    lines += [f"  {each.path}: {each.before or 'nothing'} -> {each.after or 'nothing'}" for each in found.differences]
    if found.beyond:
        lines.append(f"  and {found.beyond:,} more")
    if found.message:
        lines.append(f"  {found.message}")
    return "\n".join(map(one_line, lines)) if len(lines) > 1 else f"{lines[0]}: no difference"
