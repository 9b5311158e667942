"""What the user says of permissions: in force at once, kept, narrowed, taken back."""

from __future__ import annotations

import pytest

from host import HostError
from host.vocabulary.errors import ModuleUnknown, PatternInvalid, PermissionUnknown, SpecifierInvalid
from host.vocabulary.events import EventKind
from host.vocabulary.permission import Grant
from tests.engine.place import Place, kinds, lines

DESK = """
local M = { exports = {} }
function M.exports.read(name) return host.native.read(name) end
return M
"""
NATIVE = """
def functions(folder, gate):
    return {"read": lambda caller, name: gate.variable(caller, name) or "unset"}
"""
READER = """
local desk = require("desk")
return { exports = { read = function(name) local value, why = desk.read(name) return value or why end } }
"""
NEEDS = '[dependencies]\ndesk = "*"\n'
ASKS = NEEDS + '[permissions]\nenv = ["ONE", "TWO_*"]\n'


@pytest.fixture
def reader(place: Place) -> Place:
    (place.module("desk", DESK, tier="core") / "native.py").write_text(NATIVE)
    place.module("reader", READER, more=ASKS, folder="1")
    return place


def said(permission: str, pattern: str, *, allowed: bool = True, versions: str = "*") -> Grant:
    return Grant(module="reader", versions=versions, permission=permission, pattern=pattern, allowed=allowed)


async def test_what_is_granted_counts_at_the_next_use_and_what_is_taken_back_too(reader: Place) -> None:
    async with reader.host() as host:
        await host.load("reader")
        denied = await host.call("reader", "read", "ONE")
        assert denied.startswith("permission denied: reader may not use env for 'ONE'; allow it with: theseus grant")
        assert await host.grant("reader") == (said("env", "ONE"), said("env", "TWO_*"))
        assert await host.call("reader", "read", "ONE") == "unset"
        assert await host.call("reader", "read", "TWO_B") == "unset"
        assert await host.revoke("reader", {"env": ["ONE"]}) == (
            said("env", "TWO_*"),
            said("env", "ONE", allowed=False),
        )
        assert "permission denied" in await host.call("reader", "read", "ONE")
        assert await host.call("reader", "read", "TWO_B") == "unset"
        assert await host.revoke("reader") == (said("env", "ONE", allowed=False),)
        assert "permission denied" in await host.call("reader", "read", "TWO_B")
        assert kinds(host.chronicle, "reader").count(EventKind.ACCESS_CHANGED) == 3


async def test_a_denial_shows_no_secret_however_long_what_was_wanted_is(reader: Place) -> None:
    async with reader.host() as host:
        await host.load("reader")
        for before in range(980, 1000):
            wanted = "bearer abcdefgh " * 60 + "." * (before - 960) + " ghp_0123456789abcdef0123"
            await host.call("reader", "read", wanted)
        rows = host.parts.access.rows(host.parts.roster.get("reader").manifest)
        assert sum(row.denied for row in rows) == 20
        assert "ghp_" not in str((rows, host.snapshot().problems))


async def test_a_part_of_what_is_asked_for_can_be_granted_and_narrowed(reader: Place) -> None:
    async with reader.host() as host:
        await host.load("reader")
        await host.grant("reader", {"env": ["*"]})
        assert await host.call("reader", "read", "TWO_A") == "unset"
        assert "its manifest does not ask for it" in await host.call("reader", "read", "THREE")
        await host.revoke("reader", {"env": ["TWO_A"]})
        assert "permission denied" in await host.call("reader", "read", "TWO_A")
        assert await host.call("reader", "read", "TWO_B") == "unset"
        await host.grant("reader", {"env": ["TWO_A"]})
        assert await host.call("reader", "read", "TWO_A") == "unset"


async def test_what_was_granted_is_kept(reader: Place) -> None:
    async with reader.host() as host:
        await host.grant("reader", {"env": ["ONE"]}, versions="^1")
    async with reader.host() as host:
        assert host.grants() == (said("env", "ONE", versions="^1"),)
        assert host.grants("reader") == host.grants()
        assert host.grants("desk") == ()
        await host.load("reader")
        assert await host.call("reader", "read", "ONE") == "unset"


async def test_a_new_version_that_asks_for_more_does_not_get_it_by_the_swap(reader: Place) -> None:
    more = NEEDS + '[permissions]\nenv = ["ONE", "THREE"]\n'
    reader.module("reader", READER, "2.0.0", more=more, folder="2")
    async with reader.host() as host:
        await host.load("reader", "==1.0.0")
        await host.grant("reader")
        rehearsed = await host.rehearse("reader", "2.0.0")
        assert (rehearsed.permissions_gained, rehearsed.not_granted) == (("env THREE",), ("env THREE",))
        report = await host.swap("reader", "2.0.0")
        assert report.not_granted == ("env THREE",)
        assert await host.call("reader", "read", "ONE") == "unset"
        assert "theseus grant reader --env THREE" in await host.call("reader", "read", "THREE")


async def test_a_grant_for_some_versions_ends_with_a_swap_to_others(reader: Place) -> None:
    reader.module("reader", READER, "2.0.0", more=ASKS, folder="2")
    async with reader.host() as host:
        await host.load("reader", "==1.0.0")
        await host.grant("reader", versions="^1")
        report = await host.swap("reader", "2.0.0")
        assert report.not_granted == ("env ONE", "env TWO_*")
        assert "permission denied" in await host.call("reader", "read", "ONE")


async def test_the_view_shows_what_is_asked_granted_used_and_denied(reader: Place) -> None:
    async with reader.host() as host:
        await host.load("reader")
        for name in ("ONE", "ONE", "THREE"):
            await host.call("reader", "read", name)
        await host.grant("reader", {"env": ["ONE"]})
        await host.call("reader", "read", "ONE")
        rows = host.snapshot().modules["reader"].access
        assert [(row.pattern, row.asked, row.granted_by, row.used, row.denied) for row in rows] == [
            ("ONE", True, "user", 1, 2),
            ("TWO_*", True, "", 0, 0),
            ("THREE", False, "", 0, 1),
        ]
        assert rows[0].last > 0.0
        assert rows[1].last == 0.0


async def test_a_denial_is_told_once_and_gone_when_something_is_granted(reader: Place) -> None:
    async with reader.host() as host:
        await host.load("reader")
        for _ in range(5):
            await host.call("reader", "read", "ONE")
        problem = next(each for each in host.snapshot().problems if each.id == "denied:reader")
        assert (problem.action, problem.count) == ("grant", 1)
        assert len([line for line in lines(host.chronicle, "reader") if "permission denied" in line]) == 1
        await host.grant("reader")
        assert [each.id for each in host.snapshot().problems] == []


async def test_a_load_tells_what_is_not_granted(reader: Place) -> None:
    async with reader.host() as host:
        await host.load("reader")
        text = "asks for what is not granted: env ONE, env TWO_*; allow it with: theseus grant reader --data "
        assert any(line.startswith(text) for line in lines(host.chronicle, "reader"))


async def test_commands_that_are_told_name_the_data_folder_and_modules_are_not_told_it(reader: Place) -> None:
    async with reader.host() as host:
        await host.load("reader")
        denied = await host.call("reader", "read", "ONE")
        assert denied.endswith("theseus grant reader --env ONE")
        (problem,) = [each for each in host.snapshot().problems if each.id == "denied:reader"]
        assert problem.message == f"{denied} --data {reader.data}"


async def test_core_modules_need_no_grant_and_can_be_denied(place: Place) -> None:
    desk = place.module("desk", DESK, tier="core", more='[permissions]\nenv = ["ONE"]\n')
    (desk / "native.py").write_text(NATIVE)
    async with place.host() as host:
        await host.load("desk")
        assert host.snapshot().modules["desk"].access[0].granted_by == "policy"
        assert await host.call("desk", "read", "ONE") == "unset"
        (denied,) = await host.revoke("desk")
        assert not denied.allowed
        assert "permission denied" in (await host.call("desk", "read", "ONE"))[1]
        await host.grant("desk")
        assert await host.call("desk", "read", "ONE") == "unset"


async def test_what_cannot_be_granted_is_refused_and_nothing_is_changed(reader: Place) -> None:
    async with reader.host() as host:
        await host.grant("reader", {"env": ["ONE"]})
        before = host.grants()
        for permissions, error, words in (
            ({"envv": ["ONE"]}, PermissionUnknown, "'envv' is no permission"),
            ({"env": ["a b"]}, PatternInvalid, "the name of a variable"),
            ({"env": [7]}, PatternInvalid, "write text"),
            ({"env": 7}, PatternInvalid, "a list of patterns"),
            ({"net": ["a.example.com:1"]}, HostError, "no version of reader asks for net in its manifest"),
        ):
            with pytest.raises(error, match=words):
                await host.grant("reader", permissions)  # type: ignore[arg-type]  # wrong on purpose
            with pytest.raises(error, match=words):
                await host.revoke("reader", permissions)  # type: ignore[arg-type]  # wrong on purpose
        with pytest.raises(ModuleUnknown, match=r"did you mean 'reader'\?"):
            await host.grant("readr")
        with pytest.raises(SpecifierInvalid):
            await host.grant("reader", versions="latest")
        with pytest.raises(HostError, match=r"desk 1\.0\.0 asks for nothing; nothing was granted"):
            await host.grant("desk")
        with pytest.raises(TypeError, match=r"Host\.grant: name must be a str, not int"):
            await host.grant(7)  # type: ignore[arg-type]  # wrong on purpose
        assert host.grants() == before


async def test_what_was_wanted_and_not_asked_for_is_shown_in_one_line_without_secrets(reader: Place) -> None:
    async with reader.host() as host:
        await host.load("reader")
        await host.call("reader", "read", "A\n\u202eB\x1b[31m https://ana:hunter2@example.com")
        (row,) = [each for each in host.snapshot().modules["reader"].access if not each.asked]
        (problem,) = [each for each in host.snapshot().problems if each.id == "denied:reader"]
        for text in (row.pattern, problem.message, *lines(host.chronicle, "reader")):
            assert text.isprintable()
            assert "hunter2" not in text
        assert row.denied == 1
