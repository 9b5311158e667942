"""CSV: rows of texts, by place or by the names of the first."""

import csv
import io
from collections.abc import Iterator
from types import SimpleNamespace

from host.lifecycle.native_data import Data
from host.vocabulary.errors import HostError

from .bounds import few


def csv_decode(text: str, options: Data) -> Data:
    separator, rows, values = separator_of(options), list[list[str]](), 0

    def lines() -> Iterator[str]:
        for line in io.StringIO(text, newline=""):
            few("CSV", line.count(separator))
            yield line

    reader = csv.reader(lines(), delimiter=separator, strict=True)
    try:
        for row in reader:
            values += 1 + len(row)
            few("CSV", values)
            rows.append(row)
    except csv.Error as fault:
        raise ValueError(f"{fault} (line {reader.line_num})") from None
    return by_names(rows) if options.get("header") else rows


def by_names(rows: list[list[str]]) -> list[dict[str, str]]:
    names, *rest = rows or [[]]
    for place, name in enumerate(names):
        if name in names[:place]:
            raise ValueError(f'the header says "{name[:40]}" twice; read it without header')
    for number, row in enumerate(rest, 2):
        if len(row) != len(names):
            raise ValueError(f"row {number} has {len(row)} fields, and the header {len(names)}")
    return [dict(zip(names, row, strict=True)) for row in rest]


def csv_encode(value: Data, options: Data) -> str:
    if not isinstance(value, list) and value != {}:
        raise HostError("bad argument #1 to 'csv_encode' (a list of rows expected)")
    lines: list[str] = []
    # It puts into quotes what it ends lines with: both kinds of ends have to be.
    writer = csv.writer(SimpleNamespace(write=lines.append), delimiter=separator_of(options), lineterminator="\r\n")
    rows = list(value)
    named = bool(rows) and is_named(rows[0])
    for number, row in enumerate(rows, 1):
        if not isinstance(row, list | dict) or (row != {} and is_named(row) is not named):
            raise ValueError(f"row {number} is no {'table by names' if named else 'list'}, as the first is")
    if named:
        names = sorted({name for row in rows for name in row})
        few("CSV", len(names) * len(rows))  # a row has a field for each, and most may be empty
        writer.writerow(names)
        rows = [[row.get(name) for name in names] for row in rows]
    else:
        rows = [in_order(row) for row in rows]
        few("CSV", sum(map(len, rows)))
    for number, row in enumerate(rows, 1):
        writer.writerow([field(each, f"field {place} of row {number}") for place, each in enumerate(row, 1)])
    return "".join(line.removesuffix("\r\n") + "\n" for line in lines)


def is_named(row: Data) -> bool:
    return isinstance(row, dict) and any(isinstance(name, str) for name in row)


def in_order(row: Data) -> list[Data]:
    """A row by place, with nothing in its gaps."""
    if isinstance(row, list):
        return row
    last = max(row, default=0)
    if not all(isinstance(place, int) and place > 0 for place in row):
        raise ValueError("a row has places from 1 on, or names")
    few("CSV", last)
    return [row.get(place) for place in range(1, last + 1)]


def field(value: Data, where: str) -> Data:
    match value:
        case list() | dict():
            raise ValueError(f"{where} is a table, and there are no tables in CSV; make a text of it")
        case bool():
            return str(value).lower()
        case None:
            return ""
    return value


def separator_of(options: Data) -> str:
    separator = options.get("separator", ",")
    if not isinstance(separator, str) or len(separator) != 1 or separator in '"\r\n':
        raise ValueError("a separator is one character, and no quote and no end of a line")
    return separator
