from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest

from host.discovery.bundle import LARGEST_BUNDLE, LARGEST_FILE, Bundle, read_asset, read_bundle
from host.discovery.config_schema import read_config_schema
from host.discovery.inside import NotInsideError
from host.discovery.repository import scan
from host.vocabulary.errors import LoadFailed
from host.vocabulary.manifest import Manifest
from tests.discovery.module_folders import write_module


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_module(tmp_path, "chat")


def manifest_of(folder: Path) -> Manifest:
    found = scan([folder.parents[1]]).at(folder)
    assert found is not None
    return found


def bundle_of(folder: Path) -> Bundle:
    return read_bundle(manifest_of(folder))


def write(path: Path, text: str = "return 1\n") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_a_bundle_holds_the_lua_of_the_folder_and_of_those_below(folder: Path) -> None:
    write(folder / "lib" / "deep" / "util.lua", "return 2\n")
    write(folder / "README.md")
    bundle = bundle_of(folder)
    assert dict(bundle.files) == {"init.lua": b"return {}\n", "lib/deep/util.lua": b"return 2\n"}
    assert list(bundle.files) == sorted(bundle.files)
    assert bundle.folder == folder


def test_tests_hidden_files_and_modules_of_their_own_are_left_out(folder: Path) -> None:
    write(folder / "tests" / "test_chat.lua")
    write(folder / ".cache" / "old.lua")
    write(folder / ".#init.lua")
    write(folder / "next" / "init.lua")
    write(folder / "next" / "module.toml", 'name = "chat"\nversion = "2"\n')
    assert list(bundle_of(folder).files) == ["init.lua"]


def test_the_digest_is_equal_exactly_where_names_and_contents_are(folder: Path) -> None:
    write(folder / "a.lua", "12")
    before = bundle_of(folder)
    os.utime(folder / "a.lua", (1, 1))
    assert bundle_of(folder).digest == before.digest
    write(folder / "a.lua", "21")
    changed = bundle_of(folder)
    (folder / "a.lua").rename(folder / "b.lua")
    renamed = bundle_of(folder)
    assert len({before.digest, changed.digest, renamed.digest}) == 3


def test_the_changed_files_of_two_bundles_are_named(folder: Path) -> None:
    write(folder / "gone.lua")
    before = bundle_of(folder)
    (folder / "gone.lua").unlink()
    write(folder / "come.lua")
    write(folder / "init.lua", "return { 1 }\n")
    assert bundle_of(folder).changed_files(before) == ("come.lua", "gone.lua", "init.lua")
    assert before.changed_files(before) == ()


def refusal(folder: Path, manifest: Manifest | None = None) -> str:
    with pytest.raises(LoadFailed) as failed:
        read_bundle(manifest or manifest_of(folder))
    assert (failed.value.step, failed.value.name) == ("read", "chat")
    assert failed.value.file
    return failed.value.reason


def test_a_missing_entry_file_is_refused(folder: Path) -> None:
    (folder / "init.lua").unlink()
    assert refusal(folder) == f"{folder / 'init.lua'} does not exist"


def test_an_entry_that_is_a_folder_is_refused(folder: Path) -> None:
    (folder / "init.lua").unlink()
    (folder / "init.lua").mkdir()
    assert refusal(folder) == f"{folder / 'init.lua'} is a folder, and should be a file"


def test_an_entry_that_leads_out_of_the_module_is_refused(folder: Path) -> None:
    outside = write(folder.parent / "outside.lua")
    (folder / "init.lua").unlink()
    (folder / "init.lua").symlink_to(outside)
    assert refusal(folder) == f"{folder / 'init.lua'} leads out of the module, to {outside}"


def test_an_entry_that_leads_nowhere_is_refused(folder: Path) -> None:
    (folder / "init.lua").unlink()
    (folder / "init.lua").symlink_to("init.lua")
    assert refusal(folder) == f"{folder / 'init.lua'} is a link that leads nowhere"


def test_an_entry_that_is_a_pipe_is_refused_without_waiting_for_its_writer(folder: Path) -> None:
    (folder / "init.lua").unlink()
    os.mkfifo(folder / "init.lua")
    assert refusal(folder) == f"{folder / 'init.lua'} is no plain file"


def test_an_entry_that_is_too_large_is_refused(folder: Path) -> None:
    os.truncate(folder / "init.lua", LARGEST_FILE + 1)
    assert refusal(folder) == f"{folder / 'init.lua'} has over 4096 KiB"


def test_an_entry_in_a_folder_that_is_left_out_is_refused(folder: Path) -> None:
    write(folder / "next" / "module.toml", 'name = "chat"\nversion = "2"\n')
    write(folder / "next" / "main.lua")
    (folder / "module.toml").write_text('name = "chat"\nversion = "1"\nentry = "next/main.lua"\n')
    assert refusal(folder).endswith("next/main.lua is not part of the module; it lies in a folder that is left out")


def test_more_lua_than_a_module_may_have_is_refused(folder: Path) -> None:
    for at in range(LARGEST_BUNDLE // LARGEST_FILE + 1):
        os.truncate(write(folder / f"data{at}.lua"), LARGEST_FILE)
    assert refusal(folder) == f"{folder} has over 16 MiB of Lua"


def test_folders_without_end_are_refused(folder: Path) -> None:
    folder.joinpath(*["deeper"] * 20).mkdir(parents=True)
    assert refusal(folder) == f"{folder} has folders more than 16 deep"


def test_a_module_that_is_gone_is_refused(folder: Path) -> None:
    manifest = manifest_of(folder)
    folder.rename(folder.parent / "elsewhere")
    assert refusal(folder, manifest) == f"{folder} cannot be read: no such file or directory"


def test_a_file_that_leads_out_is_left_out_and_named_and_one_that_stays_is_read(folder: Path) -> None:
    outside = write(folder.parent / "outside.lua")
    (folder / "out.lua").symlink_to(outside)
    (folder / "in.lua").symlink_to("init.lua")
    bundle = bundle_of(folder)
    assert list(bundle.files) == ["in.lua", "init.lua"]
    assert dict(bundle.left_out) == {"out.lua": f"leads out of the module, to {outside}"}


def test_an_asset_below_the_folder_is_read(folder: Path) -> None:
    write(folder / "art" / "logo.svg", "<svg/>")
    assert read_asset(folder, "art/logo.svg") == b"<svg/>"


@pytest.mark.parametrize(
    "path",
    ["/etc/passwd", "../chat/init.lua", "art/../../x", "..", "", ".", "art\\..\\x", "a\0b", "out", "linked/x.lua"],
)
def test_an_asset_outside_the_folder_is_refused(folder: Path, path: str) -> None:
    write(folder.parent / "shared" / "x.lua")
    (folder / "out").symlink_to(folder.parent / "shared" / "x.lua")
    (folder / "linked").symlink_to(folder.parent / "shared")
    with pytest.raises(NotInsideError, match="leads out of the module"):
        read_asset(folder, path)


@pytest.mark.parametrize(
    ("path", "words"), [("none", "does not exist"), ("init.lua/x", "does not exist"), ("art", "is a folder")]
)
def test_an_asset_that_is_no_file_is_refused(folder: Path, path: str, words: str) -> None:
    (folder / "art").mkdir()
    with pytest.raises(NotInsideError, match=words):
        read_asset(folder, path)


def test_a_folder_that_becomes_a_link_while_it_is_read_never_leads_out(folder: Path) -> None:
    write(folder / "art" / "logo", "inside")
    write(folder.parent / "outside" / "logo", "outside")
    done = threading.Event()

    def swap() -> None:
        (folder / "link").symlink_to(folder.parent / "outside")
        turns = [("art", "spare"), ("link", "art"), ("art", "link"), ("spare", "art")]
        while not done.is_set():
            for old, new in turns:
                (folder / old).rename(folder / new)

    swapping = threading.Thread(target=swap)
    swapping.start()
    seen = set()
    deadline = time.monotonic() + 0.5
    while time.monotonic() < deadline:
        try:
            seen.add(read_asset(folder, "art/logo"))
        except NotInsideError as refused:
            seen.add(str(refused).split(",")[0].encode())
    done.set()
    swapping.join()
    assert b"outside" not in seen
    assert {b"inside", b"leads out of the module"} <= seen


def test_a_schema_is_read_where_there_is_one(folder: Path) -> None:
    assert read_config_schema(folder) == (None, ())
    write(folder / "config.schema.json", '{"type": "object"}')
    assert read_config_schema(folder) == ({"type": "object"}, ())


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ('{\n"a": }', 2, "is not JSON: expecting value"),
        ("[]", 1, "must be a JSON object"),
        ('{"a": 1, "a": 2}', 0, "has the key 'a' twice"),
        ('{"a": NaN}', 0, "NaN is no number"),
        ("[" * 100_000, 0, "is nested too deeply"),
        ('{"a": ' + "9" * 5000 + "}", 0, "a number that is too long"),
        ('"' + "x" * 300_000 + '"', 0, "has over 256 KiB"),
    ],
)
def test_a_schema_that_cannot_be_used_is_a_problem(folder: Path, text: str, line: int, words: str) -> None:
    file = write(folder / "config.schema.json", text)
    schema, (problem,) = read_config_schema(folder)
    assert schema is None
    assert (problem.key, problem.file, problem.line) == ("config.schema.json", file, line)
    assert words in problem.message


def test_a_schema_that_is_not_utf_8_or_leads_out_is_a_problem(folder: Path) -> None:
    file = folder / "config.schema.json"
    file.write_bytes(b'{"a": "\xff"}')
    assert [problem.message for problem in read_config_schema(folder)[1]] == ["is not UTF-8; save it in that encoding"]
    file.unlink()
    file.symlink_to("/etc/hostname")
    assert "leads out of the module" in read_config_schema(folder)[1][0].message
