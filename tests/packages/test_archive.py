"""Zip files that would do harm are refused before anything is written."""

from __future__ import annotations

import hashlib
import io
import stat
import struct
import time
import zipfile

import pytest

from host.packages.archive import MOST_FILES, ArchiveWrongError, archived, read_archive
from tests.packages.parcels import entry, zipped


def refusal(data: bytes) -> str:
    with pytest.raises(ArchiveWrongError) as refused:
        read_archive(data)
    return str(refused.value)


def with_entries(*entries: tuple[zipfile.ZipInfo, bytes]) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        for info, data in entries:
            archive.writestr(info, data)
    return whole.getvalue()


def test_the_same_files_are_the_same_bytes_on_every_python() -> None:
    data = archived({"a.txt": b"one", "lib/b.txt": b"two", "w\u00f6.txt": b""})
    assert hashlib.sha256(data).hexdigest() == "9c119d6da66d700e1c8b3c1a6f1081b788ed4078157e11cffd9233bf5567d9f6"


def test_what_was_written_is_read() -> None:
    files = {"a.txt": b"one", "lib/b.bin": bytes(range(256)) * 100}
    assert read_archive(archived(files)) == files
    assert read_archive(zipped(files)) == files


@pytest.mark.parametrize(
    "name", ["../up", "/abs", "a/../../b", "C:/x", "a\\..\\b", "NUL", "a\nb", "a\x1b]b", "x" * 300, "a/./b"]
)
def test_a_name_that_leads_out_is_refused(name: str) -> None:
    assert refusal(zipped({name: b"x"})).startswith("holds ")


def test_a_name_that_ends_early_for_some_readers_is_refused() -> None:
    data = zipped({"a.luaXb": b"x"}).replace(b"a.luaXb", b"a.lua\0b")
    assert "not said the same way twice" in refusal(data)


@pytest.mark.parametrize(
    ("mode", "said"),
    [
        (stat.S_IFLNK | 0o777, "is a link"),
        (stat.S_IFIFO | 0o644, "no plain file"),
        (stat.S_IFCHR | 0o644, "no plain file"),
    ],
)
def test_links_and_devices_are_refused(mode: int, said: str) -> None:
    assert said in refusal(with_entries((entry("a", mode), b"/etc/passwd")))


def test_a_file_that_says_it_is_a_folder_is_refused() -> None:
    assert "no plain file" in refusal(with_entries((entry("a", stat.S_IFDIR | 0o755), b"")))


def test_the_same_name_twice_is_refused() -> None:
    with pytest.warns(UserWarning, match="Duplicate name"):
        data = with_entries((entry("a"), b"1"), (entry("a"), b"2"))
    assert refusal(data) == "holds 'a' twice"


@pytest.mark.parametrize("names", [("a", "A"), ("\u00e9", "\u00c9"), ("a/b", "a"), ("\ufb01", "fi")])
def test_names_that_some_system_takes_for_one_are_refused(names: tuple[str, str]) -> None:
    assert "some systems take for one" in refusal(zipped(dict.fromkeys(names, b"x")))


@pytest.mark.parametrize("bit", [0x1, 0x40, 0x2000])
def test_encrypted_files_are_refused(bit: int) -> None:
    data = bytearray(zipped({"a": b"x"}))
    at = data.index(b"PK\x01\x02") + 8
    data[at : at + 2] = struct.pack("<H", struct.unpack("<H", data[at : at + 2])[0] | bit)
    assert "is encrypted" in refusal(bytes(data))


@pytest.mark.parametrize("how", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_ways_of_compressing_are_refused(how: int) -> None:
    assert "use deflate" in refusal(zipped({"a": b"x" * 100}, how))


def test_a_name_that_is_not_marked_as_utf8_is_refused() -> None:
    data = zipped({"\u00e9": b"x"})
    at = data.index(b"PK\x01\x02") + 8
    changed = bytearray(data)
    changed[at : at + 2] = b"\0\0"
    assert "is not marked as UTF-8" in refusal(bytes(changed))


def test_a_bomb_goes_off_in_no_time_and_fills_no_memory() -> None:
    bomb = zipped({f"f{number}": b"\0" * (15 << 20) for number in range(10)})
    assert len(bomb) < 200_000
    began = time.process_time()
    assert "becomes too much" in refusal(bomb)
    assert time.process_time() - began < 5
    assert "has over 16 MiB" in refusal(zipped({"f": b"\0" * (17 << 20)} | {f"r{n}": b"" for n in range(3)}, 0))


def test_a_size_that_the_directory_lies_about_is_not_believed() -> None:
    data = bytearray(zipped({"a": b"\0" * (8 << 20)}))
    at = data.index(b"PK\x01\x02") + 24
    data[at : at + 4] = struct.pack("<I", 10)
    assert refusal(bytes(data))


def test_too_many_files_are_refused_before_they_are_listed() -> None:
    assert f"over {MOST_FILES} files" in refusal(zipped({f"f{number}": b"" for number in range(MOST_FILES + 1)}))
    assert f"over {MOST_FILES} files" in refusal(b"PK\x01\x02" * 20_001)


def test_hidden_files_of_a_plain_zip_are_left_out() -> None:
    files = {"m/a": b"x", "m/.git/config": b"x", ".DS_Store": b"x", "__MACOSX/._a": b"x"}
    assert read_archive(zipped(files)) == {"m/a": b"x"}


@pytest.mark.parametrize("data", [b"", b"PK", b"not a zip", b"PK\x05\x06"])
def test_what_is_no_zip_is_refused(data: bytes) -> None:
    assert "no zip file" in refusal(data)


def test_folders_are_no_files() -> None:
    data = with_entries((entry("m/", stat.S_IFDIR | 0o755), b""), (entry("m/a"), b"x"))
    assert read_archive(data) == {"m/a": b"x"}
