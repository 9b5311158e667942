"""Every fault in every step of a swap leaves states and delivered events as if the swap had never been tried."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from host.vocabulary.states import Outcome
from tests.swap.injecting import STEPS, Injection, injections, launched

ROUNDS = 20


async def inject(folder: Path, modules: int, faults: Sequence[Injection]) -> int:
    """Put fault after fault into swaps of one host; gives how many events were delivered after a pause."""
    delivered = 0
    async with launched(folder, modules) as ship:
        for fault in faults:
            report = await ship.swap(fault)
            assert (report.module, report.outcome) == (f"m{fault.victim}", Outcome.ROLLED_BACK), fault
            assert report.failed_step == STEPS.get(fault.step, fault.step), fault
            assert fault.said in report.error, fault
            assert fault.kind not in {"raise", "loop"} or re.search(r"init\.lua:\d+", report.error), fault
            assert len(report.others) == modules - 1
            await ship.assert_as_if_it_never_happened()
            delivered += sum(each.delivered for each in (report, *report.others))
    return delivered


@pytest.mark.parametrize("modules", [1, 2, 3, 4])
async def test_without_a_fault_the_same_swap_is_done(tmp_path: Path, modules: int) -> None:
    async with launched(tmp_path, modules) as ship:
        report = await ship.swap(None)
        assert report.outcome is Outcome.COMMITTED
        assert {await ship.host.call(f"m{at}", "edition") for at in range(modules)} == {"new"}


@pytest.mark.parametrize("modules", [1, 2, 3, 4])
async def test_a_fault_leaves_all_as_if_it_never_happened(tmp_path: Path, modules: int) -> None:
    faults = list(injections(modules))
    assert await inject(tmp_path, modules, faults) > len(faults), "events waited"


@pytest.mark.torture
@pytest.mark.parametrize("modules", [1, 2, 3, 4])
async def test_every_fault_leaves_all_as_if_it_never_happened(
    tmp_path: Path, modules: int, capsys: pytest.CaptureFixture[str]
) -> None:
    faults = [fault for _ in range(ROUNDS) for fault in injections(modules)]
    begun = time.monotonic()
    delivered = await inject(tmp_path, modules, faults)
    with capsys.disabled():
        print(  # noqa: T201 - the figures are what a full run is for
            f"\nfault injection, {modules} of 4 modules: {len(faults):,} faulty swaps, {delivered:,} events"
            f" waited, 0 lost, doubled or out of order, 0 states changed; {time.monotonic() - begun:.0f} s"
        )
