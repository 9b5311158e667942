"""What the spool's native part does to files."""

from __future__ import annotations

import json
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from host.lifecycle.native import Later, Native, read_native
from host.runtime.crossing import Crossing
from host.trust.caller import Caller
from host.trust.gate import Gate
from host.trust.places import Places
from host.trust.policy import Policy
from tests.modules.bundled import MANIFESTS

MANIFEST = next(manifest for manifest in MANIFESTS if manifest.name == "spool")


def answered(answer: Crossing | Later) -> Any:
    assert isinstance(answer, Crossing)
    return answer.value()


@pytest.fixture
def gate(tmp_path: Path) -> Gate:
    return Gate(Policy(), Places.of(tmp_path, ()), lambda _use: None)


@pytest.fixture
def native(gate: Gate, tmp_path: Path) -> Native:
    return read_native(MANIFEST, tmp_path, gate)


@pytest.fixture
def caller(gate: Gate) -> Caller:
    return gate.caller(MANIFEST)


@pytest.fixture
def append(native: Native, caller: Caller) -> Callable[..., Any]:
    return lambda *records: answered(native.call("append", Crossing.of("log", list(records)), caller))


@pytest.fixture
def newest(native: Native, caller: Caller) -> Callable[..., Any]:
    return lambda count: answered(native.call("newest", Crossing.of("log", count), caller))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "modules" / "spool" / "log.jsonl"


@contextmanager
def files_at_most(size: int) -> Iterator[None]:
    """Let the system refuse what makes a file larger than this: a disk that is full at a known place."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_batch_that_the_disk_takes_half_of_leaves_the_file_as_it_was(
    append: Callable[..., Any], newest: Callable[..., Any], file: Path
) -> None:
    append({"n": 1})
    with files_at_most(3000):
        assert append({"text": "x" * 2000}, {"text": "y" * 2000}) == (None, "file too large")
    assert file.read_text() == '{"n": 1}\n'
    assert append({"n": 2}) == 1
    assert newest(5) == [{"n": 1}, {"n": 2}]


def test_a_line_that_a_crash_cut_off_harms_no_other(
    append: Callable[..., Any], newest: Callable[..., Any], file: Path
) -> None:
    append({"n": 1})
    with file.open("a") as stream:
        stream.write('{"n": 2, "te')
    assert newest(5) == [{"n": 1}]
    append({"n": 3})
    assert newest(5) == [{"n": 1}, {"n": 3}]
    assert file.read_text().splitlines()[-1] == '{"n": 3}'


def test_the_newest_are_found_whatever_their_length(append: Callable[..., Any], newest: Callable[..., Any]) -> None:
    append(*({"n": n, "text": "x" * 9000} for n in range(60)))
    assert [record["n"] for record in newest(1)] == [59]
    assert [record["n"] for record in newest(50)] == list(range(10, 60))


def test_a_full_file_is_set_aside(append: Callable[..., Any], newest: Callable[..., Any], file: Path) -> None:
    append({"n": 1})
    with file.open("ab") as stream:
        stream.truncate(16 << 20)
    append({"n": 2})
    assert json.loads(file.read_text()) == {"n": 2}
    assert file.with_name("log.1.jsonl").stat().st_size == 16 << 20
    assert newest(5) == [{"n": 2}]


def test_only_the_user_may_read_it(append: Callable[..., Any], file: Path) -> None:
    append({"n": 1})
    assert file.stat().st_mode & 0o077 == 0
