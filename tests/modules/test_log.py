"""Who speaks in the log, and what its file keeps."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from host import Host
from host.lifecycle.native import read_native
from host.runtime.crossing import Crossing
from host.trust.gate import Gate
from host.trust.places import Places
from host.trust.policy import Policy
from tests.engine.place import Place, lines
from tests.modules.bundled import MANIFESTS, ROOT
from tests.modules.test_spool_native import files_at_most

LUA: Final = """
local log = require("log")
return { exports = {
    record = function(...) return log.record(...) end,
    write = function(...) return log.write(...) end,
} }
"""
NEEDS: Final = '[dependencies]\nlog = "*"\n'


def host_at(place: Place) -> Host:
    for name in ("ana", "ben"):
        place.module(name, LUA, more=NEEDS)
    return Host([place.root, ROOT], place.data)


def kept(place: Place, name: str = "log.jsonl") -> list[dict[str, Any]]:
    file: Path = place.data / "modules" / "log" / name
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()] if file.exists() else []


async def test_a_line_carries_the_name_of_who_called(place: Place) -> None:
    async with host_at(place) as host:
        await host.load_all({"ana": "", "ben": ""})
        await host.call("ana", "write", "info", None, "hello")
        await host.call("ben", "write", "warn", "door", {"open": True})
        assert lines(host.chronicle, "ana") == ["hello"]
        assert lines(host.chronicle, "ben") == ["[door] { open = true }"]


async def test_the_file_has_an_object_a_line(place: Place) -> None:
    async with host_at(place) as host:
        await host.load_all({"ana": "", "ben": ""})
        await host.call("ana", "record", "info", "joined\nnow", {"user": "ana", "bytes": b"\xff", "odd": float("inf")})
        await host.call("ben", "write", "warn", "door", "open")
        first, second = kept(place)
        assert first.pop("at") <= second.pop("at")
        assert first == {
            "level": "info",
            "module": "ana",
            "text": "joined\nnow",
            "fields": {"user": "ana", "bytes": "\ufffd", "odd": "inf"},
        }
        assert second == {"level": "warn", "module": "ben", "tag": "door", "text": "open"}


async def test_files_take_turns_and_the_oldest_goes(place: Place) -> None:
    async with host_at(place) as host:
        await host.load("ana")
        await host.configure("log", {"fileSize": 0.001, "files": 2, "rate": 1000})
        for number in range(30):
            await host.call("ana", "record", "info", f"{number} {'x' * 100}")
        newest, older = kept(place), kept(place, "log.1.jsonl")
        assert newest[-1]["text"].startswith("29 ")
        numbers = [int(line["text"].split()[0]) for line in (*older, *newest)]
        assert numbers == list(range(numbers[0], 30)), "none is lost between two files"
        assert {file.name for file in (place.data / "modules" / "log").iterdir()} == {"log.jsonl", "log.1.jsonl"}


async def test_without_a_file_there_is_none(place: Place) -> None:
    async with host_at(place) as host:
        await host.load("ana")
        await host.configure("log", {"file": False})
        assert await host.call("ana", "write", "info", None, "hello") is True
        assert kept(place) == []


async def test_a_line_that_a_crash_cut_off_spoils_no_other(place: Place) -> None:
    file = place.data / "modules" / "log" / "log.jsonl"
    file.parent.mkdir(parents=True)
    file.write_text('{"at": 1, "le')
    async with host_at(place) as host:
        await host.load("ana")
        await host.call("ana", "write", "info", None, "hello")
        cut, whole = file.read_text().splitlines()
        assert cut == '{"at": 1, "le'
        assert json.loads(whole)["text"] == "hello"


async def test_a_file_that_cannot_be_written_is_told_once_and_the_log_goes_on(place: Place) -> None:
    async with host_at(place) as host:
        await host.load("ana")
        (place.data / "modules" / "log" / "log.jsonl").mkdir(parents=True)
        for _ in range(3):
            assert await host.call("ana", "write", "info", None, "hello") is True
        assert lines(host.chronicle).count("hello") == 3
        assert lines(host.chronicle).count("the log's file cannot be written: is a directory") == 1


async def test_a_module_that_writes_too_much_is_cut_off_and_others_are_not(place: Place) -> None:
    async with host_at(place) as host:
        await host.load_all({"ana": "", "ben": ""})
        await host.configure("log", {"rate": 5})
        written = [await host.call("ana", "write", "info", None, "much") for _ in range(20)]
        assert 5 <= written.count(True) < 20
        assert await host.call("ben", "write", "info", None, "little") is True


def test_a_line_that_the_disk_takes_half_of_is_told_and_not_kept(tmp_path: Path) -> None:
    manifest = next(each for each in MANIFESTS if each.name == "log")
    gate = Gate(Policy(), Places.of(tmp_path, ()), lambda _use: None)
    native, caller = read_native(manifest, tmp_path, gate), gate.caller(manifest)

    def record(text: str) -> object:
        answer = native.call("record", Crossing.of("info", None, text, None), caller)
        assert isinstance(answer, Crossing)
        return answer.value()

    assert record("first") is True
    with files_at_most(2000):
        assert record("x" * 5000) == (None, "file too large")
    assert record("last") is True
    native.close()
    file = tmp_path / "modules" / "log" / "log.jsonl"
    assert [json.loads(line)["text"] for line in file.read_text().splitlines()] == ["first", "last"]
