"""A closer look at modules does not hold what nobody looks at any more."""

from __future__ import annotations

import asyncio

import pytest

from host.engine import inspection
from tests.engine.place import DEADLINE, Place


async def test_a_state_that_was_looked_at_is_let_go_of_after_a_while(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inspection, "KEPT_S", 0.0)
    place.module("chat", "return { getState = function() return { n = 1 } end, setState = function() end }")
    async with place.host() as host:
        await host.load("chat")
        looked = host.parts.inspection
        before = looked.state_page("chat", [], 0, 10)
        assert before.total == 1
        decoded = looked._pages  # noqa: SLF001 - what holds it
        async with asyncio.timeout(DEADLINE):
            while looked._pages is decoded:  # noqa: SLF001, ASYNC110 - a timer ends it, and tells nobody
                await asyncio.sleep(0)
        assert looked.state_page("chat", [], 0, 10) == before
