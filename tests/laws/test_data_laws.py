"""What the data module writes, it reads as it was."""

from __future__ import annotations

import json
import string
from pathlib import Path
from typing import Any, Final

from hypothesis import given
from hypothesis import strategies as st

from host.lifecycle.native import Native, read_native
from host.runtime.crossing import Crossing
from host.trust.caller import Caller
from host.trust.gate import Gate
from host.trust.places import Places
from host.trust.policy import Policy
from tests.modules.bundled import MANIFESTS

NOWHERE: Final = Path("nowhere")
MANIFEST: Final = next(manifest for manifest in MANIFESTS if manifest.name == "data")
CALLER: Final = Caller(MANIFEST, NOWHERE)
NATIVE: Final[Native] = read_native(MANIFEST, NOWHERE, Gate(Policy(), Places.of(NOWHERE, ()), lambda _use: None))

TEXT: Final = st.text(st.characters(codec="utf-8"), max_size=5)
NUMBERS: Final = st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False).filter(
    lambda each: not each.is_integer()
)
JSON: Final = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
)
NAMES: Final = st.text(string.ascii_letters, min_size=1, max_size=3)
WORDS: Final = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn", "Co"]), max_size=5)
FIELDS: Final = st.text(st.sampled_from('a,;"\n\r ä'), max_size=4)


def call(name: str, *arguments: Any) -> Any:
    answer = NATIVE.call(name, Crossing.of(*arguments), CALLER)
    assert isinstance(answer, Crossing)
    value = answer.value()
    assert not isinstance(value, tuple) or value[0] is not None, value
    return value


@st.composite
def elements(draw: st.DrawFn, depth: int = 3) -> str:
    """XML as it is written, with text anywhere."""
    inner = draw(st.lists(elements(depth - 1) if depth else st.nothing(), max_size=3)) if depth else []
    escaped = WORDS.map(lambda text: text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))
    name, first = draw(NAMES), draw(escaped)
    body = first + "".join(each + draw(escaped) for each in inner)
    return f"<{name}>{body}</{name}>" if body else f"<{name} />"


@given(JSON)
def test_json_that_keeps_null_comes_back_as_it_was(value: Any) -> None:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert json.loads(call("json_encode", call("json_decode", text, {"null": True}))) == value


@given(st.lists(st.none() | NUMBERS, max_size=8))
def test_a_list_of_which_half_is_there_comes_back_up_to_its_last_value(items: list[Any]) -> None:
    while items and items[-1] is None:
        items.pop()
    if 2 * sum(each is not None for each in items) >= len(items):
        assert json.loads(call("json_encode", call("json_decode", json.dumps(items)))) == items


@given(elements())
def test_xml_loses_no_text(text: str) -> None:
    once = call("xml_decode", text)
    written = call("xml_encode", once)
    assert call("xml_decode", written) == once
    if any(part.strip() for part in texts(text)):
        assert "".join(texts(written)).split() == "".join(texts(text)).split()


def texts(markup: str) -> list[str]:
    return [part.partition(">")[2] for part in markup.split("<")]


@given(st.lists(st.lists(FIELDS, min_size=1, max_size=4), max_size=5))
def test_rows_come_back_as_they_were(rows: list[list[str]]) -> None:
    assert call("csv_decode", call("csv_encode", rows)) == (rows or {0: "[]"})


@given(st.lists(st.lists(st.none() | st.text("ab", min_size=1), min_size=1, max_size=5), min_size=1, max_size=4))
def test_a_gap_is_an_empty_field(rows: list[list[str | None]]) -> None:
    given_rows = [{place: each for place, each in enumerate(row, 1) if each is not None} for row in rows]
    said = call("csv_decode", call("csv_encode", given_rows))
    found = [] if said == {0: "[]"} else said
    wanted = []
    for row in rows:
        while row and row[-1] is None:
            row.pop()
        wanted.append([each or "" for each in row])
    assert [[] if row == {0: "[]"} else row for row in found] == wanted
