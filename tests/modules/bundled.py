"""The bundled modules, and a host on them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from host import Host
from host.discovery.repository import scan

ROOT: Final = Path(__file__).resolve().parents[2] / "modules"
MANIFESTS: Final = scan([ROOT]).modules


def host(data: Path, *, autoload: bool = False) -> Host:
    return Host([ROOT], data, autoload=autoload)


def records(data: Path, stream: str = "analytics", module: str = "analytics") -> list[dict[str, Any]]:
    """What a stream of a module holds on disk."""
    file = data / "modules" / module / f"{stream}.jsonl"
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()] if file.is_file() else []
