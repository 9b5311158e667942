"""Whatever a module's settings are, and whatever its schema says, the form gives them back as they were."""

from __future__ import annotations

import json
import os
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from host.desktop.form.field import Spot, as_text
from host.desktop.form.nested import made_field
from host.desktop.panels.config import _Names

pytestmark = pytest.mark.usefixtures("qapp")

KEYS = st.sampled_from(["a", "b", "A", "$ref", "", "\u00e9", "b c"])
SETTINGS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=6,
)
SCHEMAS = st.recursive(
    st.sampled_from(
        [True, {}, {"type": "string"}, {"type": "integer"}, {"type": "number"}, {"type": "boolean"}, {"type": "array"},
         {"const": 1}, {"enum": ["a", 1, True, None]}, {"type": ["string", "null"]}, {"$ref": "#"}, {"$ref": "#/x"},
         {"type": "string", "format": "password"}, {"type": 5}, "none"]
    ),
    lambda inner: st.one_of(
        st.builds(lambda each: {"type": "array", "items": each}, inner),
        st.builds(lambda each: {"type": "object", "properties": each}, st.dictionaries(KEYS, inner, max_size=3)),
        st.builds(lambda each: {"oneOf": each}, st.lists(inner, max_size=2)),
        st.builds(lambda each: {"allOf": each}, st.lists(inner, max_size=2)),
    ),
    max_leaves=5,
)  # fmt: skip


@given(SCHEMAS, SETTINGS)
def test_a_form_gives_back_what_it_was_given(schema: Any, settings: Any) -> None:
    root = schema if isinstance(schema, dict) else {}
    form = made_field(Spot((), "Settings", root, _Names()), schema, settings)
    assert json.dumps(form.value(), sort_keys=True) == json.dumps(settings, sort_keys=True)
    form.deleteLater()


@given(SETTINGS)
def test_what_is_edited_as_text_is_the_same_json(settings: Any) -> None:
    assert json.dumps(json.loads(as_text(settings))) == json.dumps(settings)
