"""The data folder that a user has, and how another one is named in a command."""

from __future__ import annotations

from pathlib import Path
from shlex import quote

from platformdirs import user_data_path


def default_data() -> Path:
    """The user's data folder."""
    return user_data_path("theseus", appauthor=False)


def data_option(data: Path) -> str:
    """What a command about a host says of its data folder, with a space before it; nothing where it is the user's."""
    return "" if data == default_data() else f" --data {quote(str(data))}"
