"""What lies in the folders of modules that a command is about."""

from __future__ import annotations

import argparse
import sys

from host.cli.folders import module_folders
from host.discovery.repository import Repository, scan
from host.vocabulary.errors import HostError


def found_modules(options: argparse.Namespace) -> Repository:
    """All that lies there; of several folders, those that are not there are told on stderr.

    Raises:
        HostError: none is there, so nothing can be answered.
    """
    folders = module_folders(options)
    missing = [folder for folder in folders if not folder.is_dir()]
    sentences = [f"{folder} is no folder; name one that holds modules with --modules" for folder in missing]
    if missing == folders:
        raise HostError(sentences[0])
    for sentence in sentences:
        print(f"theseus: {sentence}", file=sys.stderr)
    return scan(folders)
