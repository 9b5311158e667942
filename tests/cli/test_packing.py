"""Modules as files that travel: packed by one user, installed by another, from the command line."""

from __future__ import annotations

import hashlib
import json
import shutil
from contextlib import nullcontext, redirect_stderr
from io import StringIO
from pathlib import Path

import pytest

from host.cli import main
from host.vocabulary.folders import data_option
from tests.cli.program import Ended, running, theseus
from tests.engine.place import Place
from tests.packages.parcels import FILES, digests, zipped

CHAT = """local M, n = {}, 0
M.exports = { count = function() n = n + 1 return n end }
function M:getState() return { n = n } end
function M:setState(state) n = state.n end
return M"""


@pytest.fixture(scope="module")
def author(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """Who made ``chat`` and has a key."""
    place = Place(tmp_path_factory.mktemp("author"))
    place.module("chat", CHAT, more='[permissions]\n"net" = ["example.com:443"]\n')
    assert theseus("keygen", "--data", place.data).status == 0
    return place


@pytest.fixture(scope="module")
def packed(author: Place) -> Path:
    """A package of ``chat``, signed."""
    file = author.root.parent / "chat.zip"
    made = theseus("pack", author.root / "plugins/chat", "--data", author.data, "--output", file)
    assert (made.status, made.err) == (0, ""), made
    assert "signed with SHA256:" in made.out
    return file


def install(place: Place, *words: str | Path) -> Ended:
    return theseus("install", *words, "--modules", place.root, "--data", place.data)


def test_a_package_is_shown_and_not_installed_unasked(place: Place, packed: Path) -> None:
    shown = install(place, packed)
    assert shown.status == 1
    assert "asks for net: example.com:443" in shown.out
    assert "a key that was not seen before" in shown.out
    assert "loads chat 1.0.0" in shown.out
    assert "--yes" in shown.err
    assert digests(place.root) == {}


@pytest.mark.parametrize("served", [False, True])
def test_what_takes_the_place_of_a_shown_package_is_not_installed(
    place: Place, packed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, served: bool
) -> None:
    file = tmp_path / "chat.zip"
    shutil.copy(packed, file)

    class Exchanging:
        """Says yes once another package lies there."""

        def isatty(self) -> bool:
            return True

        def readline(self) -> str:
            file.write_bytes(zipped(FILES))
            return "y\n"

    with running(place) if served else nullcontext():
        monkeypatch.setattr("sys.stdin", Exchanging())
        words = ["install", str(file), "--unsigned", "--modules", str(place.root), "--data", str(place.data)]
        with redirect_stderr(StringIO()) as said:
            assert main(words) == 1
    assert "is not the package that was looked at" in said.getvalue()
    assert digests(place.root) == {}


def test_what_was_packed_is_installed_and_taken_out_and_back(place: Place, packed: Path, author: Place) -> None:
    done = install(place, packed, "--yes")
    assert (done.status, done.err) == (0, "")
    before = digests(place.root)
    assert before == {
        f"plugins/chat/1.0.0/{path}": digest for path, digest in digests(author.root / "plugins/chat").items()
    }
    gone = theseus("uninstall", "chat", "--modules", place.root, "--data", place.data)
    assert gone.out.endswith(f"take it back with: theseus restore chat{data_option(place.data)}\n")
    assert digests(place.root) == {}
    assert theseus("restore", "chat==1.0.0", "--data", place.data).status == 0
    assert digests(place.root) == before


def test_what_is_installed_is_known_to_later_commands(
    place: Place, packed: Path, author: Place, tmp_path: Path
) -> None:
    install(place, packed, "--yes")
    folder = author.root / "plugins/chat"
    other = tmp_path / "other.zip"
    theseus("pack", folder, "--new-key", tmp_path / "other.pem", "--output", other)
    refused = install(place, other, "--yes", "--replace")
    assert refused.status == 1
    assert "--trust-key" in refused.err
    assert install(place, other, "--yes", "--replace", "--trust-key").status == 0


def test_in_json_it_is_looked_at_or_with_yes_installed(place: Place, packed: Path) -> None:
    looked = install(place, packed, "--json")
    assert (looked.status, looked.json["trust"], looked.json["refused"]) == (0, "new", "")
    assert digests(place.root) == {}
    done = install(place, packed, "--json", "--yes")
    assert (done.status, done.json["place"]) == (0, str(place.root / "plugins/chat/1.0.0"))
    again = install(place, packed, "--json", "--yes")
    assert (again.status, again.json["error"]["kind"]) == (1, "there")


def test_a_plain_zip_needs_a_word(place: Place, tmp_path: Path) -> None:
    file = tmp_path / "m.zip"
    file.write_bytes(zipped(FILES))
    assert "--unsigned" in install(place, file, "--yes").err
    assert install(place, file, "--yes", "--unsigned").status == 0


def test_what_is_no_package_is_refused(place: Place, tmp_path: Path) -> None:
    file = tmp_path / "m.zip"
    assert "does not exist; nothing was installed" in install(place, file).sentence
    file.write_bytes(b"no zip")
    assert "no zip file that can be read" in install(place, file).sentence


def test_packing_in_json_says_what_was_made(author: Place, tmp_path: Path) -> None:
    file = tmp_path / "m.zip"
    made = theseus("pack", author.root / "plugins/chat", "--data", author.data, "--output", file, "--json").json
    assert made["digest"] == hashlib.sha256(file.read_bytes()).hexdigest()
    assert (made["name"], made["size"], made["signed_by"][:7]) == ("chat", file.stat().st_size, "SHA256:")


def test_packing_without_a_key_says_how_to_make_one(place: Place) -> None:
    assert "theseus keygen" in theseus("pack", place.module("m"), "--data", place.data).sentence


@pytest.mark.parametrize("tier", ["core", "nowhere"])
def test_a_tier_that_takes_no_packages_is_refused(tier: str, place: Place, packed: Path) -> None:
    assert "tier" in install(place, packed, "--yes", "--tier", tier).err
    assert digests(place.root) == {}


@pytest.mark.integration
def test_a_running_host_installs_it_itself_and_takes_a_replacement_in(
    place: Place, packed: Path, author: Place, tmp_path: Path
) -> None:
    with running(place) as host:
        done = host.ask("install", packed, "--yes", "--json")
        assert (done.status, done.err) == (0, "")
        assert host.until("module_found", "chat")["version"] == "1.0.0"
        assert host.ask("load", "chat").status == 0
        assert "is loaded; unload it first" in host.ask("uninstall", "chat").sentence
        folder = tmp_path / "chat"
        shutil.copytree(author.root / "plugins/chat", folder)
        (folder / "init.lua").write_text(CHAT.replace("n = n + 1", "n = n + 10"))
        newer = tmp_path / "newer.zip"
        assert theseus("pack", folder, "--data", author.data, "--output", newer).status == 0
        assert host.ask("install", newer, "--yes", "--replace").status == 0
        assert host.until("swap_committed", "chat")["version"] == "1.0.0"
        assert host.ask("unload", "chat").status == 0
        assert host.ask("uninstall", "chat").status == 0
        assert host.until("module_gone", "chat")
        assert host.ask("restore", "chat").status == 0
        assert host.until("module_found", "chat")
        assert json.loads(host.ask("install", packed, "--json").out)["trust"] == "known"
        again = host.ask("install", packed, "--yes", "--json")
        assert again.json["error"]["kind"] == "there"
        none = host.ask("install", __file__, "--yes", "--json")
        assert none.json["error"]["kind"] == "PackageInvalid"
