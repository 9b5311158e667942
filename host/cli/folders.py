"""Which folders a command is about, where the user names none."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from host.vocabulary.errors import HostError
from host.vocabulary.folders import data_option, default_data

_WANTED = re.compile(r"(?P<name>[^\s=<>~!^*,|]+)\s*(?P<specifier>.*)\Z", re.DOTALL)


def module_folders(options: argparse.Namespace) -> list[Path]:
    """The folders of modules: as given, else ``modules`` here, else those that came with the program."""
    if options.modules:
        return [path.absolute() for path in options.modules]
    here = Path("modules").absolute()
    return [here if here.is_dir() else Path(__file__).parents[2] / "modules"]


def data_folder(options: argparse.Namespace) -> Path:
    """The data folder: as given, else the user's."""
    return options.data.absolute() if options.data else default_data()


def named_data(options: argparse.Namespace) -> str:
    """What a further command says of the data folder of this one."""
    return data_option(data_folder(options))


def wanted(text: str) -> tuple[str, str]:
    """Take ``chat>=1,<2`` apart into a name and a specifier.

    Raises:
        HostError: there is no name in it.
    """
    found = _WANTED.match(text.strip())
    if found is None:
        raise HostError(f"{text!r} names no module; write it as in chat, chat==1.0.0 or chat^1.2")
    return found["name"], found["specifier"].strip()
