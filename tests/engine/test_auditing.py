"""What is done in the name of a module is in the audit: once a second, masked, kept by a clean end."""

from __future__ import annotations

from pathlib import Path

import pytest

from host.trust.audit import MOST_ROWS, OTHERS, Gathering
from host.trust.use import Use
from tests.engine.place import Place
from tests.engine.test_granting import ASKS, DESK, NATIVE, READER

CALLS = NATIVE.replace(
    "gate.variable(caller, name)", 'gate.check(caller, "env", name, details={"token": name, "plain": 1})'
)


@pytest.fixture
def reader(place: Place) -> Place:
    (place.module("desk", DESK, tier="core") / "native.py").write_text(CALLS)
    place.module("reader", READER, more=ASKS)
    return place


async def test_who_what_verdict_and_arguments_are_kept_and_secrets_masked(reader: Place) -> None:
    async with reader.host() as host:
        await host.load("reader")
        for _ in range(3):
            await host.call("reader", "read", "ONE")
        await host.grant("reader", {"env": ["ONE"]})
        await host.call("reader", "read", "ONE")
    async with reader.host() as host:
        rows = await host.audit("reader")
        assert [(each.permission, each.wanted, each.verdict) for each in rows] == [
            ("env", "ONE", "allowed"),
            ("grant", "env ONE", "allowed"),
            ("env", "ONE", "denied"),
        ]
        assert (rows[2].count, rows[2].through, rows[2].version) == (3, "desk", "1.0.0")
        assert rows[2].details == '{"token":"***","plain":1}'
        assert (await host.check_audit()).problems == ()
        assert await host.audit("desk") == ()
        assert len(await host.audit(most=1)) == 1


async def test_a_flood_of_different_questions_keeps_its_size() -> None:
    gathering = Gathering(clock=lambda: 5.0)
    for number in range(1000):
        gathering.note(use(f"data/{number}"))
    gathering.note(use("data/x", module="other"))
    rows = gathering.take()
    assert len(rows) == MOST_ROWS + 2
    others = next(row for row in rows if row.wanted == OTHERS)
    assert (others.count, others.at) == (1000 - MOST_ROWS, 5.0)
    assert gathering.take() == ()


def use(wanted: str, module: str = "m") -> Use:
    return Use(
        module=module,
        version="1",
        permission="fs.read",
        wanted=wanted,
        pattern="data/**",
        allowed=True,
        through="fs",
    )


async def test_a_row_is_kept_within_a_second_without_an_end(reader: Place, tmp_path: Path) -> None:
    async with reader.host() as host:
        await host.load("reader")
        await host.call("reader", "read", "ONE")
        assert (tmp_path / "data" / "audit.head").exists() is False
        host.parts.access.keep()
        await host.parts.keeping.flush()
        assert (tmp_path / "data" / "audit.head").exists()
