"""``config.schema.json``: the JSON Schema of a module's configuration, where it has one."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from host.discovery.inside import NotInsideError, read_inside
from host.discovery.schema_loops import endless
from host.vocabulary.payload import DEPTH, LARGEST_INT
from host.vocabulary.problem import Problem

SCHEMA_NAME: Final = "config.schema.json"
LARGEST: Final = 256 << 10


def read_config_schema(folder: Path) -> tuple[Mapping[str, Any] | None, tuple[Problem, ...]]:
    """Read the schema in a module's folder.

    Returns:
        The schema, ``None`` where there is none or it cannot be used; and what is wrong with it.
    """
    file = folder / SCHEMA_NAME
    if not file.is_symlink() and not file.exists():
        return None, ()
    try:
        data = read_inside(folder, SCHEMA_NAME, LARGEST)
    except NotInsideError as fault:
        return None, (Problem(SCHEMA_NAME, str(fault), file),)
    return parse_config_schema(data, file)


def parse_config_schema(data: bytes, file: Path) -> tuple[Mapping[str, Any] | None, tuple[Problem, ...]]:
    """Read a schema's bytes; ``file`` is where they came from. As :func:`read_config_schema`."""
    try:
        values = _values(data)
    except json.JSONDecodeError as fault:
        return None, (Problem(SCHEMA_NAME, f"is not JSON: {fault.msg[:1].lower()}{fault.msg[1:]}", file, fault.lineno),)
    except UnicodeDecodeError:
        return None, (Problem(SCHEMA_NAME, "is not UTF-8; save it in that encoding", file),)
    except RecursionError:
        return None, (Problem(SCHEMA_NAME, "is nested too deeply", file),)
    except _UnusableError as fault:
        return None, (Problem(SCHEMA_NAME, str(fault), file),)
    except ValueError:  # Python's own limit on the digits of a number
        return None, (Problem(SCHEMA_NAME, "has a number that is too long", file),)
    if not isinstance(values, dict):
        return None, (Problem(SCHEMA_NAME, "must be a JSON object", file, 1),)
    said = list(_unfit_defaults(values))
    if reference := endless(values):
        said.append(f"refers to itself without end, by {reference}; no settings can be judged by it")
    faults = tuple(Problem(SCHEMA_NAME, fault, file) for fault in said)
    return (None if faults else values), faults


def _unfit_defaults(schema: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with each default that no module can be handed."""
    properties = schema.get("properties")
    for name, member in properties.items() if isinstance(properties, dict) else ():
        if isinstance(member, dict) and (fault := _unfit(member.get("default"))):
            yield f"gives properties.{name} a default with {fault}"


def _unfit(value: object, depth: int = 1) -> str:
    if isinstance(value, str):
        halves = any("\ud800" <= each <= "\udfff" for each in value)
        return "half a surrogate pair, which no text has" if halves else ""
    if isinstance(value, int):
        return "" if abs(value) <= LARGEST_INT else "an integer beyond 2^53, which no Lua number holds exactly"
    if not isinstance(value, (dict, list)):
        return ""
    if depth >= DEPTH:
        return f"more than {DEPTH - 1} levels"  # the configuration is one around it
    parts = [*value, *value.values()] if isinstance(value, dict) else value
    return next(filter(None, (_unfit(each, depth + 1) for each in parts)), "")


class _UnusableError(Exception):
    """JSON that Python reads and that is none, or that says two things."""


def _values(data: bytes) -> object:
    return json.loads(data.decode("utf-8-sig"), object_pairs_hook=_object, parse_constant=_refuse_constant)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) < len(pairs):
        keys = [key for key, _ in pairs]
        raise _UnusableError(f"has the key {next(key for key in keys if keys.count(key) > 1)!r} twice in one object")
    return values


def _refuse_constant(name: str) -> object:
    raise _UnusableError(f"is not JSON: {name} is no number")
