"""Keys, and the patterns that some of them are as."""

import re
from collections.abc import Callable

from host.vocabulary.globbing import as_regex


def raw(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode()


def shown(key: bytes) -> str:
    return key.decode("utf-8", "replace")[:80]


def prefix_of(pattern: bytes) -> bytes:
    """What all keys begin with that are as a pattern says."""
    return re.split(rb"[*?]", pattern, maxsplit=1)[0]


def after(prefix: bytes) -> bytes | None:
    """The first key behind all that begin so; ``None`` where nothing is."""
    stem = prefix.rstrip(b"\xff")
    return stem[:-1] + bytes((stem[-1] + 1,)) if stem else None


def matcher(pattern: bytes) -> Callable[[bytes], object] | None:
    """Whether a key is as a pattern says: ``*`` any characters, ``?`` one; ``None`` where its prefix says it all."""
    if pattern == prefix_of(pattern) + b"*":
        return None
    fits = as_regex(pattern.decode("utf-8", "surrogateescape")).fullmatch
    return lambda key: fits(key.decode("utf-8", "surrogateescape"))
