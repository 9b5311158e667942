"""What a JSON Schema (2020-12) says of one place: references followed, what must hold together put together."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

Schema = Mapping[str, Any]

DEEPEST: Final = 12
"""Levels of references and of nested fields; a schema may refer to itself for ever."""

DEEPEST_UNSAID: Final = 1
"""Levels of nested fields below one that is not set; what lies deeper is made when it is wanted."""

UNEDITABLE: Final = re.compile(
    "[\\x00-\\x09\\x0b-\\x1f\\x7f-\\xa0\\u2028\\u2029\\ud800-\\udfff\\ufdd0-\\ufdef\\ufffc\\ufffe\\uffff]"
)
"""Characters that Qt's editors change or drop; a line break is well in text of several lines only."""

_KINDS: Final = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}


def flat(schema: object, root: Schema) -> Schema:
    """One schema without ``$ref`` and ``allOf``: what stands beside them goes over what they say.

    What is no schema, or leads nowhere or for ever, says nothing, so anything may stand there.
    """
    return _flat(schema, root, set(), DEEPEST)


def _flat(schema: object, root: Schema, followed: set[str], depth: int) -> Schema:
    """As :func:`flat`; each reference is followed once, or schemas that refer to one another grow without end."""
    if not isinstance(schema, dict) or not depth:
        return {}
    said: dict[str, Any] = {}
    reference = schema.get("$ref")
    if isinstance(reference, str) and reference not in followed:
        followed.add(reference)
        said = joined(said, _flat(_pointed(reference, root), root, followed, depth - 1))
    for part in _list(schema.get("allOf")):
        said = joined(said, _flat(part, root, followed, depth - 1))
    return joined(said, {key: value for key, value in schema.items() if key not in {"$ref", "allOf"}})


def joined(one: Schema, other: Schema) -> dict[str, Any]:
    """Both at once; of properties and required names all, else the later word counts."""
    both = {**one, **other}
    for key in ("properties", "required"):
        first, second = one.get(key), other.get(key)
        if isinstance(first, dict) and isinstance(second, dict):
            both[key] = {**first, **second}
        elif isinstance(first, list) and isinstance(second, list):
            both[key] = [*first, *(each for each in second if each not in first)]
    return both


def kind_of(schema: Schema) -> str:
    """How it is edited: ``choice``, ``union``, a JSON type, or ``json`` where there is no other way."""
    branches = branches_of(schema)
    if "const" in schema or isinstance(schema.get("enum"), list):
        return "choice"
    if branches and all(isinstance(each, dict) and "const" in each for each in branches):
        return "choice"
    if branches:
        return "union"
    said = schema.get("type")
    if isinstance(said, str) and said in {"string", "integer", "number", "boolean", "array", "object"}:
        return said
    if said is None and isinstance(schema.get("properties"), dict):
        return "object"
    return "json"


def branches_of(schema: Schema) -> Sequence[Any]:
    """The alternatives of ``oneOf`` or ``anyOf``."""
    return _list(schema.get("oneOf")) or _list(schema.get("anyOf"))


def choices_of(schema: Schema) -> list[tuple[str, Any]]:
    """What can be chosen, in words and as it is."""
    if "const" in schema:
        return [(_words(schema["const"]), schema["const"])]
    if isinstance(schema.get("enum"), list):
        return [(_words(value), value) for value in schema["enum"]]
    return [(str(each.get("title") or _words(each["const"])), each["const"]) for each in branches_of(schema)]


def alternatives(schema: Schema, root: Schema) -> list[tuple[str, Schema]]:
    """The branches of a union, each with what holds for all of them."""
    shared = {key: value for key, value in schema.items() if key not in {"oneOf", "anyOf", "title", "description"}}
    found: list[tuple[str, Schema]] = []
    for number, branch in enumerate(branches_of(schema), 1):
        said = joined(shared, flat(branch, root))
        name = said.get("title") or said.get("type") or f"option {number}"
        found.append((str(name), said))
    return found


def fits(schema: Schema, value: object, root: Schema) -> bool:
    """Whether a field made from the schema can show a value; whether it is valid, the engine says."""
    kind = kind_of(schema)
    if kind == "choice":
        return any(same(value, each) for _, each in choices_of(schema))
    if kind == "union":
        return any(kind_of(each) != "union" and fits(each, value, root) for _, each in alternatives(schema, root))
    if kind == "json":
        return True
    found = _KINDS.get(type(value), "")
    if kind == "number":
        return found in {"integer", "number"}
    if kind != found:
        return False
    if isinstance(value, str):
        return "\n" not in value and UNEDITABLE.search(value) is None
    if isinstance(value, dict):
        named = schema.get("properties", {})
        fixed = {key: flat(each, root) for key, each in named.items()} if isinstance(named, dict) else {}
        tags = {key: each for key, each in fixed.items() if "const" in each}
        return all(key not in value or same(value[key], each["const"]) for key, each in tags.items())
    return True


def blank(schema: Schema) -> Any:  # noqa: ANN401 - any JSON value
    """What a new item begins with."""
    if "default" in schema:
        return schema["default"]
    return {"string": "", "boolean": False, "object": {}, "array": []}.get(kind_of(schema))


def same(one: object, other: object) -> bool:
    """Equal as JSON has it: ``1`` is not ``true``."""
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def _pointed(reference: str, root: Schema) -> object:
    """What a reference within the schema points at; nothing of another document is fetched."""
    if not reference.startswith("#"):
        return None
    place: object = root
    for word in reference[1:].split("/")[1:]:
        key = word.replace("~1", "/").replace("~0", "~")
        place = place.get(key) if isinstance(place, dict) else None
    return place


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _words(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
