"""``theseus audit``: of a running host, and of a data folder at rest."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.program import running, theseus
from tests.engine.place import Place
from tests.engine.test_granting import ASKS, DESK, NATIVE, READER

pytestmark = pytest.mark.integration


def test_it_is_shown_and_verified_with_a_host_and_without(tmp_path: Path) -> None:
    place = Place(tmp_path)
    (place.module("desk", DESK, tier="core") / "native.py").write_text(NATIVE)
    place.module("reader", READER + "-- \n", more=ASKS)
    entry = READER.replace("return {", "desk.read('ONE') return {", 1)
    place.module("reader", entry, more=ASKS)
    at = ("--data", place.data)
    assert "no host ever ran there" in theseus("audit", *at).sentence
    with running(place, "--load", "reader") as host:
        assert ": env ONE through desk" in host.ask("audit").out
        assert host.ask("grant", "reader").status == 0
        (row,) = host.ask("audit", "--module", "reader", "--count", "1", "--json").json
        assert (row["permission"], row["wanted"], row["verdict"]) == ("grant", "env ONE, env TWO_*", "allowed")
        assert host.ask("audit", "--verify").out.startswith("rows 1 to 2 are as they were written; the last digest is")
    assert theseus("audit", "--verify", "--json", *at).json["problems"] == []
    assert len(theseus("audit", "--json", *at).json) == 2
    with closing(sqlite3.connect(place.data / "theseus.sqlite3")) as connection, connection:
        connection.execute("DROP TRIGGER audit_is_not_changed")
        connection.execute("UPDATE audit SET verdict = 'allowed'")
    found = theseus("audit", "--verify", *at)
    assert (found.status, found.out.splitlines()[1]) == (1, "  row 1 is not as it was written")
    assert theseus("audit", "--count", "0", *at).status == 2


def test_a_database_that_was_taken_away_is_missing_where_its_head_is_still_there(tmp_path: Path) -> None:
    (tmp_path / "audit.head").write_text("1 0\n")
    sentence = theseus("audit", "--verify", "--data", tmp_path).sentence
    assert "is missing, and audit.head beside it tells of an audit in it" in sentence
    assert "no host ever ran" not in sentence
