"""Laws of OTML: no text breaks the reader, what is written is read back, and a fault has a line that is there."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from host.discovery.manifest_file import parse_manifest
from host.discovery.otml import Node, parse_otml
from host.vocabulary.errors import ManifestInvalid
from host.vocabulary.identity import Tier
from host.vocabulary.problem import Problem

FILE = Path("/modules/chat/chat.otmod")

pieces = st.sampled_from(
    [
        *(
            "Module",
            "  ",
            "\t",
            " ",
            "\n",
            "\r\n",
            ":",
            "-",
            "- ",
            "[",
            "]",
            ",",
            "|",
            "|-",
            "|+",
            "~",
            '"',
            "\\",
            "//",
            "#",
        ),
        *(
            "name",
            "name: chat",
            "  name: chat\n",
            "scripts: [ a ]",
            "@onLoad: |\n",
            "dependencies:",
            "1.0",
            "\x00",
            "é",
        ),
    ]
)
texts = st.one_of(st.text(max_size=200), st.lists(pieces, max_size=40).map("".join))
tags = st.from_regex(r"[a-z][a-z0-9-]{0,8}", fullmatch=True)
values = st.text(st.characters(codec="utf-8", exclude_characters="\r\n\x00"), max_size=20)
blocks = st.lists(st.from_regex(r"([!-~]([ -~]{0,9}[!-~])?)?", fullmatch=True), min_size=1, max_size=4)

Tree = dict[str, "str | list[str] | tuple[str, ...] | Tree | None"]
trees: st.SearchStrategy[Tree] = st.recursive(
    st.dictionaries(tags, st.one_of(values, st.none(), st.lists(values, max_size=3), blocks.map(tuple)), max_size=4),
    lambda inner: st.dictionaries(tags, inner, max_size=3),
    max_leaves=8,
)


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t") + '"'


def written(tree: Tree, depth: int = 0) -> str:
    """A tree as OTML: texts in quotes, lists with dashes, tuples of lines as texts of several lines."""
    indent, inner = "  " * depth, "  " * (depth + 1)
    lines = []
    for tag, value in tree.items():
        match value:
            case None:
                lines.append(f"{indent}{tag}: ~")
            case str():
                lines.append(f"{indent}{tag}: {quoted(value)}")
            case list():
                lines += [f"{indent}{tag}:", *(f"{inner}- {quoted(item)}" for item in value)]
            case tuple():
                lines += [f"{indent}{tag}: |-", *(f"{inner}{line}" if line else "" for line in value)]
            case _:
                lines += [f"{indent}{tag}", written(value, depth + 1)]
    return "\n".join(lines)


def as_written(node: Node, tree: Tree) -> None:
    """See that a node holds what a tree says."""
    assert [child.tag for child in node.children] == list(tree)
    for child, value in zip(node.children, tree.values(), strict=True):
        match value:
            case None | str():
                assert child.value == value
            case list():
                assert [item.value for item in child.children] == value
            case tuple():
                assert child.value == "\n".join(value).rstrip("\n")
            case _:
                as_written(child, value)


@given(texts)
def test_no_text_breaks_the_reader_and_each_fault_is_in_a_line_of_it(text: str) -> None:
    _, faults = parse_otml(text)
    lines = text.count("\n") + 1
    assert all(1 <= fault.line <= lines for fault in faults)
    assert [fault.line for fault in faults] == sorted(fault.line for fault in faults)


@given(trees)
def test_what_is_written_is_read_back(tree: Tree) -> None:
    root, faults = parse_otml(written(tree))
    assert faults == []
    as_written(root, tree)


@given(trees, st.integers(0, 100))
def test_comments_and_empty_lines_before_and_after_change_nothing(tree: Tree, count: int) -> None:
    root, faults = parse_otml("// a: b\n" * count + written(tree) + "\n# end" * count)
    assert faults == []
    as_written(root, tree)


@given(texts)
def test_any_text_is_a_manifest_or_refused_with_lines_that_are_there(text: str) -> None:
    data = ("Module\n" + text).encode("utf-8", "surrogatepass")
    problems: tuple[Problem, ...] = ()
    try:
        assert parse_manifest(data, FILE, Tier.PLUGINS).name
    except ManifestInvalid as refusal:
        problems = refusal.problems
    assert all(0 <= problem.line <= data.count(b"\n") + 1 for problem in problems)
    assert all("\n" not in problem.message for problem in problems)
