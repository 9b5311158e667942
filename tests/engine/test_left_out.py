"""A module that is left out after the engine died in it comes back as it ran, when the user asks for it."""

from __future__ import annotations

import time
from contextlib import closing

import pytest

from host.storage import open_store
from host.vocabulary.states import Phase
from tests.engine.place import Place


async def test_what_is_left_out_is_loaded_again_in_the_version_that_ran(place: Place) -> None:
    """The newest came, beside what had been swapped together with the one that ran."""
    for version in ("1.0.0", "2.0.0"):
        place.module("chat", version=version, folder=version)
    async with place.host() as host:
        await host.load("chat", "==1.0.0")
    with closing(open_store(place.data)) as store:
        store.deaths.add("chat", Phase.HOOK, time.time(), hung=True)
    async with place.host(restore=True) as host:
        (problem,) = host.snapshot().problems
        assert problem.message.endswith(f"load it to try again (theseus load chat==1.0.0 --data {place.data})")
        await host.load("chat")
        assert host.snapshot().modules["chat"].version == "1.0.0"


@pytest.mark.parametrize(("since", "said"), [(False, "one with base, which stays; "), (True, "")])
async def test_what_was_swapped_together_with_it_is_named_where_it_runs_so(
    place: Place, *, since: bool, said: str
) -> None:
    for name in ("base", "chat"):
        for version in ("1.0.0", "2.0.0"):
            place.module(name, version=version, folder=version)
    async with place.host() as host:
        await host.load_all({"base": "==1.0.0", "chat": "==1.0.0"})
        await host.swap({"base": "2.0.0", "chat": "2.0.0"})
        if since:
            await host.swap("base", "1.0.0")
    with closing(open_store(place.data)) as store:
        store.deaths.add("chat", Phase.HOOK, time.time(), hung=True)
    async with place.host(restore=True) as host:
        (problem,) = host.snapshot().problems
        change = f"its last change was {said}" if said else ""
        again = f"theseus load chat==2.0.0 --data {place.data}"
        expected = f"chat is left out: the engine was stuck in it; {change}load it to try again ({again})"
        assert problem.message == expected
        assert host.snapshot().modules["base"].version == ("1.0.0" if since else "2.0.0")
