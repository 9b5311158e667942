"""The process of a module may say anything: it ends, its fault is told, and nothing else comes of it."""

from __future__ import annotations

import socket
import struct
import time
from contextlib import suppress
from threading import Thread

import pytest
from msgspec import msgpack

from host import DeadlineExceeded, ModuleFault
from host.runtime.codec import encode, encode_all
from host.runtime.isolated import answers, messages
from host.runtime.isolated.messages import Done
from host.vocabulary.errors import ProcessEnded
from host.vocabulary.manifest import MIB
from tests.runtime.isolated.played import SERIAL, Played, played


def reference(owner: int | str, number: int) -> bytes:
    """A function as string.buffer encodes it: a table of two with the first metatable."""
    return b"\x0e\x00" + encode([owner, number])


FRAMES = {
    "no message at all": b"\xc1",
    "text that is no UTF-8": b"\x93\x11\xa4info"[:2] + b"\xa4\xff\xfe\xff\xfe" + b"\xa1x",
    "an empty frame": b"",
    "a message of an unknown kind": msgpack.encode([99, 1]),
    "a message of the engine's": msgpack.encode([1, [], None]),
    "text in place of a number": msgpack.encode([2, "one", 0, []]),
    "more parts than there are": msgpack.encode([2, 1, 0, [None] * 17]),
    "the outcome of a call that nobody made": messages.encode(Done(4711, 0, ())),
    "the outcome of the call before": messages.encode(Done(0, 0, ())),
    "a negative size": msgpack.encode([2, 1, -5, []]),
    "an event with a name without end": msgpack.encode([13, "x" * 201, None, None]),
    "a level of the log that is none": msgpack.encode([17, "\x1b[2J", "text"]),
    "a line of the log without end": msgpack.encode([17, "info", "x" * 8001]),
    "values that are cut off": messages.encode(messages.Emit("e", 1, encode({"a": 1})[:-1])),
    "fewer values than are said": messages.encode(messages.Emit("e", 3, encode_all((1, 2)))),
    "more values than are said": messages.encode(messages.Emit("e", 1, encode_all((1, 2)))),
    "a table that says it is large": messages.encode(messages.Emit("e", 1, b"\x0a\xff\xff\xff\xff\x7f")),
    "many small tables that say they are large": messages.encode(
        messages.Emit("e", 200, b"\x0a\xff\x00\x00\x08\x00" * 200)
    ),
    "a number of values that none can be": messages.encode(messages.Emit("e", 1 << 40, b"")),
    "a shape without bytes": messages.encode(messages.Emit("e", 1, 4.0)),
    "a function of somebody else's": messages.encode(messages.Emit("e", -2, reference(SERIAL + 1, 1))),
    "a function with an owner that is none": messages.encode(messages.Emit("e", -2, reference("me", 1))),
    "a function with no number": messages.encode(messages.Emit("e", -2, reference(SERIAL, -1))),
    "a call of a function that it was never handed": messages.encode(messages.CallHanded(1, 1, None, None)),
    "a key that is nothing": messages.encode(messages.Emit("e", 1, b"\x09\x01\x00\x02")),
    "a key twice": messages.encode(messages.Emit("e", 1, b"\x09\x02\x21a\x02\x21a\x01")),
    "a timer for no time": msgpack.encode([15, 1, float("nan"), False]),
    "a timer for ever": msgpack.encode([15, 1, 1e300, False]),
}


def ends(part: Played) -> ModuleFault:
    """What a call comes to, which ends the process."""
    with pytest.raises(ModuleFault) as fault:
        part.runtime.check("init.lua")
    assert part.process.wait(5) == -9
    assert part.runtime.dead
    assert part.runtime.gone
    assert part.ends == [None]
    return fault.value


@pytest.mark.parametrize("frame", FRAMES)
def test_a_process_is_killed_that_sends(frame: str) -> None:
    with played() as part:
        part.sends(FRAMES[frame])
        fault = ends(part)
        assert isinstance(fault, ProcessEnded)
        assert str(fault) == ("the process of m ended in init.lua: it was killed, because it said what no runtime says")
        assert (part.around.emitted, part.around.lines, part.around.bugs) == ([], [], [])


def test_a_process_is_killed_that_announces_more_than_its_memory() -> None:
    with played() as part:
        part.its.sendall((2 * MIB + 1).to_bytes(4, "big"))
        assert "more at once than its memory" in str(ends(part))


def test_a_process_is_killed_that_hangs_up() -> None:
    with played() as part:
        part.its.shutdown(socket.SHUT_RDWR)
        assert "it hung up" in str(ends(part))


@pytest.mark.parametrize("began", [b"", b"\x00\x00", b"\x00\x00\x00\x09half"])
def test_a_process_is_killed_that_says_nothing_or_half_of_something(began: bytes) -> None:
    with played(call=0.02) as part:
        part.its.sendall(began)
        fault = ends(part)
        assert isinstance(fault, DeadlineExceeded)
        assert str(fault) == "m was ended in init.lua: over its limit of 20 ms"


@pytest.mark.parametrize(
    "said",
    [
        messages.Limited("nesting"),
        messages.HasExport("m", "f"),
        messages.Log("info", "so"),
        messages.Emit("e", None, 1),
    ],
    ids=lambda said: type(said).__name__,
)
def test_a_process_is_killed_that_never_stops_talking(said: messages.Said) -> None:
    frame = messages.encode(said)
    talk = (len(frame).to_bytes(4, "big") + frame) * 100

    def talking() -> None:
        with suppress(OSError):
            while True:
                part.its.sendall(talk)

    def hearing() -> None:
        with suppress(OSError):
            while part.its.recv(1 << 16):
                pass

    with played(call=0.02) as part:
        for each in (talking, hearing):
            Thread(target=each, daemon=True).start()
        start = time.monotonic()
        assert isinstance(ends(part), DeadlineExceeded)
        assert time.monotonic() - start < 5


def test_a_process_is_killed_that_tells_of_mistakes_without_end() -> None:
    with played() as part:
        part.says(*[messages.Bug("emit", "no")] * (answers.MOST_BUGS + 1))
        assert "no runtime says" in str(ends(part))
        assert len(part.around.bugs) == answers.MOST_BUGS


def test_a_process_is_killed_that_exports_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "MOST_REGISTERED", 10)
    with played() as part:
        part.says(*(messages.Export(number, f"f{number}") for number in range(11)))
        assert "no runtime says" in str(ends(part))
        assert len(part.around.exports) == 10


def test_a_process_is_killed_that_returns_what_cannot_be_read() -> None:
    with played() as part:
        part.says(Done(1, 0, (1, b"\x20")), Done(2, 0, (1, b"\x0a\x80")))
        part.runtime.check("init.lua")
        with pytest.raises(ProcessEnded):
            part.runtime.ask("health")
        assert part.process.wait(5) == -9


STATES = {
    "cut off": b"\xff" * 9,
    "a function": reference(SERIAL, 1),
    "a table with a table for a key": b"\x09\x01\x08\x02",
    "a number": 4.0,
}


@pytest.mark.parametrize("state", STATES.values(), ids=STATES)
def test_a_process_is_killed_whose_state_is_no_data(state: bytes | float) -> None:
    with played() as part:
        part.says(Done(1, 0, (state,)))
        with pytest.raises(ProcessEnded, match="getState"):
            part.runtime.get_state()


def test_a_process_that_is_gone_is_not_called_again() -> None:
    with played() as part:
        part.sends(b"\xc1")
        ends(part)
        with pytest.raises(ProcessEnded, match=r"m was not called in setState: its process had ended") as fault:
            part.runtime.set_state()
        assert fault.value.earlier
        assert part.ends == [None]


def test_a_call_that_nobody_waits_for_is_no_longer_under_way_once_its_process_is_gone() -> None:
    with played() as part:
        part.says(messages.Register(1, "e", 0.0), Done(1, 0, ()))
        part.runtime.check("init.lua")
        (_, _, ways), *_ = part.around.hooks.values()
        assert ways.begin is not None
        waiting = ways.begin(None, 1)
        assert part.crowd.size == 1
        part.runtime.close()
        assert part.crowd.size == 0
        assert waiting() == (b"error", b"the module is unloaded")
        assert part.crowd.size == 0


def test_what_a_fault_says_is_made_printable_and_bounded() -> None:
    with played() as part:
        words = b"\x1b[31mred\n\x00" + b"x" * 7000
        part.says(messages.Failed(1, 0, "error", words, b"a\x07b", b"m/../../etc/passwd", 1 << 50))
        with pytest.raises(ModuleFault) as fault:
            part.runtime.check("init.lua")
        assert "\x1b" not in str(fault.value)
        assert "\n" not in str(fault.value)
        assert not part.runtime.dead


def test_the_length_of_a_frame_is_the_larger_byte_first() -> None:
    with played() as part:
        part.says(Done(0, 0, ()))
        part.runtime.greet()
        frame = part.its.recv(1 << 16)
        (size,) = struct.unpack(">I", frame[:4])
        assert messages.begin_of(frame[4 : 4 + size]).name == "m"
