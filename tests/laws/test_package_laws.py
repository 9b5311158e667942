"""Laws of packages: what was packed is what is installed, one bit is enough to be refused, and no name leads out."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from host.packages.archive import ArchiveWrongError, archived, read_archive
from host.packages.names import collision, fault_of_path
from host.packages.package import pack
from host.packages.placing import staged
from host.vocabulary.errors import PackageInvalid
from tests.discovery.module_folders import write_module
from tests.packages.parcels import MANIFEST, digests, ground, now, put, read, signer, zipped

words = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8)
pieces = st.one_of(
    st.sampled_from(
        ["..", ".", "", "a", "A", "con", "x.", " ", "C:", "\\", "..\\", "\0", "\x1b", "\u202e", "e\u0301", "lib"]
    ),
    words,
)
crafted = st.lists(pieces, min_size=1, max_size=5).flatmap(
    lambda parts: st.sampled_from(["/".join(parts), "\\".join(parts), "".join(parts), "/" + "/".join(parts)])
)
sound = st.lists(words, min_size=1, max_size=3).map("/".join).filter(lambda path: not fault_of_path(path))


def _of_its_own(files: dict[str, bytes]) -> bool:
    """Whether these are files that a module may have besides its Lua and its manifest, and that are packed."""
    left_out = (".lua", ".pyc", ".pyo", "~", ".swp", ".orig", ".rej", ".tmp", ".otmod", ".py", ".json")
    ours = [path.casefold().split("/")[0] in {"tests", "module.toml", "init.lua"} for path in files]
    inner = [
        part.casefold() in {"module.toml", "__pycache__", "node_modules"} for path in files for part in path.split("/")
    ]
    return not any([*ours, *inner, collision([*files, "tests/x"]), *(path.endswith(left_out) for path in files)])


@given(st.dictionaries(sound, st.binary(max_size=50), max_size=5).filter(_of_its_own))
@settings(deadline=None, max_examples=30)
def test_what_was_packed_is_what_is_installed(files: dict[str, bytes]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = write_module(Path(name) / "made", "m")
        for path, data in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(data)
        with ground(Path(name)) as here:
            done = put(pack(folder, signer())[1], here)
            assert digests(Path(done.place)) == digests(folder)


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = write_module(tmp_path_factory.mktemp("signed"), "m", lua="return {}")
    return pack(folder, signer())[1]


def test_a_package_with_any_one_bit_changed_is_refused(signed: bytes) -> None:
    assert read(signed).key == signer().public
    taken = []
    for place in range(len(signed) * 8):
        changed = bytearray(signed)
        changed[place // 8] ^= 1 << place % 8
        try:
            taken.append((place, read(bytes(changed))))
        except PackageInvalid:
            continue
    assert taken == []


@given(st.data())
def test_a_package_with_bytes_changed_cut_or_added_is_refused(data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as name:
        whole = pack(write_module(Path(name), "m"), signer())[1]
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, min(len(whole), start + 40)))
    instead = data.draw(st.binary(max_size=40))
    changed = whole[:start] + instead + whole[end:]
    if changed != whole:
        with pytest.raises(PackageInvalid):
            read(changed)


@given(st.lists(crafted, min_size=1, max_size=4, unique=True))
@settings(deadline=None)
def test_no_name_lands_outside_or_under_another(names: list[str]) -> None:
    files = {f"m/{name}" if index % 2 else name: b"x" for index, name in enumerate(names)}
    try:
        found = read_archive(zipped(files))
    except ArchiveWrongError:
        return
    with tempfile.TemporaryDirectory() as name:
        root = Path(name) / "deep" / "root"
        root.mkdir(parents=True)
        with staged(root, found) as new:
            assert set(digests(new)) == set(found) <= set(files)
            outside = [file for file in Path(name).rglob("*") if file.is_file() and new not in file.parents]
            assert outside == []
        assert list(Path(name).rglob("*")) == [Path(name) / "deep", root]


@given(crafted)
@settings(deadline=None)
def test_a_module_with_any_name_of_a_file_lies_in_its_place_alone(name: str) -> None:
    data = zipped({"module.toml": MANIFEST, "init.lua": b"return {}", name: b"x"})
    with tempfile.TemporaryDirectory() as folder, ground(Path(folder)) as here:
        try:
            put(data, here)
        except PackageInvalid:
            return
        files = digests(Path(folder))
        assert all(path.startswith("modules/plugins/m/1.0.0/") for path in files), files
        assert len(files) in {2, 3}
        assert len(now(here).repository.modules) == 1


@given(st.dictionaries(sound, st.binary(max_size=50), max_size=6).filter(lambda files: not collision(files)))
def test_what_is_archived_is_read(files: dict[str, bytes]) -> None:
    assert read_archive(archived(files)) == files
