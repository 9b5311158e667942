"""What a scraper reads of a running host."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from http import HTTPStatus
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from host import Host
from host.cli.arguments import parsed
from host.cli.metrics import LONGEST_HEAD, serving_metrics
from tests.engine.place import Place, until_logged
from tests.modules.bundled import ROOT

LUA = """
local metrics = require("metrics")
return {
    hooks = { onGo = function(n) metrics.counter("seen", n, { room = "a\\"b\\n" }) end },
    exports = {
        alert = function(value) return metrics.alert("queue", { level = "critical", threshold = 1, value = value }) end,
    },
}
"""


@pytest.fixture
async def host(place: Place) -> AsyncIterator[Host]:
    place.module("m", LUA, more='[dependencies]\nmetrics = "*"\n')
    async with Host([place.root, ROOT], place.data) as host:
        await host.load("m")
        yield host


@pytest.fixture
async def port(host: Host) -> AsyncIterator[int]:
    async with serving_metrics(host, ("127.0.0.1", 0)) as port:
        yield port


async def said(port: int, request: bytes) -> bytes:
    async with asyncio.timeout(10):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(request)
        answer = await reader.read()
        writer.close()
        await writer.wait_closed()
    return answer


async def read(port: int, path: str) -> tuple[int, str]:
    head, _, body = (await said(port, f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())).partition(b"\r\n\r\n")
    assert f"Content-Length: {len(body)}".encode() in head
    return int(head.split(b" ")[1]), body.decode()


async def series(port: int) -> dict[str, dict[tuple[str, ...], float]]:
    """Values by the name of the sample and its labels' values, as a scraper understands them."""
    status, text = await read(port, "/metrics")
    assert status == HTTPStatus.OK
    found: dict[str, dict[tuple[str, ...], float]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels = tuple(sample.labels.values())
            assert labels not in found.setdefault(sample.name, {}), "each series stands once"
            found[sample.name][labels] = sample.value
    return found


async def test_the_host_and_its_modules_have_series(host: Host, port: int) -> None:
    for _ in range(3):
        await host.emit("onGo", 2)
    await host.reload("m")
    await asyncio.sleep(0)  # the events reach who follows them
    found = await series(port)
    assert found["seen_total"] == {("m", 'a"b\n'): 6}
    assert found["theseus_modules"][("active",)] == 2
    assert found["theseus_swaps_total"] == {("m", "committed"): 1}
    assert found["theseus_swap_pause_seconds_count"] == {("m",): 1}
    assert found["theseus_module_faults_total"][("m", "1.0.0")] == 0
    assert found["theseus_module_memory_bytes"][("m", "1.0.0")] > 0
    assert found["theseus_calls_total"][("export", "metrics", "counter")] == 3


async def test_hooks_have_their_calls_and_their_time(host: Host, port: int) -> None:
    for _ in range(3):
        await host.emit("onGo", 2)
    found = await series(port)
    assert found["theseus_calls_total"][("hook", "m", "onGo")] == 3
    assert found["theseus_hook_seconds_count"] == {("onGo", "m"): 3}
    assert found["theseus_hook_seconds_sum"][("onGo", "m")] > 0
    assert found["theseus_hook_seconds_bucket"][("onGo", "+Inf", "m")] == 3


async def test_exports_have_their_time_and_each_module_its_state(host: Host, port: int) -> None:
    await host.call("m", "alert", 0)
    found = await series(port)
    assert found["theseus_call_seconds_count"] == {("export", "m"): 1, ("export", "metrics"): 1}
    assert found["theseus_module_state"] == {("m", "active"): 1, ("metrics", "active"): 1}


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed (Debian's package: prometheus)")
async def test_promtool_has_nothing_to_say_of_it(host: Host, port: int) -> None:
    for _ in range(3):
        await host.emit("onGo", 2)
    await host.call("m", "alert", 2)
    await host.reload("m")
    await asyncio.sleep(0)
    _, text = await read(port, "/metrics")
    checked = await asyncio.to_thread(
        subprocess.run, ["promtool", "check", "metrics"], input=text, capture_output=True, text=True, check=False
    )
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")


async def test_the_same_is_there_as_json(host: Host, port: int) -> None:
    await host.emit("onGo", 1)
    status, text = await read(port, "/metrics/json")
    assert status == HTTPStatus.OK
    (seen,) = [family for family in json.loads(text)["metrics"] if family["name"] == "seen"]
    assert seen["samples"] == [{"name": "seen_total", "labels": {"module": "m", "room": 'a"b\n'}, "value": 1.0}]


async def test_health_is_unavailable_while_something_is_critical(host: Host, port: int) -> None:
    status, text = await read(port, "/health")
    assert (status, json.loads(text)["status"]) == (HTTPStatus.OK, "healthy")
    await host.call("m", "alert", 2)
    status, text = await read(port, "/health")
    assert (status, json.loads(text)["status"]) == (HTTPStatus.SERVICE_UNAVAILABLE, "critical")
    await host.call("m", "alert", 1)
    assert (await read(port, "/health"))[0] == HTTPStatus.OK


async def test_a_quarantined_module_is_a_degraded_host(place: Place, host: Host, port: int) -> None:
    place.module("bad", 'return { hooks = { onGo = function() error("bad") end } }')
    await host.rescan()
    await host.load("bad")
    for _ in range(5):
        await host.emit("onGo", 1)
    status, text = await read(port, "/health")
    assert (status, json.loads(text)["status"], json.loads(text)["off"]) == (HTTPStatus.OK, "degraded", ["bad"])


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"GET /nothing HTTP/1.1\r\n\r\n", 404),
        (b"POST /metrics HTTP/1.1\r\n\r\n", 405),
        (b"\x00\xff\r\n\r\n", 400),
        (b"GET /metrics SPDY/9\r\n\r\n", 400),
    ],
)
async def test_other_requests_are_answered_with_what_is_wrong(request_: bytes, status: int, port: int) -> None:
    assert (await said(port, request_)).startswith(f"HTTP/1.1 {status} ".encode())
    assert (await read(port, "/health"))[0] == HTTPStatus.OK


async def test_a_head_without_end_is_cut_off(port: int) -> None:
    with pytest.raises((ConnectionError, AssertionError)):
        assert await said(port, b"x" * (4 * LONGEST_HEAD))
    assert (await read(port, "/health"))[0] == HTTPStatus.OK


async def test_head_has_no_body(port: int) -> None:
    answer = await said(port, b"HEAD /health HTTP/1.1\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert answer.endswith(b"\r\n\r\n")


def test_an_address_is_named_when_it_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    assert parsed(["run", "--metrics", "[::1]:9464"]).metrics == ("::1", 9464)
    with pytest.raises(SystemExit):
        parsed(["run", "--metrics", "9464"])
    assert "'9464' is no address as in 127.0.0.1:9464" in capsys.readouterr().err


def test_an_engine_that_loads_none_of_them_imports_none_of_what_core_modules_need(tmp_path: Path) -> None:
    code = f"""
import asyncio, sys
from host import Host
async def main():
    async with Host([{str(ROOT)!r}], {str(tmp_path)!r}, autoload=True):
        pass
asyncio.run(main())
needed = {{"croniter", "httpcore", "prometheus_client", "psutil", "yaml", "tomli_w", "defusedxml", "zoneinfo"}}
print(*sorted(needed & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.split() == []


MEASURING = """
local metrics = require("metrics")
return { exports = {
    measure = function(kind, name, tags) return metrics[kind](name, 1, tags) end,
    alert = function(value) return metrics.alert("queue", { level = "critical", threshold = 1, value = value }) end,
    status = function() return metrics.health_status().status end,
} }
"""


async def measuring(host: Host, place: Place, *names: str) -> None:
    for name in names:
        place.module(name, MEASURING, more='[dependencies]\nmetrics = "*"\n')
    await host.rescan()
    for name in names:
        await host.load(name)


async def test_what_a_name_is_in_one_module_it_need_not_be_in_another(host: Host, place: Place, port: int) -> None:
    await measuring(host, place, "a", "b", "c")
    for module, kind in (("a", "gauge"), ("b", "counter"), ("c", "histogram")):
        assert await host.call(module, "measure", kind, "jobs") in (True, 1)
    found = await series(port)
    assert (found["jobs"], found["jobs_total"], found["jobs_count"]) == ({("a",): 1}, {("b",): 1}, {("c",): 1})


async def test_the_next_version_may_measure_something_else_by_a_name(host: Host, place: Place, port: int) -> None:
    await measuring(host, place, "a")
    await host.call("a", "measure", "gauge", "jobs")
    assert await host.call("a", "measure", "counter", "jobs") == (None, "jobs is a gauge, and cannot be a counter")
    for _ in range(2):
        await host.reload("a")
    assert await host.call("a", "measure", "counter", "jobs") == 1
    found = await series(port)
    assert "jobs" not in found
    assert found["jobs_total"] == {("a",): 1}


@pytest.mark.parametrize(
    ("kind", "name", "why"),
    [
        ("gauge", "h_count", "what ends with _count belongs to a histogram or another series"),
        ("counter", "h_sum_total", "what ends with _sum belongs to a histogram or another series"),
        ("histogram", "h_bucket", "what ends with _bucket belongs to a histogram or another series"),
        ("gauge", "jobs_total", "what ends with _total belongs to a counter"),
        ("gauge", "theseus_modules", "what begins with theseus_ or process_ or python_ is the host's own"),
        ("counter", "process_cpu_seconds", "what begins with theseus_ or process_ or python_ is the host's own"),
    ],
)
async def test_a_name_that_is_of_something_else_is_refused(
    host: Host, place: Place, kind: str, name: str, why: str
) -> None:
    await measuring(host, place, "a")
    assert await host.call("a", "measure", kind, name) == (None, f"{name} is refused: {why}")


async def test_a_counter_is_the_same_with_what_prometheus_adds(host: Host, place: Place) -> None:
    await measuring(host, place, "a")
    assert await host.call("a", "measure", "counter", "jobs") == 1
    assert await host.call("a", "measure", "counter", "jobs_total") == 2


@pytest.mark.parametrize(
    ("value", "why"),
    [("x" * 201, "the tag room has more than 200 characters"), ([1], "the tag room is a table, and must be text")],
)
async def test_a_tag_that_cannot_be_shown_whole_is_refused(host: Host, place: Place, value: object, why: str) -> None:
    await measuring(host, place, "a")
    answer = await host.call("a", "measure", "gauge", "jobs", {"room": value})
    assert isinstance(answer, tuple)
    assert answer[0] is None
    assert str(answer[1]).startswith(why)


async def test_tags_are_shown_as_lua_has_them(host: Host, place: Place, port: int) -> None:
    await measuring(host, place, "a")
    for value in (b"a\xff", True, 1.5):
        await host.call("a", "measure", "gauge", "jobs", {"room": value})
    found = await series(port)
    assert set(found["jobs"]) == {("a", "a\\xff"), ("a", "true"), ("a", "1.5")}


async def test_an_alert_falls_with_its_module_and_the_log_says_so(host: Host, place: Place, port: int) -> None:
    await measuring(host, place, "a", "b")
    await host.call("a", "alert", 2)
    assert (await read(port, "/health"))[0] == HTTPStatus.SERVICE_UNAVAILABLE
    await host.unload("a")
    assert (await read(port, "/health"))[0] == HTTPStatus.OK
    assert await host.call("b", "status") == "healthy"
    await until_logged(host.chronicle, "the alert queue of a fell, as that module went")
