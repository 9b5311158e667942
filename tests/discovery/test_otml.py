from __future__ import annotations

import pytest

from host.discovery.otml import DEEPEST, Node, parse_otml


def read(text: str) -> Node:
    root, faults = parse_otml(text)
    assert faults == []
    return root


def faults(text: str) -> list[tuple[int, str]]:
    return [(fault.line, fault.message) for fault in parse_otml(text)[1]]


def value(text: str) -> str | None:
    (node,) = read(text).children
    return node.value


def items(text: str) -> list[str | None]:
    (node,) = read(text).children
    return [child.value for child in node.children]


def test_nodes_have_tags_values_lines_and_children() -> None:
    root = read("Module\n  name: chat\n\n  author: Ana\nOther\n  name: talk\n")
    assert [(node.tag, node.value, node.line) for node in root.children] == [("Module", "", 1), ("Other", "", 5)]
    assert [(node.tag, node.value, node.line) for node in root.children[0].children] == [
        ("name", "chat", 2),
        ("author", "Ana", 4),
    ]
    assert [node.value for node in root.children[1].children] == ["talk"]


@pytest.mark.parametrize("comment", ["// a: b", "# a: b", "\t// however indented", "   # and that", "", " "])
def test_comments_and_empty_lines_are_nothing_wherever_they_stand(comment: str) -> None:
    root = read(f"a: 1\n{comment}\nb: 2\n")
    assert [node.tag for node in root.children] == ["a", "b"]


def test_a_colon_or_two_slashes_in_a_value_are_part_of_it() -> None:
    assert value("website: https://example.com/#top") == "https://example.com/#top"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("[a, b]", ["a", "b"]),
        ("[ a , b , ]", ["a", "b"]),
        ("[]", []),
        ('["a, b", "c\\"d", e]', ["a, b", 'c"d', "e"]),
        ('["a" b, c]', ['"a" b', "c"]),
    ],
)
def test_a_list_in_brackets_has_its_items(text: str, wanted: list[str]) -> None:
    assert items(f"list: {text}") == wanted


def test_a_list_of_dashes_has_its_items_whatever_is_in_them() -> None:
    assert items("list:\n  - a\n  -b\n  - c: d\n  - ~\n") == ["a", "b", "c: d", None]


def test_a_tilde_is_nothing() -> None:
    root = read("a: ~\n")
    assert root.children[0].value is None
    assert root.get("a") is None


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ('"a b"', "a b"),
        (r'"tab\tline\nend"', "tab\tline\nend"),
        (r'"a \"quoted\" \'word\'"', "a \"quoted\" 'word'"),
        (r'"C:\\new"', r"C:\new"),
        (r'"\q"', r"\q"),
        ('"open', '"open'),
        ('"', '"'),
        ('"|"', "|"),
        ('"~"', "~"),
        ('"[a]"', "[a]"),
    ],
)
def test_quotes_are_taken_off_and_escapes_undone_once(text: str, wanted: str) -> None:
    assert value(f"a: {text}") == wanted


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [("|", "one\n  two\n\nthree\n"), ("|-", "one\n  two\n\nthree"), ("|+", "one\n  two\n\nthree\n\n\n")],
)
def test_a_text_of_several_lines_keeps_its_inner_indentation_and_ends_as_its_sign_says(kind: str, wanted: str) -> None:
    root = read(f"Module\n  code: {kind}\n    one\n      two\n\n    three\n\n\n  next: 1\n")
    code, after = root.children[0].children
    assert (code.value, code.line, code.block) == (wanted, 2, True)
    assert (after.tag, after.line) == ("next", 9)


def test_what_looks_like_a_comment_in_a_text_is_part_of_it() -> None:
    assert value("code: |-\n  # of Lua\n  // no comment\n  \tx()\n") == "# of Lua\n// no comment\n\tx()"


def test_a_text_that_ends_with_the_file_is_whole() -> None:
    assert value("code: |\n  x()") == "x()\n"
    assert value("code: |") == "\n"


def test_of_two_fields_of_a_name_the_later_one_counts_and_lists_in_brackets_are_joined() -> None:
    root = read("a: 1\nb: [x]\na: 2\nb: [y]\n")
    assert [(node.tag, node.value) for node in root.children] == [("a", "2"), ("b", "")]
    assert [node.value for node in root.children[1].children] == ["x", "y"]


def test_foreign_line_ends_do_no_harm() -> None:
    root = read("a: 1\r\ncode: |\r\n  x()\r\n  y()\r\n")
    assert [node.value for node in root.children] == ["1", "x()\ny()\n"]


def test_a_tab_in_the_indentation_is_a_fault_with_its_line() -> None:
    assert faults("Module\n\tname: chat\n") == [(2, "is indented with a tab; write two spaces for each level")]
    assert faults("code: |\n  x()\n\ty()\n") == [(3, "is indented with a tab; write two spaces for each level")]


def test_an_odd_indentation_is_a_fault_with_its_line() -> None:
    assert faults("Module\n   name: chat\n") == [(2, "is indented by 3 spaces; write two for each level")]
    assert faults("Module\n  code: |\n   x()\n") == [(3, "is indented by 3 spaces; write two for each level")]


def test_a_level_left_out_is_a_fault_with_its_line() -> None:
    assert faults("Module\n    name: chat\n") == [(2, "is indented by 4 spaces, where 2 are the most")]
    assert faults("  name: chat\n") == [(1, "is indented by 2 spaces, where 0 are the most")]


def test_all_faults_are_told_and_what_is_between_them_is_read() -> None:
    root, found = parse_otml("Module\n\ta: 1\n  b: 2\n   c: 3\n  d: 4\n")
    assert [fault.line for fault in found] == [2, 4]
    assert [(node.tag, node.value) for node in root.children[0].children] == [
        ("a", "1"),
        ("b", "2"),
        ("c", "3"),
        ("d", "4"),
    ]


def test_what_is_too_deep_is_a_fault_and_no_recursion() -> None:
    text = "\n".join("  " * depth + "a" for depth in range(2000))
    found = faults(text)
    assert found[0] == (DEEPEST + 2, f"is indented more than {DEEPEST} levels deep")
    assert all(line > DEEPEST for line, _ in found)
