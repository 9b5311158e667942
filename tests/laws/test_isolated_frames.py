"""Laws of what the process of a module says, true or not: a call ends with its outcome or a fault."""

from __future__ import annotations

import os
import socket
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import msgpack

from host.runtime.codec import encode
from host.runtime.isolated import messages
from host.runtime.isolated.conversation import Crowd
from host.runtime.isolated.customs import Customs, UnsoundError
from host.runtime.isolated.fork_server import Forked, ForkServer
from host.runtime.isolated.runtime import IsolatedRuntime
from host.vocabulary.errors import ModuleFault
from host.vocabulary.identity import ModuleKey
from host.vocabulary.manifest import MIB, Limits
from tests.runtime.surroundings import Surroundings

PLAIN: Final = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats()
    | st.text(max_size=20)
    | st.binary(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)
SCALARS: Final = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats() | st.binary(max_size=20)
NUMBERS: Final = st.integers(0, 5)
NAMES: Final = st.sampled_from(["tick", "m", "f", "", "\x1b[2J", "\ud7ff" * 200])
VALUES: Final = st.tuples(st.none(), SCALARS) | st.tuples(st.integers(-3, 3), PLAIN.map(lambda each: encode([each])))
HONEST: Final = st.one_of(
    st.builds(messages.Register, NUMBERS, NAMES, st.floats()),
    st.builds(messages.Unregister, NUMBERS),
    st.builds(messages.Export, NUMBERS, NAMES),
    st.builds(messages.Schedule, NUMBERS, st.floats(0, 10), st.booleans()),
    st.builds(messages.Cancel, NUMBERS),
    st.builds(lambda event, value: messages.Emit(event, *value), NAMES, VALUES),
    st.builds(lambda event, value, rest: messages.Filter(event, *value, *rest), NAMES, VALUES, VALUES),
    st.builds(lambda owner, name, value: messages.CallExport(owner, name, *value), NAMES, NAMES, VALUES),
    st.builds(lambda serial, number, value: messages.CallHanded(serial, number, *value), NUMBERS, NUMBERS, VALUES),
    st.builds(messages.Dependency, NAMES),
    st.builds(messages.HasExport, NAMES, NAMES),
    st.builds(messages.Source, NAMES),
    st.builds(messages.Asset, NAMES),
    st.builds(messages.Log, st.sampled_from(["info", "error"]), NAMES),
    st.builds(messages.Done, NUMBERS, NUMBERS, st.lists(SCALARS, max_size=4).map(tuple)),
)
"""What a process may say by its types, whatever that means."""
LIES: Final = st.tuples(st.integers(0, 40), st.lists(PLAIN, max_size=7)).map(lambda pair: [pair[0], *pair[1]])


class _Nobody(Forked):
    """A process that is only an end of a socket."""

    def __init__(self, connection: socket.socket) -> None:
        super().__init__(os.getpid(), os.open(os.devnull, os.O_RDONLY), connection, ForkServer())

    def kill(self) -> bool:
        return True

    def gone(self, within_s: float = 0.0) -> bool:
        del within_s
        return False


@pytest.fixture(scope="module")
def customs() -> Customs:
    return Customs()


def said(customs: Customs, *frames: bytes) -> tuple[IsolatedRuntime, Surroundings]:
    """A runtime whose process said some frames and hung up, after it was asked for its health."""
    mine, its = socket.socketpair()
    around = Surroundings({}, {})
    limits = Limits(memory=MIB, call=0.05)
    runtime = IsolatedRuntime(
        ModuleKey("m", "1.0.0"), 7, limits, around, _Nobody(mine), customs, Crowd(), lambda _: None
    )
    with its:
        for frame in frames:
            its.sendall(len(frame).to_bytes(4, "big") + frame)
        its.shutdown(socket.SHUT_WR)
        try:
            runtime.ask("health").value()
        except ModuleFault:
            pass
        finally:
            runtime.close()
    return runtime, around


@given(st.lists(HONEST | LIES, max_size=6))
@settings(deadline=None)
def test_whatever_is_said_is_an_outcome_or_a_fault(customs: Customs, spoken: list[Any]) -> None:
    _, around = said(customs, *(msgpack.encode(each) for each in spoken))
    assert around.bugs == []


@given(st.lists(st.binary(max_size=200), max_size=3))
@settings(deadline=None)
def test_whatever_bytes_come_are_an_outcome_or_a_fault(customs: Customs, frames: list[bytes]) -> None:
    _, around = said(customs, *frames)
    assert (around.bugs, around.emitted) == ([], [])


@given(PLAIN, st.data())
@settings(deadline=None)
def test_values_with_one_byte_changed_are_refused_or_can_be_decoded(customs: Customs, value: Any, data: Any) -> None:
    encoded = bytearray(encode(value if isinstance(value, dict) else {"value": value}))
    at = data.draw(st.integers(0, len(encoded) - 1))
    encoded[at] = data.draw(st.integers(0, 255))
    try:
        customs.references(1, bytes(encoded))
    except UnsoundError:
        return
    assert customs.references(1, bytes(encoded)) == ()


@given(PLAIN)
@settings(deadline=None)
def test_what_a_runtime_encodes_passes(customs: Customs, value: Any) -> None:
    assert customs.references(1, encode({"value": value})) == ()
    assert customs.references(-2, encode({"value": value})) == ()


@given(st.integers(0, 2**53), st.integers(0, 2**53))
@settings(deadline=None)
def test_references_are_found_wherever_they_stand(customs: Customs, owner: int, number: int) -> None:
    reference = b"\x0e\x00" + encode([owner, number])
    assert customs.references(-2, reference) == ((owner, number),)
    nested = b"\x09\x01\x21a\x0c\x02" + reference  # { a = { reference } }
    assert customs.references(-2, nested) == ((owner, number),)


def test_the_messages_of_both_sides_are_told_apart() -> None:
    assert messages.said_of(messages.encode(messages.Done(1, 2, ()))) == messages.Done(1, 2, ())
    with pytest.raises(Exception, match=r"tag|Invalid"):
        messages.said_of(messages.encode(messages.Told(())))
