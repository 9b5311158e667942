"""The types of ours that msgspec does not know, on their way into bytes and back."""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType


def plain(value: object) -> object:
    """For ``enc_hook``: a path as text, a read-only mapping as a dictionary.

    Raises:
        NotImplementedError: it is something else.
    """
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, MappingProxyType):
        return dict(value)
    raise NotImplementedError


def revived(kind: type, value: object) -> object:
    """For ``dec_hook``: a path from text.

    Raises:
        NotImplementedError: it is something else.
    """
    if kind is Path and isinstance(value, str):
        return Path(value)
    raise NotImplementedError
