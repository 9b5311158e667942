"""Nothing that a module does harms the host, another module, or the reports about it.

Each case of the corpus runs in a real host beside a victim: the right error class, the victim served within 250 ms of
the limit and intact, the memory given back.
"""

from __future__ import annotations

import gc
from dataclasses import replace

import pytest

from host.vocabulary.manifest import MIB
from tests.engine.place import Place, lines
from tests.hostile.cases import Case, all_cases
from tests.hostile.stand import TRIES, Outcome, Stand

CASES = all_cases()
ROUNDS = 3
GROWTH = 48 * MIB
"""Bytes that the process may hold more after the last round than after the first."""
LEFT = 12 * MIB
"""Bytes that a module with 8 MiB may hold when its call has ended: with the host's reserve."""


def test_the_corpus_is_as_large_as_it_says() -> None:
    assert len(CASES) >= 150
    assert {case.group for case in CASES} == {"escapes", "exhaustion", "interference", "lying"}


@pytest.mark.parametrize("case", CASES, ids=str)
async def test_it_is_contained(case: Case, place: Place) -> None:
    async with Stand.prepared(place) as host:
        await host.load("victim")
        stand = Stand(place, host)
        outcome = await stand.let_in(case)
        expect(case, outcome)
        for _ in range(TRIES - 1):
            if outcome.seconds <= case.within:
                break
            outcome = await stand.let_in(case)
        assert outcome.seconds <= case.within
        assert all(line.isprintable() for line in lines(host.chronicle))


@pytest.mark.torture
async def test_all_of_it_again_and_again_in_one_host_leaves_nothing_behind(place: Place) -> None:
    sizes = []
    async with Stand.prepared(place) as host:
        await host.load("victim")
        stand = Stand(place, host)
        for _ in range(ROUNDS):
            for case in CASES:
                expect(case, await stand.let_in(case))
            gc.collect()
            sizes.append(host.snapshot().engine.memory)
    assert sizes[-1] < sizes[0] + GROWTH, sizes


@pytest.mark.torture
async def test_all_of_it_is_contained_in_processes_of_their_own(place: Place) -> None:
    async with Stand.prepared(place) as host:
        await host.load("victim")
        stand = Stand(place, host, isolated=True)
        for case in CASES:
            alone = replace(case, expect=case.alone, says="") if case.alone else case
            expect(alone, await stand.let_in(alone))


def expect(case: Case, outcome: Outcome) -> None:
    """The end of a case is the one that its head names."""
    error = outcome.error
    assert error is None or str(error).isprintable(), error
    if case.expect in {"contained", "quiet"}:
        assert error is None, error
        assert case.expect == "quiet" or outcome.value == "contained"
    else:
        assert type(error).__name__ == case.expect, error
        assert case.says in str(error)
    assert case.limits or outcome.memory < LEFT
