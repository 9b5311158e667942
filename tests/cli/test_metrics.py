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
from tests.engine.place import Place
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
