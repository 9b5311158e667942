"""What lies in the folders of modules that a command is about."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from host.cli.asking import answered
from host.cli.folders import data_folder, module_folders
from host.discovery.cache import ManifestCache
from host.discovery.repository import Repository, scan
from host.protocol.client import Client
from host.vocabulary.errors import HostError


def found_modules(options: argparse.Namespace) -> Repository:
    """All that lies there; of several folders, those that are not there are told on stderr.

    Raises:
        HostError: none is there, so nothing can be answered.
    """
    folders = folders_meant(options)
    missing = [folder for folder in folders if not folder.is_dir()]
    sentences = [f"{folder} is no folder; name one that holds modules with --modules" for folder in missing]
    if missing == folders:
        raise HostError(sentences[0])
    for sentence in sentences:
        print(f"theseus: {sentence}", file=sys.stderr)
    return scanned(options, folders)


def folders_meant(options: argparse.Namespace) -> list[Path]:
    """The folders that were named, else those of the running host, else those of this place."""
    hosts = answered(options, _folders)
    return [Path(each) for each in hosts] if hosts else module_folders(options)


def scanned(options: argparse.Namespace, folders: list[Path]) -> Repository:
    """Look into folders; where there is a data folder, what manifests said is taken from it and kept there."""
    data = data_folder(options)
    if not data.is_dir():
        return scan(folders)
    kept = ManifestCache(data, folders)
    found = scan(folders, kept.read())
    kept.write(found.readings)
    return found


async def _folders(client: Client) -> tuple[str, ...]:
    return (await client.snapshot()).engine.watch.folders
