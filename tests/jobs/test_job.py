from __future__ import annotations

import threading
from collections.abc import Callable
from typing import cast

from host.jobs.channels import Channel
from host.jobs.job import BADLY, Job, State
from host.jobs.requests import JobRequests
from host.jobs.waits import Wait
from host.runtime.crossing import Crossing, Step, Ticket
from host.runtime.job import JobRuntime


class Stage:
    """A place where nothing runs by itself, and a runtime whose job does nothing but wait."""

    def __init__(self, wait: Wait) -> None:
        self.lock = threading.RLock()
        self.due: list[Callable[[], None]] = []
        self.ended: list[Job] = []
        self.wait: Wait | None = wait
        self.meanwhile: Callable[[], None] = lambda: None

    def run(self, work: Callable[[], None]) -> None:
        self.due.append(work)

    def borrow(self) -> tuple[JobRuntime, JobRequests]:
        return cast("JobRuntime", self), cast("JobRequests", self)

    def give_back(self, runtime: JobRuntime, requests: JobRequests, *, sound: bool) -> None:
        del runtime, requests, sound

    def at_work(self, more: int) -> None:
        """Count nothing."""

    def job_ended(self, job: Job) -> None:
        self.ended.append(job)

    def tell_bug(self, request: str, error: Exception) -> None:
        raise AssertionError(request) from error

    def begin(self, *_: object) -> Step:
        self.meanwhile()
        return Ticket(1)

    def stop(self) -> None:
        """Stop a call, of which there is none."""

    def go_on(self, *_: object) -> Step:
        return Crossing(None, b"done")

    def parked(self) -> Wait | None:
        wait, self.wait = self.wait, None
        return wait

    def turn(self) -> None:
        self.due.pop(0)()


def test_a_value_that_a_job_was_to_get_is_there_for_the_next_where_it_is_stopped_before() -> None:
    channel = Channel(0)
    stage = Stage(channel.receive())
    job = Job(stage, 1, "owner", b"", b"")
    job.start()
    stage.turn()
    assert job.state is State.WAITING
    assert channel.send(b"value").answer is not None
    job.stop("stopped")
    assert (job.outcome, stage.ended) == (BADLY + b"stopped", [job])
    assert channel.receive().answer == Crossing(None, b"value")
    stage.turn()
    assert not stage.due, "what was about to run runs no more"


def test_a_job_that_waits_ends_at_once_where_it_is_stopped() -> None:
    channel = Channel(0)
    stage = Stage(channel.receive())
    job = Job(stage, 1, "owner", b"", b"")
    job.start()
    stage.turn()
    told = job.wait()
    job.stop("stopped")
    job.stop("twice")
    assert told.answer == Crossing(None, BADLY + b"stopped")
    assert not channel.may_send, "it waits in the channel no more"


def test_a_job_that_is_stopped_while_it_begins_to_wait_waits_for_nothing() -> None:
    """The next value went to it, and was lost."""
    channel = Channel(0)
    stage = Stage(channel.receive())
    job = Job(stage, 1, "owner", b"", b"")
    job.start()
    stage.meanwhile = lambda: job.stop("stopped")
    stage.turn()
    assert job.state is State.ENDED
    assert not channel.may_send


def test_what_a_job_was_given_goes_on_in_it() -> None:
    channel = Channel(0)
    stage = Stage(channel.receive())
    job = Job(stage, 1, "owner", b"", b"")
    told = job.wait()
    job.start()
    stage.turn()
    channel.send(b"value")
    stage.turn()
    assert (job.well, told.answer) == (True, Crossing(None, b"+done"))
