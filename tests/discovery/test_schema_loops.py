"""A schema that refers to itself is refused where that never ends, and only there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from host.discovery.config_schema import parse_config_schema
from host.lifecycle.faults import faults

TREE = {"type": "object", "properties": {"child": {"$ref": "#"}, "name": {"$ref": "#/$defs/name"}}}


def said(schema: dict[str, Any]) -> list[str]:
    _, problems = parse_config_schema(json.dumps(schema).encode(), Path("config.schema.json"))
    return [each.message for each in problems]


@pytest.mark.parametrize(
    ("schema", "by"),
    [
        ({"$ref": "#"}, "#"),
        ({"properties": {"a": {"$ref": "#/properties/a"}}}, "#/properties/a"),
        ({"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"allOf": [{"$ref": "#/$defs/a"}]}}}, "#/$defs"),
        ({"anyOf": [{"type": "object"}, {"not": {"$ref": "#"}}]}, "#"),
        ({"if": {"$ref": "#/then"}, "then": {"$ref": "#/if"}}, "#/"),
        ({"$defs": {"a/b": {"$ref": "#/$defs/a~1b"}}}, "#/$defs/a~1b"),
        ({"$dynamicRef": "#"}, "#"),
        ({"$ref": "#a", "$defs": {"a": {"$anchor": "a", "not": {"$ref": "#a"}}}}, "#a"),
        ({"$id": "urn:x", "$ref": "urn:x"}, "urn:x"),
        ({"allOf": [{"$ref": ""}]}, "an empty reference"),
    ],
)
def test_what_never_ends_is_named(schema: dict[str, Any], by: str) -> None:
    (fault,) = said(schema)
    assert fault.startswith(f"refers to itself without end, by {by}")
    assert fault.endswith("; no settings can be judged by it")


@pytest.mark.parametrize(
    "schema",
    [
        TREE | {"$defs": {"name": {"type": "string"}}},
        {"$ref": "#/$defs/a", "$defs": {"a": {"items": {"$ref": "#"}}}},
        {"allOf": [{"$ref": "#/$defs/a"}, {"$ref": "#/$defs/a"}], "$defs": {"a": {"type": "object"}}},
        {"$ref": "elsewhere.json#/a"},
        {"$ref": "#name", "$defs": {"a": {"$anchor": "name"}}},
        {"$ref": "#/nowhere"},
        {"default": {"$ref": 5}, "allOf": 5, "not": []},
        {"$id": [], "$anchor": [], "$ref": "#x"},
    ],
)
def test_what_ends_is_not(schema: dict[str, Any]) -> None:
    assert said(schema) == []


def test_references_that_double_at_each_step_are_looked_at_once() -> None:
    definitions = {str(n): {"allOf": [{"$ref": f"#/$defs/{n + 1}"}] * 2} for n in range(500)} | {"500": {}}
    assert said({"$ref": "#/$defs/0", "$defs": definitions}) == []


def test_what_is_found_only_when_settings_are_judged_is_no_word_of_pythons() -> None:
    loop = {"$ref": "#/$defs/a", "$defs": {"a": {"not": {"$ref": "#/$defs/a"}}}}
    (fault,) = faults(loop, {})
    assert fault.message == (
        "config.schema.json cannot be used: it refers to itself without end, or is nested too deeply"
    )
