"""What waits in channels, and who waits to send, is counted; whoever waits no more is out of them at once."""

from __future__ import annotations

import time

from host.jobs.channels import Case, Channel, select
from host.jobs.held import Held
from host.jobs.waits import NOTHING

VALUE = b"x" * 100


def test_a_sender_that_waits_counts_until_somebody_has_it() -> None:
    held = Held(1000)
    channel = Channel(1, held)
    for _ in range(3):
        channel.send(VALUE)
    assert held.used == 300, "one in the buffer, two that wait"
    used = []
    for _ in range(3):
        channel.receive()
        used.append(held.used)
    assert used == [200, 100, 0]


def test_a_sender_that_gives_up_counts_no_more() -> None:
    held = Held(1000)
    channel = Channel(0, held)
    channel.send(VALUE).give_up()
    assert held.used == 0


def test_a_sender_that_is_refused_counts_no_more() -> None:
    held = Held(1000)
    channel = Channel(0, held)
    channel.send(VALUE)
    channel.close()
    assert held.used == 0


def test_a_select_counts_in_each_channel_until_one_takes_it() -> None:
    held = Held(1000)
    channels = [Channel(0, held) for _ in range(3)]
    select([Case(each, VALUE) for each in channels], wait=True)
    assert held.used == 300
    channels[1].receive()
    assert held.used == 0


def test_a_select_that_ran_out_of_time_counts_no_more() -> None:
    held = Held(1000)
    channel = Channel(0, held)
    wait = select([Case(channel, VALUE)], wait=True)
    assert wait is not None
    wait.end(NOTHING)
    assert held.used == 0


def test_a_value_that_is_handed_over_at_once_is_not_counted() -> None:
    held = Held(1000)
    channel = Channel(0, held)
    channel.receive()
    channel.send(VALUE)
    assert held.used == 0


def test_a_thousand_cases_leave_a_channel_with_many_who_wait_at_once() -> None:
    """Each case looked for itself among all who wait: a thousand in a channel with twenty thousand took seconds."""
    channel = Channel(0)
    waits = [channel.receive() for _ in range(20_000)]
    wait = select([Case(channel)] * 1000, wait=True)
    assert wait is not None
    began = time.thread_time()
    wait.give_up()
    assert time.thread_time() - began < 0.1
    assert not any(each.answer for each in waits)
