"""Spans of hooks, calls and swaps, for who asked for them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from host import Host, HostError
from host.cli.arguments import parsed
from host.vocabulary.errors import ModuleFault
from tests.engine.place import Place, until_logged
from tests.modules.bundled import ROOT

pytest.importorskip("opentelemetry.sdk")

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from host.engine.tracing import OpenTelemetry

CALLEE = """return {
    hooks = { onGo = function(value) if value == "bad" then error("no", 0) end end },
    exports = { double = function(n) return 2 * n end },
}"""
CALLER = """local callee = require("callee")
return { hooks = { onGo = function() callee.double(2) end }, exports = {
    ask = function(n) return callee.double(n) end,
    fail = function() error("wrong", 0) end,
} }"""


class Spans:
    """What was told, by name."""

    def __init__(self) -> None:
        self._exporter = InMemorySpanExporter()
        self.tracer = OpenTelemetry(SimpleSpanProcessor(self._exporter))

    def each(self) -> tuple[ReadableSpan, ...]:
        return self._exporter.get_finished_spans()

    def all(self) -> dict[str, ReadableSpan]:
        return {span.name: span for span in self._exporter.get_finished_spans()}


@pytest.fixture
def spans() -> Iterator[Spans]:
    made = Spans()
    yield made
    made.tracer.close()


def host(place: Place, spans: Spans | None) -> Host:
    place.module("callee", CALLEE)
    place.module("caller", CALLER, more='[dependencies]\ncallee = "*"\n')
    made = Host([place.root], place.data)
    made.tracer = spans.tracer if spans else None
    return made


def parent(span: ReadableSpan, of: dict[str, ReadableSpan]) -> str:
    return next((name for name, each in of.items() if span.parent and each.context.span_id == span.parent.span_id), "")


async def test_a_hook_and_the_call_that_it_makes_stand_inside_each_other(place: Place, spans: Spans) -> None:
    async with host(place, spans) as running:
        await running.load("caller")
        await running.emit("onGo", {"a": 1})
        found = spans.all()
        assert parent(found["export callee double"], found) == "hook caller onGo"
        assert dict(found["hook callee onGo"].attributes or {}) == {"theseus.kind": "hook", "theseus.module": "callee"}


async def test_a_call_from_outside_is_a_span_and_one_that_fails_says_why(place: Place, spans: Spans) -> None:
    async with host(place, spans) as running:
        await running.load("caller")
        assert await running.call("caller", "ask", 4) == 8
        found = spans.all()
        assert parent(found["export callee double"], found) == "export caller ask"
        with pytest.raises(ModuleFault):
            await running.call("caller", "fail")
        await running.emit("onGo", "bad")
        found = spans.all()
        assert "wrong" in (found["export caller fail"].status.description or "")
        assert found["hook callee onGo"].status.description == "no"


async def test_a_swap_is_a_span_and_one_that_is_refused_says_why(place: Place, spans: Spans) -> None:
    async with host(place, spans) as running:
        await running.load("caller")
        await running.reload("callee")
        assert spans.all()["swap callee"].status.description is None
        place.module("callee", "error('broken', 0)")
        with pytest.raises(HostError):
            await running.reload("callee")
        assert "broken" in (spans.all()["swap callee"].status.description or "")


async def test_who_does_not_ask_pays_nothing(place: Place) -> None:
    async with host(place, None) as running:
        await running.load("caller")
        (handler,) = running.parts.roster.get("callee").handlers.values()
        assert not hasattr(handler.scalar, "__wrapped__"), "Lua itself is called"


@contextmanager
def collector() -> Iterator[tuple[str, list[tuple[str, bytes]]]]:
    """Takes whatever is sent."""
    taken: list[tuple[str, bytes]] = []

    class Takes(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            taken.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing: nobody reads it."""

    with HTTPServer(("127.0.0.1", 0), Takes) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/", taken
        server.shutdown()
        thread.join()


def test_spans_are_sent_to_a_collector() -> None:
    with collector() as (url, taken):
        tracer = OpenTelemetry.at(url, lambda: None)
        with tracer.span("hook", "ana onGo", "ana"):
            pass
        tracer.close()
    ((path, body),) = taken
    assert path == "/v1/traces"
    assert b"hook ana onGo" in body


def test_a_collector_that_is_not_there_is_told_once_and_ends_nothing() -> None:
    lost: list[int] = []
    tracer = OpenTelemetry.at("http://127.0.0.1:1", lambda: lost.append(1))
    for _ in range(1500):  # of which 512 are sent at a time
        with tracer.span("hook", "ana onGo", "ana"):
            pass
    tracer.close()
    assert lost == [1]


def test_an_address_that_is_none_is_misuse_and_none_is_needed() -> None:
    assert parsed(["run"]).traces is None
    with pytest.raises(SystemExit) as end:
        parsed(["run", "--traces", "127.0.0.1:4318"])
    assert end.value.code == 2


KEEPER = """local state, goroutine = require("state"), require("goroutine")
return { hooks = { onGo = function()
    state.set("key", 1)
    pcall(state.set, 5, 1)
    host.async(function() state.lock("door", 5) goroutine.channel(1):send(1) print("done") end)
end } }"""


async def test_what_a_native_part_answers_is_a_span_until_its_answer(place: Place, spans: Spans) -> None:
    place.module("keeper", KEEPER, more='[dependencies]\nstate = "*"\ngoroutine = "*"\n')
    running = Host([place.root, ROOT], place.data)
    running.tracer = spans.tracer
    async with running:
        await running.load("keeper")
        await running.emit("onGo")
        await until_logged(running.chronicle, "done")
    found = spans.all()
    assert parent(found["export state set"], found) == "hook keeper onGo"
    assert (found["export state set"].status.description or "").startswith("bad argument #1 to 'set'")
    stretches = [each for each in spans.each() if each.name == "task keeper a task"]
    for name in ("export state lock", "export goroutine channel", "export goroutine send"):
        assert any(each.context == found[name].parent for each in stretches), name


WAITER = """return { exports = {
    ask = function() host.sleep(1) host.sleep(1) return 1 end,
}, hooks = { onGo = function()
    host.async(function() host.sleep(1) print("done") end)
end } }"""


async def test_what_goes_on_after_a_wait_stands_inside_what_began_it(place: Place, spans: Spans) -> None:
    place.module("waiter", WAITER)
    running = Host([place.root], place.data)
    running.tracer = spans.tracer
    async with running:
        await running.load("waiter")
        assert await running.call("waiter", "ask") == 1
        await running.emit("onGo")
        await until_logged(running.chronicle, "done")
    found = spans.all()
    begins = {found["export waiter ask"].context.span_id, found["hook waiter onGo"].context.span_id}
    parents = [each.parent.span_id for each in spans.each() if each.name.startswith("task waiter") and each.parent]
    assert len(parents) == 4
    assert set(parents) == begins
