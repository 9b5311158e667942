"""Laws of manifests: every key has its line, and no bytes bring anything but a manifest or a refusal."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from host.discovery.manifest_file import parse_manifest
from host.discovery.toml_lines import KeyPath, key_lines, nearest_line
from host.vocabulary.errors import ManifestInvalid
from host.vocabulary.identity import Tier
from host.vocabulary.problem import Problem

FILE = Path("/modules/plugins/chat/module.toml")

BARE = st.from_regex(r"[A-Za-z0-9_-]{1,6}", fullmatch=True)
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\r"), max_size=8)
QUOTED = TEXT.filter(lambda text: "'" not in text and text.isprintable())
SCALARS = st.one_of(
    st.integers(-9, 9).map(str),
    st.booleans().map(lambda flag: str(flag).lower()),
    TEXT.filter(str.isprintable).map(lambda text: json.dumps(text, ensure_ascii=False).replace("\x7f", "")),
    QUOTED.map(lambda text: f"'{text}'"),
    st.sampled_from(['"""\n# no comment\n[no.table]\nno = "key"\\""""', "'''\n''\n]'''", "1979-05-27 07:32:00", "nan"]),
)
KEYS = st.one_of(BARE, QUOTED.map(lambda text: f"'{text}'"), BARE.map(json.dumps))
DOTTED = st.lists(KEYS, min_size=1, max_size=3).map(" . ".join)
PAIRS = st.tuples(DOTTED, SCALARS).map(" = ".join)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: "[ # ]\n" + ",\n".join(items) + "\n]"),
        st.lists(st.tuples(KEYS, inner).map("=".join), max_size=2).map(lambda pairs: "{ " + ", ".join(pairs) + " }"),
    ),
    max_leaves=5,
)
LINES = st.one_of(
    st.tuples(DOTTED, VALUES).map(" = ".join),
    PAIRS.map(lambda pair: f"\t{pair} # a = 1"),
    DOTTED.map(lambda key: f"[{key}]"),
    DOTTED.map(lambda key: f"[[ {key} ]] # [x]"),
    st.sampled_from(["", "# [comment]"]),
)
DOCUMENTS = st.lists(LINES, max_size=8).map("\n".join)


def paths(values: object, path: KeyPath = ()) -> Iterator[KeyPath]:
    if isinstance(values, Mapping):
        for key, value in values.items():
            yield (*path, key)
            yield from paths(value, (*path, key))
    elif isinstance(values, list):
        for value in values:
            yield from paths(value, path)


def parsed(text: str) -> dict[str, Any] | None:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None


@settings(max_examples=400, deadline=None)
@given(DOCUMENTS)
@example('a = """x\n""""\nb = 1')
@example("a = ''''x''''\nb = 1")
def test_every_key_of_a_document_has_a_line_and_its_name_stands_there(text: str) -> None:
    values = parsed(text)
    if values is None:
        return
    found = key_lines(text)
    assert set(found) == set(paths(values))
    lines = text.split("\n")
    for path, line in found.items():
        assert path[-1] in lines[line - 1] or json.dumps(path[-1])[1:-1] in lines[line - 1]


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60))
def test_the_scan_of_any_text_ends_and_raises_nothing(text: str) -> None:
    assert nearest_line(key_lines(text), ("no such key of any text",)) == 0


@settings(max_examples=300, deadline=None)
@given(st.one_of(DOCUMENTS.map(str.encode), st.binary(max_size=80)))
def test_any_bytes_give_a_manifest_or_problems_in_one_line_each(data: bytes) -> None:
    lines = data.count(b"\n") + 1
    for problem in refused(data):
        assert 0 <= problem.line <= lines
        assert "\n" not in problem.message


def refused(data: bytes) -> tuple[Problem, ...]:
    try:
        parse_manifest(data, FILE, Tier.PLUGINS, "chat")
    except ManifestInvalid as refusal:
        return refusal.problems
    return ()
