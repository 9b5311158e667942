"""What is fed with any bytes at all: each takes them or refuses them as it should, and raises where it does neither.

Every target is run by hypothesis in short, and by a coverage-guided fuzzer at length; both begin with its ``seeds``.
"""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from lupa import luajit21
from msgspec import DecodeError

from host.discovery.config_schema import parse_config_schema
from host.discovery.manifest_file import parse_manifest
from host.packages.archive import ArchiveWrongError, read_archive
from host.packages.names import collision, fault_of_path
from host.packages.package import pack
from host.packages.shape import shape_of
from host.packages.uses import uses_of
from host.protocol.conversation import Conversation, Patience
from host.protocol.dispatch import Dispatch
from host.runtime.codec import decode, encode
from host.runtime.isolated import messages
from host.runtime.isolated.customs import Customs, UnsoundError
from host.runtime.listing import listing_of
from host.runtime.syntax import syntax_fault
from host.vocabulary.errors import ManifestInvalid, NotData, PackageInvalid
from host.vocabulary.identity import NAME_PATTERN, Tier
from host.vocabulary.views import PlainData
from tests.discovery.module_folders import write_module
from tests.packages.parcels import FILES, read, signer, zipped

Target = Callable[[bytes], None]

_SAID: Final = (
    messages.Done(1, 1000, (1, None, b"x", 1.5, True)),
    messages.Failed(2, 5, "error", b"message", b"frames", b"init.lua", 7),
    *(
        messages.Register(3, "onX", 0.5),
        messages.Unregister(4),
        messages.Export(5, "f"),
        messages.Emit("onX", 1, b"\x20"),
    ),
    *(messages.Schedule(6, 0.5, repeating=True), messages.Log("info", "text"), messages.Bug("emit", "why")),
    *(messages.CallExport("chat", "f", None, 5), messages.Limited("depth"), messages.Source("init.lua")),
)

_FOLDER: Final = Path("/modules/plugins/chat")
_ROOT: Final = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Fed:
    """A target, what it is fed first, and the words that its inputs are made of."""

    target: Target
    seeds: Callable[[], tuple[bytes, ...]]
    words: tuple[bytes, ...]


def manifest(data: bytes) -> None:
    """Any bytes are a manifest, or a refusal with the file in it."""
    _manifest(data, _FOLDER / "module.toml")


def otmod(data: bytes) -> None:
    """Any bytes are a manifest of OTClient, or a refusal with the file in it."""
    _manifest(data, _FOLDER / "chat.otmod")


def _manifest(data: bytes, file: Path) -> None:
    try:
        found = parse_manifest(data, file, Tier.CORE)
    except ManifestInvalid as refusal:
        refused = refusal
    else:
        assert NAME_PATTERN.match(found.name)
        assert found.file == file
        assert ".." not in found.entry.split("/")
        return
    last = data.count(b"\n") + data.count(b"\r") + 1
    assert refused.problems
    assert all(problem.file == file and problem.message for problem in refused.problems)
    assert all(0 <= problem.line <= last for problem in refused.problems), refused.problems


def schema(data: bytes) -> None:
    """Any bytes are a schema of settings, or problems that say why not."""
    found, problems = parse_config_schema(data, _FOLDER / "config.schema.json")
    assert (found is None) == bool(problems)


def archive(data: bytes) -> None:
    """Whatever a zip file holds, what comes out of it has names that lead nowhere else."""
    try:
        files = read_archive(data)
    except ArchiveWrongError:
        return
    assert not any(map(fault_of_path, files))
    assert collision(files) is None


def package(data: bytes) -> None:
    """Nothing that counts as signed by us is anything else than what we signed."""
    try:
        found = read(data)
    except PackageInvalid:
        return
    assert found.key != signer().public or data in _packages()


def lua(data: bytes) -> None:
    """Whatever compiles can be read without running it."""
    if syntax_fault("chat", "init.lua", data) is None:
        listing = listing_of("@chat/init.lua", data)
        assert listing
        uses_of("init.lua", listing)
        shape_of(listing)


def values(data: bytes) -> None:
    """Any bytes are a value or a refusal, in Python and in LuaJIT; what is one crosses again as it is."""
    assert _decoder()(data) in {True, False}
    with suppress(NotData):
        value = decode(data)
        with suppress(NotData):  # whole numbers of 64 bits cannot go back
            assert repr(decode(encode(value))) == repr(value)


@cache
def _decoder() -> Callable[[bytes], bool]:
    lua = luajit21.LuaRuntime(encoding=None, register_eval=False, max_memory=1 << 26)
    taken: Callable[[bytes], bool] = lua.execute(
        b"local decode = require('string.buffer').decode return function(data) return (pcall(decode, data)) end"
    )
    return taken


def customs(data: bytes) -> None:
    """Whatever a process says that its values are, they are looked at without harm, or said to be none."""
    for shape in (1, 3, -2):
        with suppress(UnsoundError):
            assert all(owner >= 0 for owner, _ in _customs().references(shape, data))


def saying(data: bytes) -> None:
    """Any frame of a module's process is something that it may say, or is refused as the engine expects it."""
    try:
        found = messages.said_of(data)
    except (DecodeError, UnicodeDecodeError):
        return
    assert repr(messages.said_of(messages.encode(found))) == repr(found)


@cache
def _customs() -> Customs:
    return Customs()


def frames(data: bytes) -> None:
    """Whatever a client sends, the host has no fault, and each answer is a frame of JSON."""
    _loop().run_until_complete(_conversation(data))


async def _conversation(data: bytes) -> None:
    ours, theirs = socket.socketpair()
    bugs: list[tuple[str, BaseException]] = []
    reader, writer = await asyncio.open_connection(sock=ours)
    patience = Patience(first_s=5.0, read_s=5.0)
    conversation = Conversation(
        reader, writer, _dispatch(), token="", patience=patience, on_bug=lambda *bug: bugs.append(bug)
    )
    own_reader, own_writer = await asyncio.open_connection(sock=theirs)
    own_writer.write(data)
    own_writer.write_eof()
    _, answers = await asyncio.gather(conversation.run(), own_reader.read())
    own_writer.close()
    await own_writer.wait_closed()
    assert bugs == []
    assert conversation._reading.exception() is None  # noqa: SLF001 - what ends it is told to nobody else
    while answers:
        size = int.from_bytes(answers[:4], "big")
        said = json.loads(answers[4 : 4 + size])
        assert said["jsonrpc"] == "2.0"
        assert ("result" in said) != ("error" in said)
        answers = answers[4 + size :]


async def _echo(value: PlainData, times: int = 1) -> PlainData:
    return [value] * min(max(times, 0), 3)


async def _page(path: list[str | int | float | bool], also: dict[str, str] | None = None, *, deep: bool = False) -> int:
    return len(path) + len(also or {}) + deep


@cache
def _dispatch() -> Dispatch:
    return Dispatch({"echo": _echo, "page": _page})


@cache
def _loop() -> asyncio.AbstractEventLoop:
    return asyncio.new_event_loop()


@cache
def _packages() -> tuple[bytes, ...]:
    with TemporaryDirectory() as folder:
        return (pack(write_module(Path(folder), "m"), signer())[1],)


def _zips() -> tuple[bytes, ...]:
    return (*_packages(), zipped(FILES), zipped({"a": b"x", "lib/b": b"\0" * 500}), zipped(FILES, 0))


def _files(*patterns: str) -> tuple[bytes, ...]:
    return tuple(file.read_bytes() for pattern in patterns for file in sorted(_ROOT.glob(pattern)))


def _values() -> tuple[bytes, ...]:
    several: tuple[PlainData, ...] = (None, True, 1, -2.5, "text", b"\xff\0", [1, [2, {}]], [{"k": []}] * 5)
    return (*map(encode, several), encode({"a": 1, 2: [3], True: "x" * 300}))


def _requests() -> tuple[bytes, ...]:
    said = (
        {
            "jsonrpc": "2.0",
            "id": 1,
            "method": "echo",
            "params": {"value": [1, "a", None, {"$bytes": "AA=="}], "times": 2},
        },
        {"id": "x", "method": "page", "params": {"path": ["a", 1, 0.5, True], "also": {"a": "b"}, "deep": True}},
        {"method": "nothing"},
        [1, 2],
    )
    messages = [json.dumps(each).encode() for each in said]
    framed = [len(message).to_bytes(4, "big") + message for message in messages]
    return (*framed, b"".join(framed), b"\xff\xff\xff\xff", b"\0\0\0\0")


FED: Final[Mapping[str, Fed]] = {
    "manifest": Fed(
        manifest,
        lambda: _files("modules/*/*/module.toml", "modules/*/*/*/module.toml"),
        (
            b"name",
            b"version",
            b"[dependencies]",
            b"[permissions]",
            b'"',
            b'"""',
            b"'",
            b"=",
            b".",
            b"{",
            b"[[",
            b"\\u",
            b"1e9",
        ),
    ),
    "otmod": Fed(
        otmod,
        lambda: _files("tests/discovery/otclient/*/*.otmod"),
        (
            b"Module",
            b"  ",
            b"name:",
            b"scripts:",
            b"- ",
            b"[",
            b"]",
            b"|",
            b"|-",
            b"~",
            b"//",
            b"#",
            b"@onLoad",
            b"\t",
            b"\n",
        ),
    ),
    "schema": Fed(
        schema,
        lambda: _files("modules/*/*/config.schema.json"),
        (b"{", b"}", b"properties", b"default", b"NaN", b"1e999", b"[", b'"', b"\\ud800", b":", b","),
    ),
    "archive": Fed(
        archive, _zips, (b"PK\x01\x02", b"PK\x03\x04", b"PK\x05\x06", b"PK\x06\x06", b"../", b"\0", b"\xff\xff\xff\xff")
    ),
    "package": Fed(
        package, _zips, (b"PK\x01\x02", b"PK\x03\x04", b"module.toml", b"theseus-package.json", b"m/", b"\xff\xff")
    ),
    "lua": Fed(
        lua,
        lambda: _files("modules/*/*/init.lua", "modules/*/*/*/init.lua"),
        (
            b"local ",
            b"return",
            b"function",
            b"end",
            b"require",
            b"_G",
            b"goto x ::x::",
            b"{",
            b"}",
            b"...",
            b"[[",
            b"0x",
            b"1i",
        ),
    ),
    "values": Fed(
        values,
        _values,
        (*(bytes([tag]) for tag in range(0x20)), b"\xff\xff\xff\xff", b"\x0c\xff", b"\x09\x02", b"\xe0\x00", b"\x21a"),
    ),
    "customs": Fed(
        customs,
        _values,
        (*(bytes([tag]) for tag in range(0x20)), b"\xff\xff\xff\xff", b"\x0e", b"\x0c\xff", b"\x09\x02", b"\xe0\x00"),
    ),
    "saying": Fed(
        saying,
        lambda: tuple(map(messages.encode, _SAID)),
        (
            b"\x90",
            b"\x9f",
            b"\xdd\xff\xff\xff\xff",
            b"\xc4\xff",
            b"\xd9\xff",
            b"\xcf" + b"\xff" * 8,
            b"\xcb\x7f\xf8",
            b"\xc0",
        ),
    ),
    "frames": Fed(
        frames,
        _requests,
        (b"\0\0\0", b'{"method":"echo","params":{', b"}", b"[", b'"', b"id", b"null", b"1e400", b"\\u"),
    ),
}
