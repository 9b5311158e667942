"""All faults of settings at once, each at its place; and schemas that are none."""

from __future__ import annotations

from typing import Any

import pytest

from host.lifecycle.faults import faults


def told(schema: dict[str, Any] | None, settings: dict[str, Any]) -> list[tuple[tuple[str | int, ...], str]]:
    return [(each.path, each.message) for each in faults(schema, settings)]


def test_every_fault_is_told_at_its_place_at_once() -> None:
    schema = {
        "required": ["name", "rooms"],
        "properties": {"limit": {"maximum": 9}, "rooms": {"items": {"required": ["title"]}}},
    }
    assert sorted(told(schema, {"limit": 12, "rooms": [{"title": "a"}, {}]})) == [
        (("limit",), "12 is greater than the maximum of 9"),
        (("name",), "is missing"),
        (("rooms", 1, "title"), "is missing"),
    ]


def test_of_several_shapes_the_nearest_says_what_is_wrong() -> None:
    shape = {"type": "object", "properties": {"port": {"type": "integer"}}, "required": ["port"]}
    schema = {"properties": {"target": {"oneOf": [shape, {"type": "string"}]}}}
    assert told(schema, {"target": {"port": "x"}}) == [(("target", "port"), "'x' is not of type 'integer'")]


def test_without_a_schema_everything_is_right() -> None:
    assert told(None, {"any": 1}) == []


@pytest.mark.parametrize(
    ("schema", "why"),
    [
        ({"type": "nonsense"}, "nonsense"),
        ({"properties": {"a": {"$ref": "#/$defs/none"}}}, "refers to"),
        ({"properties": {"a": {"$ref": "https://example.org/never.json"}}}, "https://example.org/never.json"),
        ({"properties": {"a": {"pattern": "("}}}, "("),
    ],
)
def test_a_schema_that_cannot_be_used_is_one_fault_and_nothing_is_fetched(schema: dict[str, Any], why: str) -> None:
    ((path, message),) = told(schema, {"a": "text"})
    assert path == ()
    assert message.startswith("config.schema.json cannot be used: ")
    assert why in message
