"""``grant``, ``revoke`` and ``grants``: with a running host, and without one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.program import running, theseus
from tests.engine.place import Place

pytestmark = pytest.mark.integration

ASKS = """[permissions]
net = ["api.example.com:443", "b.example.com:1"]
modules = ["emit:onSaid"]
"fs.read" = ["data/**"]
"""


@pytest.fixture
def asking(tmp_path: Path) -> Place:
    place = Place(tmp_path)
    place.module("chat", more=ASKS)
    place.module("plain")
    return place


def test_without_a_host_it_is_kept_for_the_next_one(asking: Place) -> None:
    folders = ("--data", asking.data, "--modules", asking.root)
    assert theseus("grants", *folders).out == "you granted nothing\n"
    granted = theseus("grant", "chat", "--net", "api.example.com:443", "--use", "emit:onSaid", *folders)
    assert (granted.status, granted.out.splitlines()) == (
        0,
        ["chat may use net api.example.com:443", "chat may use modules emit:onSaid"],
    )
    with running(asking, "--load", "chat") as host:
        (row, *_) = host.ask("grants", "chat", "--json").json
        assert (row["permission"], row["pattern"], row["allowed"]) == ("net", "api.example.com:443", True)
        views = host.ask("status", "--json").json["modules"]["chat"]["access"]
        assert [view["granted_by"] for view in views] == ["user", "", "user", ""]
        assert host.ask("revoke", "chat", "--use").out == "chat may use net api.example.com:443\n"
        assert host.ask("grant", "chat", "--fs.read", "--versions", "^1").out.endswith(
            "chat (^1) may use fs.read data/**\n"
        )
        host.until("access_changed", "chat")
        assert host.ask("revoke", "chat").out == "you granted nothing to chat\n"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("grant", "plain"), "plain 1.0.0 asks for nothing; nothing was granted"),
        (("grant", "chta"), "no module is called 'chta' (did you mean 'chat'?)"),
        (("grant", "chat", "--env", "HOME"), "no version of chat asks for env in its manifest"),
        (("grant", "chat", "--net", "nowhere"), "'nowhere' is not understood; write HOST:PORT"),
        (("revoke", "chat", "--versions", "newest"), "'newest' is not a version specifier"),
    ],
)
def test_what_cannot_be_granted_is_one_sentence(words: tuple[str, ...], sentence: str, asking: Place) -> None:
    folders = ("--data", asking.data, "--modules", asking.root)
    assert sentence in theseus(*words, *folders).sentence
    assert sentence in theseus(*words, "--json", *folders).json["error"]["message"]
