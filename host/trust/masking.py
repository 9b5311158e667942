"""Secrets out of what is kept: by the name they stand under, and by what they look like."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from host.vocabulary.views import PlainData

LONGEST: Final = 1000
"""Characters of what is kept."""
DEEPEST: Final = 6
LOOKED_AT: Final = 4 * LONGEST
"""Characters that are looked through: a module chooses what it asks with, and the host waits for this."""
EACH: Final = 20
"""Characters that an entry counts for at least."""
MASK: Final = "***"

_SECRET: Final = re.compile(
    r"pass(?:word|wd|phrase|code)?$|^pwd$|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credential|"
    r"authori[sz]ation|^auth$|cookie|session|signature|^sig$|^pin$",
    re.IGNORECASE,
)
_LAST_WORD: Final = re.compile(r"\S{1,500}\Z")
"""What may be the beginning of a secret, which looks like none without its end."""
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
    return _shortened(_looked_through(text, LOOKED_AT))


def masked(details: PlainData) -> str:
    """Plain data as JSON without secrets, at most ``LONGEST`` characters; empty of nothing."""
    if details is None:
        return ""
    return _shortened(json.dumps(_Masked().of(details, 0), ensure_ascii=False, separators=(",", ":")))


def is_secret(name: str) -> bool:
    """Whether what stands under a name is a secret."""
    return _SECRET.search(name) is not None


def _looked_through(text: str, most: int) -> str:
    """The first characters of a text without secrets; a word that goes on after them is not among them."""
    found = text[:most].encode("utf-8", "backslashreplace").decode()
    for looks, kept in _LOOKS:
        found = looks.sub(kept, found)
    return found if len(text) <= most else f"{_LAST_WORD.sub('', found)}..."


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."


class _Masked:
    """Makes one value, up to what is looked at."""

    def __init__(self) -> None:
        self._left = LOOKED_AT

    def of(self, value: PlainData, depth: int) -> PlainData:
        if isinstance(value, str):
            left = max(0, self._left)
            self._left -= min(left, len(value))
            return _shortened(_looked_through(value, left))
        if isinstance(value, bytes):
            return f"{len(value)} bytes"
        if isinstance(value, dict | list | tuple) and depth >= DEEPEST:
            return "..."
        if isinstance(value, dict):
            return dict(self._fields(value, depth))
        if isinstance(value, list | tuple):
            return list(self._words(value, depth))
        return value

    def _fields(self, fields: Mapping[str, PlainData], depth: int) -> Iterator[tuple[str, PlainData]]:
        for name, inner in fields.items():
            if self._enough():
                yield "...", "..."
                return
            shown = masked_text(str(name))
            self._left -= len(shown)
            yield shown, MASK if is_secret(str(name)) else self.of(inner, depth + 1)

    def _words(self, words: Sequence[PlainData], depth: int) -> Iterator[PlainData]:
        """A list; the word after an option with a secret's name (``--password x``) is one."""
        secret = False
        for word in words:
            if self._enough():
                yield "..."
                return
            yield MASK if secret else self.of(word, depth + 1)
            secret = isinstance(word, str) and word.startswith("-") and "=" not in word and is_secret(word.lstrip("-"))

    def _enough(self) -> bool:
        self._left -= EACH
        return self._left <= 0
