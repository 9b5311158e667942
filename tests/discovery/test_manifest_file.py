from __future__ import annotations

import os
import socket
import sys
import time
from pathlib import Path

import pytest

from host.discovery.manifest_file import parse_manifest, read_manifest
from host.vocabulary.errors import ManifestInvalid
from host.vocabulary.identity import Tier
from host.vocabulary.manifest import Handover, Isolation, Limits, Requirement, SwapSettings

FILE = Path("/modules/plugins/advanced_chat/module.toml")

WHOLE = """\
name = "advanced_chat"
version = "2.1.0"
summary = "Chat with rooms"
authors = ["Ana"]
license = "MIT"
homepage = "https://example.com"
entry = "lua/main.lua"
autoload = true
reloadable = false
isolation = "process"
host = ">=1,<2"

[dependencies]
state = "^1.0"
http = { version = ">=1,<2", optional = true }
[conflicts]
legacy_chat = "*"
[load]
after = ["theme"]
[permissions]
"fs.read" = ["data/**"]
net = ["api.example.com:443"]
[limits]
memory = "64 MiB"
call = "250 ms"
events = "30/min"
timers = "20/s"
log = "100/s"
tasks = "2.5/s"
crossing = "1 MiB"
entries = 10
depth = 4
[swap]
probation = "0 s"
handover = "exclusive"
replay = false
"""


def problems(text: str | bytes, folder_name: str = "") -> list[tuple[str, int, str]]:
    data = text.encode() if isinstance(text, str) else text
    with pytest.raises(ManifestInvalid) as refusal:
        parse_manifest(data, FILE, Tier.PLUGINS, folder_name)
    assert all(problem.file == FILE for problem in refusal.value.problems)
    return [(problem.key, problem.line, problem.message) for problem in refusal.value.problems]


def only_problem(text: str | bytes) -> tuple[str, int, str]:
    (problem,) = problems(text)
    return problem


def with_fields(text: str) -> str:
    return f'name = "chat"\nversion = "1.0"\n{text}\n'


def test_every_field_of_a_manifest_is_read() -> None:
    manifest = parse_manifest(WHOLE.encode(), FILE, Tier.PLUGINS, "advanced_chat")
    assert (manifest.name, manifest.version, manifest.tier) == ("advanced_chat", "2.1.0", Tier.PLUGINS)
    assert manifest.folder == FILE.parent
    assert (manifest.summary, manifest.authors, manifest.license) == ("Chat with rooms", ("Ana",), "MIT")
    assert manifest.homepage == "https://example.com"
    assert (manifest.entry, manifest.autoload, manifest.reloadable) == ("lua/main.lua", True, False)
    assert (manifest.isolation, manifest.host) == (Isolation.PROCESS, ">=1,<2")
    assert manifest.dependencies == {"state": Requirement("^1.0"), "http": Requirement(">=1,<2", optional=True)}
    assert manifest.conflicts == {"legacy_chat": "*"}
    assert manifest.load_after == ("theme",)
    assert manifest.permissions == {"fs.read": ("data/**",), "net": ("api.example.com:443",)}
    assert manifest.limits == Limits(
        memory=64 << 20, call=0.25, events=0.5, timers=20.0, log=100.0, tasks=2.5, crossing=1 << 20, entries=10, depth=4
    )
    assert manifest.swap == SwapSettings(probation=0.0, handover=Handover.EXCLUSIVE, replay=False)


def test_name_and_version_are_enough() -> None:
    manifest = parse_manifest(with_fields("").encode(), FILE, Tier.CORE)
    assert (manifest.entry, manifest.autoload, manifest.reloadable, manifest.host) == ("init.lua", False, True, "*")
    assert manifest.limits == Limits()
    assert manifest.swap == SwapSettings()


def test_a_byte_order_mark_and_foreign_line_ends_do_no_harm() -> None:
    text = "\ufeff" + with_fields("autoload = 3").replace("\n", "\r\n")
    assert only_problem(text) == ("autoload", 3, "must be true or false, not a whole number")


def test_the_digest_is_that_of_the_bytes() -> None:
    first, second = (parse_manifest(with_fields(text).encode(), FILE, Tier.CORE) for text in ("", "# changed"))
    assert first.digest != second.digest


def test_semver_that_pep_440_does_not_know_is_a_version() -> None:
    text = 'name = "chat"\nversion = "1.0.0-alpha.beta+exp.sha"\n'
    assert parse_manifest(text.encode(), FILE, Tier.CORE).version == "1.0.0-alpha.beta+exp.sha"


def test_all_faults_are_told_at_once_with_key_and_line() -> None:
    found = problems(
        """\
nme = "chat"
version = "one"
autoload = "yes"   # text

authors = [
    "Ana",
    3,
]
dependencies = { state = "latest", http = { version = "*", optionl = true } }
[permissions]
"fs.raed" = ["x"]
[limits]
memory = 32
call = "1 parsec"
events = "0/s"
"""
    )
    assert [(key, line) for key, line, _ in found] == [
        ("name", 0),
        ("nme", 1),
        ("version", 2),
        ("autoload", 3),
        ("authors", 5),
        ("dependencies.http.optionl", 9),
        ("dependencies.state", 9),
        ('permissions."fs.raed"', 11),
        ("limits.memory", 13),
        ("limits.call", 14),
        ("limits.events", 15),
    ]
    messages = [message for _, _, message in found]
    assert messages[0] == "is missing"
    assert messages[1] == "unknown key; did you mean 'name'?"
    assert messages[4] == "item 2 of the list: must be text, not a whole number"
    assert messages[7] == "unknown permission; did you mean 'fs.read'?"
    assert messages[8] == "has no unit; write it as in '32 MiB'"
    assert messages[9] == "'1 parsec' is not understood; write it as in '100 ms'"


@pytest.mark.parametrize(
    ("fields", "key", "words"),
    [
        ('summary = "a\\nb"', "summary", "one line of printable text"),
        ('isolation = "alone"', "isolation", "'shared' or 'process'"),
        ('host = ">=1 <2"', "host", "put a comma"),
        ("limits = { entries = 0 }", "limits.entries", "0 is out of range; between 1 and 100000000 is possible"),
        ("limits = { depth = 101 }", "limits.depth", "101 is out of range; between 1 and 100 is possible"),
        ("limits = { depth = true }", "limits.depth", "must be a whole number, not true or false"),
        ('limits = { depth = "3" }', "limits.depth", "must be a whole number, not text"),
        ('limits = { crossing = "2 GiB" }', "limits.crossing", "out of range; between 1 KiB and 1 GiB"),
        ('limits = { logs = "1/s" }', "limits.logs", "unknown key; did you mean 'log'?"),
        ("authors = 1", "authors", "must be a list of texts, not a whole number"),
        ("load = 1", "load", "must be a table, not a whole number"),
        ('load = { after = ["Up"] }', "load.after", "no name of a module"),
        ('load = { after = ["chat", "chat"] }', "load.after", "names the module itself"),
        ('load = { before = ["up"] }', "load.before", "unknown key; possible are after"),
        ('dependencies = { chat = "*" }', "dependencies.chat", "names the module itself"),
        ('dependencies = { "a.b" = "*" }', 'dependencies."a.b"', "no name of a module"),
        ("dependencies = { state = 1 }", "dependencies.state", 'a specifier such as "^1.0"'),
        ("dependencies = { state = {} }", "dependencies.state", 'write version = "*"'),
        ('entry = "/etc/passwd.lua"', "entry", "leads out of the module"),
        ('entry = "../x.lua"', "entry", "leads out of the module"),
        ('entry = "a\\\\b.lua"', "entry", "leads out of the module"),
        ('entry = "init.py"', "entry", "is no Lua file"),
        ('entry = "tests/init.lua"', "entry", "is not part of the module"),
        ('entry = ".x/init.lua"', "entry", "is not part of the module"),
        ("limits = { memory = 1979-05-27 }", "limits.memory", "must be text, not a date or time"),
        ('limits = { memory = "1 KiB" }', "limits.memory", "between 256 KiB and 16 GiB"),
        ('limits = { memory = "999999999999999 GiB" }', "limits.memory", "out of range"),
        ('limits = { call = "2 h" }', "limits.call", "between 1 ms and 1 h"),
        ('swap = { handover = "late" }', "swap.handover", "'overlap' or 'exclusive'"),
    ],
)
def test_a_value_that_cannot_be_is_refused_in_words(fields: str, key: str, words: str) -> None:
    found, line, message = only_problem(with_fields(fields))
    assert (found, line) == (key, 3)
    assert words in message


@pytest.mark.parametrize("name", ["Chat", "1chat", "chat-room", "chat room", "chät", "", "a" * 65, "chat\\n"])
def test_a_name_that_is_none_is_refused_with_the_rule(name: str) -> None:
    key, line, message = only_problem(f'name = "{name}"\nversion = "1"\n')
    assert (key, line) == ("name", 1)
    assert "a name is lower-case letters" in message


def test_a_name_that_is_not_its_folders_is_refused_with_both() -> None:
    assert problems(with_fields(""), folder_name="talk") == [("name", 1, "is 'chat', but its folder is called 'talk'")]


def test_no_manifest_makes_an_endless_refusal() -> None:
    found = problems(with_fields("\n".join(f"wrong{at} = 1" for at in range(500))))
    assert len(found) == 51
    assert found[-1] == ("module.toml", 53, "has 450 more faults")


@pytest.mark.parametrize(
    ("data", "line", "words"),
    [
        (b"", 0, "is empty"),
        (b" \n\t\n", 0, "is empty"),
        (b"a = 1\nb = \xff\n", 2, "is not UTF-8"),
        ("a = 1".encode("utf-16"), 1, "is not UTF-8"),
        (b"a = 1\nb =\n", 2, "is not TOML"),
        (b"a = 1\na = 2\n", 2, "is not TOML"),
        (b'a = "open\n', 1, "is not TOML"),
        (b"a = 1\nb = [1,\n", 2, "is not TOML"),
        (b"a = " + b"9" * 5000, 0, "a number in it is too long"),
        (b"a = " + b"[" * 20_000, 0, "is nested too deeply"),
        (b"a = " + b"{b=" * 9000, 0, "is nested too deeply"),
        (b"#" * 70_000, 0, "has over 64 KiB"),
        (b"\n" + b"a." * 20_000 + b"a = 1", 2, "has over 128 dots in one line"),
    ],
)
def test_a_file_that_is_no_manifest_gives_one_sentence_with_the_line(data: bytes, line: int, words: str) -> None:
    key, found, message = only_problem(data)
    assert (key, found) == ("module.toml", line)
    assert words in message


def test_the_largest_hostile_manifest_is_refused_within_a_second() -> None:
    line = b"a." * 120 + b"a%d = 1\n"
    began = time.process_time()
    problems(b"".join(line % at for at in range(260)))
    assert time.process_time() - began < 1.0


@pytest.mark.parametrize("kind", ["folder", "socket", "pipe", "loop", "gone"])
def test_what_is_no_file_gives_one_sentence(tmp_path: Path, kind: str) -> None:
    file = tmp_path / "module.toml"
    server = socket.socket(socket.AF_UNIX)
    match kind:
        case "folder":
            file.mkdir()
        case "socket":
            server.bind(str(file))
        case "pipe":
            os.mkfifo(file)  # nobody writes to it: who waits for that waits for ever
        case "loop":
            file.symlink_to(file)
    with server, pytest.raises(ManifestInvalid) as refusal:
        read_manifest(file, Tier.PLUGINS)
    assert len(refusal.value.problems) == 1
    assert str(refusal.value).startswith(f"{file} is not a valid manifest: module.toml: ")


@pytest.mark.skipif(sys.platform != "linux", reason="needs a file that nobody can read, the superuser neither")
def test_a_manifest_that_cannot_be_read_gives_one_sentence(tmp_path: Path) -> None:
    file = tmp_path / "module.toml"
    file.symlink_to("/proc/self/mem")
    with pytest.raises(ManifestInvalid, match="cannot be read: input/output error"):
        read_manifest(file, Tier.PLUGINS)


def test_a_thousand_manifests_are_parsed_within_half_a_second() -> None:
    data = WHOLE.encode()
    began = time.process_time()
    for _ in range(1000):
        parse_manifest(data, FILE, Tier.PLUGINS, "advanced_chat")
    assert time.process_time() - began < 0.5
