from __future__ import annotations

import pytest

from host.desktop.filtering import parse
from host.vocabulary.states import Status
from tests.desktop.stage import view

CHAT = view("advanced_chat", needs=("log", "word_filter"), ms_per_s=12.0, summary="Chat with rooms", faults=2)
CLOCK = view("clock", tier="core", status=Status.FAILED)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", ["advanced_chat", "clock"]),
        ("chat", ["advanced_chat"]),
        ("ROOMS", ["advanced_chat"]),
        ("is:failed", ["clock"]),
        ("is:fa", ["advanced_chat", "clock"]),
        ("is:faulty", ["advanced_chat"]),
        ("is:loaded", ["advanced_chat"]),
        ("uses:log", ["advanced_chat"]),
        ("dep:word", ["advanced_chat"]),
        ("tier:core", ["clock"]),
        ("ms>5", ["advanced_chat"]),
        ("ms<5", ["clock"]),
        ("is:active chat ms>5", ["advanced_chat"]),
        ("is:active clock", []),
    ],
)
def test_a_filter_lets_through(text: str, names: list[str]) -> None:
    wanted = parse(text)
    assert wanted.fault == ""
    assert [each.name for each in (CHAT, CLOCK) if wanted.accepts(each)] == names


@pytest.mark.parametrize("text", ["is:purple", "ms>", "ms>much", "colour:red"])
def test_a_term_that_is_not_understood_is_named_and_hides_nothing(text: str) -> None:
    wanted = parse(text)
    assert text in wanted.fault
    assert wanted.accepts(CHAT)
    assert wanted.accepts(CLOCK)
