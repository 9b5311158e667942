"""The page about the protocol says what the types say."""

from __future__ import annotations

from pathlib import Path

from host.protocol.documentation import document, refusals

PAGE = Path(__file__).parents[2] / "docs" / "protocol.md"


def test_the_page_is_as_the_types_are() -> None:
    remedy = "run: python -m host.protocol.documentation > docs/protocol.md"
    assert PAGE.read_text(encoding="utf-8") == document(), remedy


def test_no_two_refusals_share_a_code() -> None:
    codes = sorted(kind.code for kind in refusals())
    assert len(codes) > 15
    assert codes == sorted(set(codes))


def test_the_page_names_every_method_and_refusal() -> None:
    page = document()
    for name in ("changes", "state_page", "rollback", "stop"):
        assert f"### `{name}`" in page
    for code in ("-32601", "-32006", "-32015"):
        assert f"| {code} |" in page
