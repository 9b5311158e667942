"""What a permission asks for is what people see when they are asked."""

from __future__ import annotations

import pytest

from host.vocabulary.errors import PatternInvalid
from host.vocabulary.permission import check_pattern

UNSEEN = {
    "turns": "\u202e",
    "isolates": "\u2066",
    "marks": "\u200f",
    "joins": "\u200d",
    "breaks nothing": "\u200b",
    "begins a file": "\ufeff",
    "ends a line": "\u2028",
    "is a wide blank": "\u3000",
    "is a soft hyphen": "\u00ad",
    "is a tag": "\U000e0061",
    "is half a pair": "\ud800",
    "bell": "\a",
}


@pytest.mark.parametrize("character", UNSEEN.values(), ids=list(UNSEEN))
@pytest.mark.parametrize(
    ("permission", "pattern"),
    [("fs.read", "data/{}**"), ("fs.write", "~/notes/a{}.md"), ("exec", "git{}"), ("modules", "emit:on{}Save")],
)
def test_a_character_that_nobody_sees_is_refused(permission: str, pattern: str, character: str) -> None:
    with pytest.raises(PatternInvalid, match="all of which can be seen"):
        check_pattern(permission, pattern.format(character))


@pytest.mark.parametrize("name", ["Übung", "日本語", "naïve", "файл", "a b", "e\u0301"])
def test_names_in_any_script_may_be_asked_for(name: str) -> None:
    check_pattern("fs.read", f"data/{name}/**")
