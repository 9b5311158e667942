"""Channels: whatever is sent, received, given up, selected and closed, no value is lost or doubled."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from host.jobs.channels import CLOSED, Case, Channel, select
from host.jobs.waits import DONE, Wait
from host.runtime.crossing import Crossing


@dataclass
class World:
    """Two channels, and all who ever sent or received there.

    Attributes:
        sent: values by the waits of their senders.
        received: the waits of receivers.
        given_up: waits that nobody asks any more.
    """

    channels: list[Channel]
    sent: dict[Wait, bytes] = field(default_factory=dict)
    received: list[Wait] = field(default_factory=list)
    selects: list[tuple[Wait, dict[int, bytes]]] = field(default_factory=list)
    given_up: set[Wait] = field(default_factory=set)
    count: int = 0

    def value(self) -> bytes:
        self.count += 1
        return b"v%d" % self.count

    def do(self, act: str, which: int) -> None:
        channel = self.channels[which % 2]
        match act:
            case "send":
                value = self.value()
                self.sent[channel.send(value)] = value
            case "receive":
                self.received.append(channel.receive())
            case "select":
                first, second = self.value(), self.value()
                cases = [Case(self.channels[0]), Case(self.channels[1], second), Case(self.channels[1])]
                if which > 4:
                    cases.append(Case(self.channels[0], first))
                wait = select(cases, wait=True)
                assert wait is not None
                self.selects.append((wait, {2: second, 4: first}))
            case "give up":
                self._give_up(which)
            case "close" if which == 0:
                channel.close()

    def _give_up(self, which: int) -> None:
        waits = [*self.sent, *self.received, *(wait for wait, _ in self.selects)]
        waits = [wait for wait in waits if wait.answer is None]
        if waits:
            wait = waits[which % len(waits)]
            wait.give_up()
            self.given_up.add(wait)

    def accepted(self) -> Counter[bytes]:
        """Values that a channel took."""
        plain = [value for wait, value in self.sent.items() if wait.answer == DONE and wait not in self.given_up]
        chosen = [self._of_select(wait, values)[0] for wait, values in self.selects if wait not in self.given_up]
        return Counter([*plain, *(value for value in chosen if value)])

    def obtained(self) -> Counter[bytes]:
        """Values that somebody has."""
        answers = [wait.answer for wait in self.received if wait not in self.given_up]
        plain = [each.payload for each in answers if isinstance(each, Crossing) and isinstance(each.payload, bytes)]
        chosen = [self._of_select(wait, values)[1] for wait, values in self.selects if wait not in self.given_up]
        return Counter([*plain, *(value for value in chosen if value)])

    def _of_select(self, wait: Wait, values: dict[int, bytes]) -> tuple[bytes, bytes]:
        """What a select sent, and what it received."""
        if not isinstance(wait.answer, Crossing):
            return b"", b""
        number, value = wait.answer.values()
        assert isinstance(number, int)
        if number in values:
            return (values[number] if value is True else b""), b""
        return b"", str(value).encode() if isinstance(value, str) else b""

    def drain(self) -> Counter[bytes]:
        """What is still in the channels, of senders who wait too; those are accepted by that."""
        rest: list[bytes] = []
        for channel in self.channels:
            while channel.may_receive:
                taken = channel.take()
                if taken == CLOSED:
                    break
                assert isinstance(taken.payload, bytes)
                rest.append(taken.payload)
        return Counter(rest)


ACTS = st.lists(
    st.tuples(st.sampled_from(["send", "send", "receive", "receive", "select", "give up", "close"]), st.integers(0, 9)),
    max_size=60,
)


@given(capacities=st.tuples(st.integers(0, 3), st.integers(0, 3)), acts=ACTS)
def test_what_was_accepted_is_received_once_or_still_there(
    capacities: tuple[int, int], acts: list[tuple[str, int]]
) -> None:
    world = World([Channel(capacity) for capacity in capacities])
    for act, which in acts:
        world.do(act, which)
    rest = world.drain()
    assert world.accepted() == world.obtained() + rest


@given(capacity=st.integers(0, 5), acts=st.lists(st.sampled_from(["send", "receive"]), max_size=40))
def test_values_are_received_in_the_order_in_which_they_were_sent(capacity: int, acts: list[str]) -> None:
    channel, sent, received = Channel(capacity), 0, []
    for act in acts:
        if act == "send":
            channel.send(b"%d" % sent)
            sent += 1
        else:
            received.append(channel.receive())
    got = [int(wait.answer.payload) for wait in received if isinstance(wait.answer, Crossing)]  # type: ignore[arg-type] # bytes
    assert got == list(range(len(got)))
    assert len(got) == min(sent, len(received))


@given(capacity=st.integers(0, 5), sends=st.integers(0, 10))
def test_no_more_wait_in_a_channel_than_fit(capacity: int, sends: int) -> None:
    channel = Channel(capacity)
    waits = [channel.send(b"x") for _ in range(sends)]
    assert len(channel) == min(capacity, sends)
    assert [wait.answer is not None for wait in waits] == [n < capacity for n in range(sends)]
