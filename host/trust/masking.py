"""Secrets out of what is kept: by the name they stand under, and by what they look like."""

from __future__ import annotations

import json
import re
from typing import Final

from host.vocabulary.views import PlainData

LONGEST: Final = 1000
"""Characters of what is kept."""
DEEPEST: Final = 6
MASK: Final = "***"

_SECRET: Final = re.compile(
    r"pass(?:word|wd|phrase|code)?$|^pwd$|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credential|"
    r"authori[sz]ation|^auth$|cookie|session|signature|^sig$|^pin$",
    re.IGNORECASE,
)
_NAMES: Final = "pass(?:word|wd|phrase)?|pwd|secret|token|api[_-]?key|access[_-]?key|credential|sig(?:nature)?|auth"
_LOOKS: Final = tuple(
    (re.compile(pattern, re.IGNORECASE), kept)
    for pattern, kept in (
        (r"-----BEGIN [A-Z ]{1,40}-----.*", MASK),
        (r"\b(bearer|basic|digest)\s+[\w.~+/=:-]{6,}", rf"\1 {MASK}"),
        (r"(\w{1,20}://)[^\s/@]{1,400}@", rf"\1{MASK}@"),
        (r"\b(?:gh[opsur]_|github_pat_|glpat-|xox[abprs]-|sk[-_](?:live_|test_)?|AKIA|AIza)[\w-]{10,}", MASK),
        (r"\beyJ[\w-]{8,}\.[\w-]{4,}\.[\w-]*", MASK),
        (
            rf"((?:^|[?&;\s,\"'{{-])[\w-]{{0,30}}(?:{_NAMES})[\"']?\s{{0,3}}[=:]\s{{0,3}}[\"']?)[^\s&;,\"']{{1,400}}",
            rf"\1{MASK}",
        ),
    )
)


def masked_text(text: str) -> str:
    """A text without what looks like a secret, at most ``LONGEST`` characters."""
    text = text[: 4 * LONGEST].encode("utf-8", "backslashreplace").decode()
    for looks, kept in _LOOKS:
        text = looks.sub(kept, text)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."


def masked(details: PlainData) -> str:
    """Plain data as JSON without secrets, at most ``LONGEST`` characters; empty of nothing."""
    if details is None:
        return ""
    text = json.dumps(_masked(details, 0), ensure_ascii=False, separators=(",", ":"))
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."


def is_secret(name: str) -> bool:
    """Whether what stands under a name is a secret."""
    return _SECRET.search(name) is not None


def _masked(value: PlainData, depth: int) -> PlainData:
    if isinstance(value, str):
        return masked_text(value)
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    if isinstance(value, dict | list | tuple) and depth >= DEEPEST:
        return "..."
    if isinstance(value, dict):
        return {
            masked_text(str(name)): MASK if is_secret(str(name)) else _masked(inner, depth + 1)
            for name, inner in value.items()
        }
    if isinstance(value, list | tuple):
        return _masked_words(list(value), depth)
    return value


def _masked_words(words: list[PlainData], depth: int) -> list[PlainData]:
    """A list; the word after an option with a secret's name (``--password x``) is one."""
    found: list[PlainData] = []
    secret = False
    for word in words:
        found.append(MASK if secret else _masked(word, depth + 1))
        secret = isinstance(word, str) and word.startswith("-") and "=" not in word and is_secret(word.lstrip("-"))
    return found
