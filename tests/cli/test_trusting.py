"""``keys``: with a running host and without one."""

from __future__ import annotations

from pathlib import Path

import pytest

from host.packages.package import pack
from host.packages.signing import fingerprint
from host.vocabulary.folders import data_option
from tests.cli.program import running, theseus
from tests.engine.place import Place
from tests.packages.parcels import signer

pytestmark = pytest.mark.integration

KEY = fingerprint(signer().public)


def test_keys_are_listed_revoked_and_restored(place: Place, tmp_path: Path) -> None:
    (tmp_path / "made").mkdir()
    file = tmp_path / "chat.zip"
    file.write_bytes(pack(Place(tmp_path / "made").module("chat"), signer())[1])
    folders = ("--data", place.data, "--modules", place.root)
    assert theseus("keys", *folders).out == "no package was installed yet\n"
    assert theseus("install", file, "--yes", *folders).status == 0
    assert theseus("keys", *folders).out.startswith(f"{KEY}  of chat, trusted since 2")
    said = theseus("keys", "--revoke", "chat", *folders).out.splitlines()
    assert said[0].startswith(f"{KEY}  of chat, revoked on 2")
    assert said[1] == f"  installed with it: chat 1.0.0; theseus uninstall NAME{data_option(place.data)} takes that out"
    refused = theseus("install", file, "--replace", "--yes", *folders)
    assert "which was revoked; theseus keys --restore" in refused.err
    assert f"signed with {KEY}, a key that you revoked" in refused.out
    assert "is no fingerprint" in theseus("keys", "--revoke", "nobody", *folders).sentence
    assert theseus("keys", "--revoke", "a", "--restore", "b", *folders).status == 2
    with running(place) as host:
        (view,) = host.ask("keys", "--json").json
        assert (view["fingerprint"], view["revoked"] > 0) == (KEY, True)
        assert "trusted since" in host.ask("keys", "--restore", KEY).out
