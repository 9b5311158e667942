"""The audit: its rows, and whether they are as they were written; of a running host, or of a data folder at rest."""

from __future__ import annotations

import argparse
import sqlite3
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from host.cli.asking import asked
from host.cli.folders import data_folder
from host.cli.printing import one_line
from host.cli.steering import as_json
from host.protocol.client import Client
from host.storage import Audit, read_audit
from host.storage.audit import HEAD_NAME
from host.storage.opening import DATABASE_NAME
from host.vocabulary.errors import HostError, HostUnreachable
from host.vocabulary.views import AuditCheck, AuditRow

T = TypeVar("T")


def audit(options: argparse.Namespace) -> int:
    """Print rows of the audit, or verify it."""
    return _verify(options) if options.verify else _show(options)


def _show(options: argparse.Namespace) -> int:
    name, most = options.module, options.count
    rows = _told(options, lambda host: host.audit(name, most), lambda kept: kept.rows(name, most))
    if options.json:
        print(as_json(rows))
    else:
        print("\n".join(map(_line, rows)) or "nothing was asked for")
    return 0


def _verify(options: argparse.Namespace) -> int:
    """Exit 1 where anything is not as it was written."""
    found = _told(options, lambda host: host.check_audit(), Audit.check)
    print(as_json(found) if options.json else _verdict(found))
    return 1 if found.problems else 0


def _told(options: argparse.Namespace, ask: Callable[[Client], Awaitable[T]], read: Callable[[Audit], T]) -> T:
    try:
        return asked(options, ask)
    except HostUnreachable as refusal:
        file = data_folder(options) / DATABASE_NAME
        if not file.is_file() and (file.parent / HEAD_NAME).is_file():
            missing = f"{file} is missing, and {HEAD_NAME} beside it tells of an audit in it; restore a backup"
            raise HostError(missing) from refusal
        if not file.is_file():
            raise HostError(f"{file.parent} holds no audit: no host ever ran there") from refusal
        try:
            return read(read_audit(file))
        except sqlite3.Error as error:
            raise HostError(f"the audit in {file} cannot be read: {error}; it is as it was") from error


def _line(row: AuditRow) -> str:
    times = f" ({row.count} times)" if row.count > 1 else ""
    through = f" through {row.through}" if row.through else ""
    module = f"{row.module} {row.version}".strip()
    details = f" {row.details}" if row.details else ""
    at = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(row.at))
    said = f"{row.id}  {at}  {row.verdict:<8}{module}: {row.permission} {row.wanted}"
    return one_line(f"{said}{through}{times}{details}")


def _verdict(found: AuditCheck) -> str:
    if found.problems:
        return "\n  ".join(("the audit is not as it was written:", *map(one_line, found.problems)))
    if not found.last:
        return "the audit is empty"
    return f"rows {found.first or found.last} to {found.last} are as they were written; the last digest is {found.head}"
