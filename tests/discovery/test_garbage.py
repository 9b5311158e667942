from __future__ import annotations

import gc
from pathlib import Path

import pytest

from host.discovery.garbage import uncollected
from host.discovery.repository import scan


def test_the_collector_rests_and_is_back_afterwards_whatever_happens() -> None:
    with uncollected(), uncollected():
        assert not gc.isenabled()
    assert gc.isenabled()
    with pytest.raises(ZeroDivisionError), uncollected():
        _ = 1 / 0
    assert gc.isenabled()


def test_a_collector_that_was_off_stays_off(tmp_path: Path) -> None:
    gc.disable()
    try:
        scan([tmp_path])
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_two_that_overlap_leave_it_on() -> None:
    first, second = uncollected(), uncollected()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    second.__exit__(None, None, None)
    assert gc.isenabled()
