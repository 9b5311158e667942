"""Feeds one target with what a coverage-guided fuzzer makes: ``guided.py NAME SECONDS FOLDER``.

The folder takes the inputs that reached something new, and what was found: ``crash-*``, ``timeout-*``.
"""

from __future__ import annotations

import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["host", "tomllib", "zipfile", "json"], enable_loader_override=False):
    from tests.fuzz.targets import FED


def main() -> None:
    name, seconds, folder = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
    corpus = folder / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(FED[name].seeds()):
        (corpus / f"seed-{number}").write_bytes(seed)
    words = folder / "words.txt"
    words.write_text("".join(map(_line, FED[name].words)))
    options = [
        f"-max_total_time={seconds}",
        "-timeout=10",
        "-rss_limit_mb=2048",
        "-max_len=16384",
        f"-dict={words}",
        f"-artifact_prefix={folder}/",
        str(corpus),
    ]
    atheris.Setup([sys.argv[0], *options], FED[name].target)
    atheris.Fuzz()


def _line(word: bytes) -> str:
    """A word as libFuzzer's dictionaries have it."""
    return '"' + "".join(f"\\x{byte:02x}" for byte in word) + '"\n'


if __name__ == "__main__":
    main()
