"""A runtime for jobs: what stops it, and that nothing else does."""

from __future__ import annotations

import threading
from typing import Final

import pytest

from host.runtime.codec import decode
from host.runtime.inprocess import Runtime
from host.runtime.job import JobRuntime
from host.vocabulary.errors import DeadlineExceeded
from host.vocabulary.identity import ModuleKey
from host.vocabulary.manifest import Limits
from tests.runtime.surroundings import Surroundings

FACE: Final = b"""
return function(given)
    return { frozen = given.freezer.frozen, packed = given.freezer.packed }
end
"""
CODE: Final = b"""
local face = require("theface")
local function loop() while true do pcall(function() while true do end end) end end
local function short() for i = 1, 1e6 do end return "done" end
return { getState = function() return { loop = face.frozen(loop), short = face.frozen(short) } end }
"""


class Around(Surroundings):
    """In which there is one other module, with a face."""

    def dependency(self, name: str) -> str | None:
        return "declared" if name == "theface" else None

    def face(self, owner: str) -> bytes:  # type: ignore[override] # which has none
        del owner
        return FACE


def images() -> dict[str, bytes]:
    runtime = Runtime(ModuleKey("worker", "1"), 1, Limits(), Around({"init.lua": CODE}, {}))
    runtime.start("init.lua")
    state = decode(runtime.get_state())
    assert isinstance(state, dict)
    return {str(name): each if isinstance(each, bytes) else str(each).encode() for name, each in state.items()}


def job_runtime() -> JobRuntime:
    return JobRuntime(ModuleKey("worker", "1"), Limits(call=0.001), Around({}, {}))


def test_a_job_may_take_longer_than_a_call() -> None:
    step = job_runtime().begin(1, "theface", images()["short"], b"")
    assert isinstance(step, tuple)
    assert b"done" in step.payload  # type: ignore[operator] # which is bytes


def test_a_job_that_was_stopped_before_it_began_ends() -> None:
    """A stop that came before the first look at the clock was never seen."""
    runtime = job_runtime()
    runtime.stop()
    with pytest.raises(DeadlineExceeded):
        runtime.begin(1, "theface", images()["loop"], b"")


def test_a_job_is_stopped_from_another_thread_in_the_midst_of_a_loop_that_catches_all() -> None:
    runtime = job_runtime()
    timer = threading.Timer(0.02, runtime.stop)
    timer.start()
    with pytest.raises(DeadlineExceeded):
        runtime.begin(1, "theface", images()["loop"], b"")
    timer.join()
