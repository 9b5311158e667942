"""Any bytes are taken or refused: what was valid, broken at a few places, and what never was."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.targets import FED

GUIDED = Path(__file__).with_name("guided.py")
SECONDS = int(os.environ.get("THESEUS_FUZZ_S", "60"))
EXECUTED = re.compile(r"^Done (\d+) runs", re.MULTILINE)


def inputs(name: str) -> st.SearchStrategy[bytes]:
    """Bytes, words of the format in a row, and valid inputs with some parts of them replaced."""
    fed = FED[name]
    part = st.one_of(st.sampled_from(fed.words), st.binary(max_size=4))
    edits = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 20), part), max_size=4)
    broken = st.tuples(st.sampled_from(fed.seeds()), edits).map(lambda made: _edited(*made))
    return st.one_of(st.binary(max_size=60), st.lists(part, max_size=12).map(b"".join), broken)


def _edited(seed: bytes, edits: list[tuple[float, int, bytes]]) -> bytes:
    for where, gone, instead in edits:
        at = int(where * len(seed))
        seed = seed[:at] + instead + seed[at + gone :]
    return seed


@pytest.mark.parametrize("name", FED)
def test_what_it_is_fed_first_is_sound(name: str) -> None:
    seeds = FED[name].seeds()
    assert seeds
    for seed in seeds:
        FED[name].target(seed)


@pytest.mark.parametrize("name", FED)
def test_any_bytes_are_taken_or_refused(name: str) -> None:
    @given(inputs(name))
    @settings(deadline=None)
    def taken_or_refused(data: bytes) -> None:
        FED[name].target(data)

    taken_or_refused()


@pytest.mark.torture
@pytest.mark.parametrize("name", FED)
def test_a_fuzzer_that_follows_coverage_finds_nothing(name: str, tmp_path: Path) -> None:
    pytest.importorskip("atheris", reason="it has no build for this Python or system")
    done = subprocess.run(
        [sys.executable, GUIDED, name, str(SECONDS), tmp_path],
        capture_output=True,
        text=True,
        check=False,
        cwd=GUIDED.parents[2],
        env=os.environ | {"PYTHONPATH": str(GUIDED.parents[2])},
        timeout=SECONDS + 120,
    )
    assert done.returncode == 0, done.stderr[-6000:]
    runs = EXECUTED.search(done.stderr)
    assert runs is not None, done.stderr[-2000:]
    print(f"{name}: {int(runs[1]):,} inputs")  # noqa: T201 - a figure of the run
    assert int(runs[1]) > SECONDS
