"""A package is what its folder was, to the last bit, or it is refused."""

from __future__ import annotations

import importlib.util
import json
import os
import stat
from pathlib import Path

import pytest

from host.packages.archive import archived, read_archive
from host.packages.contents import contents_of
from host.packages.package import INDEX_NAME, SIGNATURE_NAME, pack
from host.packages.signing import fingerprint, make_key, read_key
from host.vocabulary.errors import KeyUnusable, NotPacked, PackageInvalid
from host.vocabulary.identity import Tier
from tests.discovery.module_folders import write_module
from tests.discovery.test_otclient_folders import write_otmod
from tests.packages.parcels import FILES, MANIFEST, made, read, signer, zipped


def refusal(data: bytes) -> str:
    with pytest.raises(PackageInvalid) as refused:
        read(data)
    return str(refused.value)


def test_the_same_folder_and_key_are_the_same_bytes(tmp_path: Path) -> None:
    first, second = made(tmp_path / "one", signer()), made(tmp_path / "two", signer())
    os.utime(tmp_path / "two/plugins/m/1.0.0/init.lua", (0, 0))
    assert first == second == made(tmp_path / "two", signer())
    assert first != made(tmp_path / "one", signer(2))


def test_a_package_holds_what_the_module_needs_and_nothing_else(tmp_path: Path) -> None:
    folder = write_module(tmp_path, "m")
    for path in ("README.md", "lib/x.lua", "data/words.txt", "config.schema.json"):
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text("{}" if path.endswith("json") else "return {}")
    for path in (".git/config", "tests/t.lua", "__pycache__/a.pyc", "b.pyc", "init.lua~", ".hidden", "lib/x.lua.orig"):
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text("no")
    write_module(folder, "inner")
    (folder / "plugins/inner/x.txt").write_text("of another module")
    package = read(pack(folder, signer())[1])
    assert list(package.files) == [
        *("README.md", "config.schema.json", "data/words.txt", "init.lua", "lib/x.lua", "module.toml"),
    ]


def test_an_unsigned_package_says_so_and_a_signed_one_by_whom(tmp_path: Path) -> None:
    assert read(made(tmp_path, None)).key == b""
    assert read(made(tmp_path, signer())).key == signer().public


@pytest.mark.parametrize("lua", ["return {", "foo()\nreturn {}"])
def test_a_module_with_faults_is_not_packed(lua: str, tmp_path: Path) -> None:
    with pytest.raises(NotPacked, match=r"init\.lua:1"):
        made(tmp_path, signer(), lua=lua)


def test_a_link_is_not_packed(tmp_path: Path) -> None:
    folder = write_module(tmp_path, "m")
    (folder / "data").symlink_to("/etc")
    with pytest.raises(NotPacked, match="data is a link"):
        contents_of(folder, "m")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("aux.txt", "keeps for a device"),
        ("INIT.lua", "take"),
        ("a:b", "':'"),
        ("native.py", "is Python"),
        ("Native.PY", "Native.PY is Python"),
        ("a\nb", "cannot be shown"),
    ],
)
def test_a_file_that_is_none_everywhere_is_not_packed(name: str, said: str, tmp_path: Path) -> None:
    folder = write_module(tmp_path, "m")
    (folder / name).write_text("x")
    with pytest.raises(NotPacked, match=said):
        contents_of(folder, "m")


COMPILED = [
    ("lib/socket.so", b"", "by its name compiled code"),
    ("libssl.so.3", b"", "by its name compiled code"),
    ("tool.PYD", b"text", "by its name compiled code"),
    ("data.bin", b"\x7fELF\x02\x01\x01\0", "a program or library of Linux"),
    ("picture.png", b"MZ\x90\0\x03\0", "a program or library of Windows"),
    ("notes.txt", b"\xcf\xfa\xed\xfe\x07\0\0\x01", "a program or library of macOS"),
    ("words.lua", b"\x1bLJ\x02\n", "compiled Lua"),
    ("words.dat", importlib.util.MAGIC_NUMBER + b"\0\0\0\0" + bytes(8), "compiled Python"),
]


@pytest.mark.parametrize(("path", "data", "kind"), COMPILED)
def test_compiled_code_is_neither_packed_nor_installed(path: str, data: bytes, kind: str, tmp_path: Path) -> None:
    assert f"{path!r}, which is {kind}, and modules are text" in refusal(zipped(FILES | {f"m/{path}": data}))
    folder = write_module(tmp_path, "m")
    (folder / path).parent.mkdir(exist_ok=True)
    (folder / path).write_bytes(data)
    with pytest.raises(NotPacked, match=f"{path} is {kind}"):
        contents_of(folder, "m")


@pytest.mark.parametrize(
    "data", [b"MZ is how it begins\n", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"a\n\r\nb\n\r\n", "MZ \u00fc".encode(), b""]
)
def test_what_only_looks_alike_is_packed(data: bytes, tmp_path: Path) -> None:
    folder = write_module(tmp_path, "m")
    (folder / "asset").write_bytes(data)
    assert contents_of(folder, "m")["asset"] == data


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes are POSIX's")
def test_a_pipe_is_not_packed_and_not_waited_for(tmp_path: Path) -> None:
    folder = write_module(tmp_path, "m")
    os.mkfifo(folder / "pipe")
    with pytest.raises(NotPacked, match="no plain file"):
        contents_of(folder, "m")


def test_a_module_of_otclient_is_packed_too(tmp_path: Path) -> None:
    folder = write_otmod(tmp_path / "battle", "battle", "  scripts: [ a ]\n", a="x = 1\n")
    package = read(pack(folder, signer())[1], tmp_path)
    assert package.manifest.folder == tmp_path / "plugins" / "battle"
    assert package.manifest.scripts is not None


def test_a_manifest_is_read_for_the_place_where_it_will_lie(tmp_path: Path) -> None:
    manifest = read(made(tmp_path, None), tmp_path, Tier.EXTENSIONS).manifest
    assert (manifest.tier, manifest.folder) == (Tier.EXTENSIONS, tmp_path / "extensions/m/1.0.0")


def test_a_package_that_lies_in_the_folder_is_not_packed_with_it(tmp_path: Path) -> None:
    folder = write_module(tmp_path, "m")
    first = pack(folder, signer())[1]
    (folder / "m-1.0.0.zip").write_bytes(first)
    assert pack(folder, signer())[1] == first


def test_a_private_key_is_never_packed(tmp_path: Path) -> None:
    folder = write_module(tmp_path, "m")
    make_key(folder / "lib" / "signing-key.pem")
    with pytest.raises(NotPacked, match=r"lib/signing-key\.pem holds a private key"):
        pack(folder, signer())


def test_a_file_that_was_changed_is_named(tmp_path: Path) -> None:
    entries = read_archive(made(tmp_path, signer()))
    changed = archived(entries | {"m/init.lua": b"return nil"})
    assert "'m/init.lua'" not in refusal(changed)
    assert "holds 'init.lua' with another digest than its index lists" in refusal(changed)


def test_a_file_too_many_or_too_few_is_named(tmp_path: Path) -> None:
    entries = read_archive(made(tmp_path, signer()))
    assert "holds 'more.lua', which its index does not list" in refusal(archived(entries | {"m/more.lua": b""}))
    assert "holds 'beside' beside the module" in refusal(archived(entries | {"beside": b""}))
    del entries["m/init.lua"]
    assert "lacks 'init.lua', which its index lists" in refusal(archived(entries))


def test_a_signature_of_another_package_is_refused(tmp_path: Path) -> None:
    one, other = (read_archive(made(tmp_path / v, signer(), v)) for v in ("1.0.0", "2.0.0"))
    mixed = archived(one | {SIGNATURE_NAME: other[SIGNATURE_NAME]})
    assert "not of these contents" in refusal(mixed)


def test_a_package_without_its_signature_is_unsigned_and_not_otherwise_sound(tmp_path: Path) -> None:
    entries = read_archive(made(tmp_path, signer()))
    del entries[SIGNATURE_NAME]
    assert read(archived(entries)).key == b""


@pytest.mark.parametrize(
    "extra",
    [lambda data: data + b"\0", lambda data: b"#!/bin/sh\n" + data, lambda data: data[:-2] + b"\x01\0x"],
    ids=["after", "before", "comment"],
)
def test_what_stands_around_the_files_is_refused(extra: object, tmp_path: Path) -> None:
    assert callable(extra)
    assert "was changed" in refusal(extra(made(tmp_path, signer()))) or "no zip file" in refusal(
        extra(made(tmp_path, signer()))
    )


@pytest.mark.parametrize(
    ("index", "said"),
    [
        (b"{", "an index that cannot be read"),
        (b"[]", "an index that cannot be read"),
        (b'{"files":{},"format":2,"name":"m","version":"1.0.0"}\n', "another version of this program"),
        (b'{"files": {},"format":1,"name":"m","version":"1.0.0"}\n', "not written as this program writes it"),
        (b'{"files":{},"format":1,"name":"m","name":"m","version":"1.0.0"}\n', "not written as this program"),
        (b"[" * 100_000, "an index that cannot be read"),
    ],
)
def test_an_index_that_is_written_in_another_way_is_refused(index: bytes, said: str, tmp_path: Path) -> None:
    entries = read_archive(made(tmp_path, None))
    assert said in refusal(archived(entries | {INDEX_NAME: index}))


def test_an_index_of_another_module_is_refused(tmp_path: Path) -> None:
    entries = read_archive(made(tmp_path, None))
    said = json.loads(entries[INDEX_NAME]) | {"version": "2.0.0"}
    index = json.dumps(said, sort_keys=True, separators=(",", ":")).encode() + b"\n"
    assert "says that it is m 2.0.0, and holds m 1.0.0" in refusal(archived(entries | {INDEX_NAME: index}))


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({}, "holds no module.toml"),
        ({"m/init.lua": b""}, "holds no module.toml"),
        (FILES | {"n/module.toml": MANIFEST}, "more than one module"),
        (FILES | {"m/inner/module.toml": MANIFEST}, "more than one module"),
        (FILES | {"beside.txt": b""}, "beside the module"),
        (FILES | {"m/native.py": b""}, "which is Python"),
        (FILES | {"m/NATIVE.py": b""}, "holds NATIVE.py, which is Python"),
        ({"module.toml": b"name = 5"}, "a manifest with faults"),
        ({"module.toml": MANIFEST.replace(b"1.0.0", b"")}, "a manifest with faults"),
    ],
)
def test_a_plain_zip_that_is_not_one_module_is_refused(files: dict[str, bytes], said: str) -> None:
    assert said in refusal(zipped(files))


@pytest.mark.parametrize("prefix", ["", "m/", "deep/down/m-main/"])
def test_a_plain_zip_of_a_folder_is_a_package_that_nobody_signed(prefix: str) -> None:
    package = read(zipped({prefix + path.removeprefix("m/"): data for path, data in FILES.items()}))
    assert package.key == b""
    assert set(package.files) == {"module.toml", "init.lua"}


def test_a_key_is_its_users_alone(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "key.pem"
    made_key = make_key(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert read_key(file).public == made_key.public
    assert fingerprint(made_key.public).startswith("SHA256:")
    with pytest.raises(KeyUnusable, match="is there already"):
        make_key(file)
    file.chmod(0o640)
    with pytest.raises(KeyUnusable, match="chmod 600"):
        read_key(file)


@pytest.mark.parametrize("text", ["", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "RSA"])
def test_a_file_that_is_no_key_is_refused(text: str, tmp_path: Path) -> None:
    file = tmp_path / "key.pem"
    if text == "RSA":
        from cryptography.hazmat.primitives import serialization as s  # noqa: PLC0415 - slow to import
        from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key  # noqa: PLC0415

        key = generate_private_key(SECP256R1())
        file.write_bytes(key.private_bytes(s.Encoding.PEM, s.PrivateFormat.PKCS8, s.NoEncryption()))
    else:
        file.write_text(text)
    file.chmod(0o600)
    with pytest.raises(KeyUnusable):
        read_key(file)
    with pytest.raises(KeyUnusable, match="theseus keygen"):
        read_key(tmp_path / "gone.pem")
