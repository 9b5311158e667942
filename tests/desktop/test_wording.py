"""Words as the window shows them."""

from __future__ import annotations

import pytest

from host.desktop.wording import sentence


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("it was asked for itself", "It was asked for itself."),
        ("word_filter 1.0.0 would be loaded", "word_filter 1.0.0 would be loaded."),
        ("chat 2.1.0 runs", "chat 2.1.0 runs."),
        ("init.lua:41 is broken", "init.lua:41 is broken."),
        ("Why?", "Why?"),
        ("", ""),
    ],
)
def test_a_sentence_has_a_capital_but_where_it_begins_with_a_name(text: str, shown: str) -> None:
    assert sentence(text) == shown
