"""Network, programs, variables and the rest through the gate."""

from __future__ import annotations

import asyncio
import os
import socket
from pathlib import Path

import pytest

from host.trust import gate as gates
from host.trust.addresses import PlaceUnclearError, Reached, is_public, literal
from host.vocabulary.errors import PermissionDenied, PermissionUnknown
from host.vocabulary.identity import Tier
from host.vocabulary.net_pattern import NetPattern
from tests.trust.allowing import Allowing


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """Addresses by name, in place of the system's resolver."""
    known: dict[str, list[str]] = {}

    async def resolved(host: str, port: int) -> tuple[tuple[Reached, object], ...]:
        return tuple((Reached(socket.AF_INET, each, port), literal(each)) for each in known.get(host, [host]))

    monkeypatch.setattr(gates, "resolved", resolved)
    return known


async def test_a_host_is_reached_at_the_addresses_that_were_judged(
    allowing: Allowing, names: dict[str, list[str]]
) -> None:
    names["api.example.com"] = ["93.184.215.14", "10.0.0.1"]
    caller = allowing.granted(net=["api.example.com:443"])
    found = await allowing.gate.connect_address(caller, "API.example.com.", 443)
    assert [(each.address, each.port) for each in found] == [("93.184.215.14", 443)]
    for host, port in (("api.example.com", 80), ("example.com", 443), ("evil.com", 443)):
        with pytest.raises(PermissionDenied):
            await allowing.gate.connect_address(caller, host, port)


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.1.2.3", "192.168.1.1", "172.16.0.1", "169.254.169.254", "0.0.0.1", "224.0.0.1", "::1"),
        *("fe80::1", "fc00::1", "::ffff:127.0.0.1", "::", "ff02::1", "2002:7f00:1::", "100.64.0.1", "255.255.255.255"),
        *("fec0::1", "64:ff9b::7f00:1", "64:ff9b:1::7f00:1", "192.0.0.8", "198.18.0.1", "::127.0.0.1"),
    ],
)
async def test_a_name_that_leads_inside_is_denied(
    address: str, allowing: Allowing, names: dict[str, list[str]]
) -> None:
    names["rebound.example.com"] = [address]
    caller = allowing.granted(net=["*:*"])
    with pytest.raises(PermissionDenied, match=r"it leads to .*, and such addresses have to be asked for"):
        await allowing.gate.connect_address(caller, "rebound.example.com", 80)
    with pytest.raises(PermissionDenied):
        await allowing.gate.connect_address(caller, address, 80)


async def test_inner_addresses_are_reached_where_they_are_named(
    allowing: Allowing, names: dict[str, list[str]]
) -> None:
    names["intranet"] = ["10.1.2.3"]
    names["localhost"] = ["127.0.0.1"]
    caller = allowing.granted(net=["intranet:80", "10.0.0.0/8:80", "localhost:8000-8099", "[::1]:9"])
    assert [each.address for each in await allowing.gate.connect_address(caller, "intranet", 80)] == ["10.1.2.3"]
    assert await allowing.gate.connect_address(caller, "10.9.9.9", 80)
    assert await allowing.gate.connect_address(caller, "localhost", 8050)
    assert await allowing.gate.connect_address(caller, "[::1]", 9)
    for host, port in (("10.9.9.9", 81), ("localhost", 8100), ("192.168.0.1", 80)):
        with pytest.raises(PermissionDenied):
            await allowing.gate.connect_address(caller, host, port)


async def test_addresses_that_the_user_denied_are_not_reached_by_name(
    allowing: Allowing, names: dict[str, list[str]]
) -> None:
    names["a.example.com"] = ["93.184.215.14"]
    caller = allowing.granted(net=["*.example.com:*"])
    allowing.grant("net", "93.184.0.0/16:*", allowed=False)
    with pytest.raises(PermissionDenied):
        await allowing.gate.connect_address(caller, "a.example.com", 443)


@pytest.mark.parametrize(
    ("host", "port"),
    [
        ("", 80),
        ("a b", 80),
        ("user@host", 80),
        ("host/path", 80),
        ("a..b", 80),
        ("a" * 64 + ".b", 80),
        ("localhost\0.example.com", 80),
        ("host\x07", 80),
        ("host", 0),
        ("host", 65536),
    ],
)
async def test_what_is_no_host_and_port_is_a_mistake(host: str, port: int, allowing: Allowing) -> None:
    with pytest.raises(PlaceUnclearError):
        await allowing.gate.connect_address(allowing.granted(net=["*:*"]), host, port)


async def test_a_connection_is_made_to_a_real_server(allowing: Allowing) -> None:
    async def greet(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"hello")
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(greet, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        caller = allowing.granted(net=["localhost:*"])
        reader, writer = await allowing.gate.connect(caller, "127.0.0.1", port)
        assert await reader.read() == b"hello"
        writer.close()
        await writer.wait_closed()


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700:4700::1111", "93.184.215.14"])
def test_public_addresses_are(address: str) -> None:
    found = literal(address)
    assert found is not None
    assert is_public(found)


@pytest.mark.parametrize(
    ("pattern", "host", "port", "fits"),
    [
        ("api.example.com:443", "api.example.com", 443, True),
        ("*.example.com:*", "a.b.example.com", 1, True),
        ("*.example.com:*", "example.com", 1, False),
        ("*.example.com:*", "evilexample.com", 1, False),
        ("*:80-90", "any", 91, False),
        ("10.0.0.0/8:80", "10.0.0.1", 80, False),
    ],
)
def test_names_of_hosts(pattern: str, host: str, port: int, fits: bool) -> None:  # noqa: FBT001 - a case
    assert NetPattern.parse(pattern).names(host, port) is fits


def test_a_program_is_the_file_that_its_name_leads_to(allowing: Allowing) -> None:
    caller = allowing.granted(exec=["sh"])
    assert allowing.gate.program(caller, "sh") == Path(os.path.realpath("/bin/sh"))
    with pytest.raises(PermissionDenied, match="its manifest does not ask for it"):
        allowing.gate.program(caller, "env")
    with pytest.raises(PermissionDenied):
        allowing.gate.program(caller, "/bin/sh")


def test_a_program_may_be_named_by_its_path(allowing: Allowing) -> None:
    caller = allowing.granted(exec=["/bin/sh"])
    assert allowing.gate.program(caller, "/bin/sh") == Path(os.path.realpath("/bin/sh"))


def test_a_search_path_that_depends_on_where_one_stands_is_passed_over(
    allowing: Allowing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "trap").write_text("#!/bin/sh\n")
    (tmp_path / "trap").chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", ".::relative")
    with pytest.raises(FileNotFoundError, match="there is no program 'trap'"):
        allowing.gate.program(allowing.granted(exec=["trap"]), "trap")


def test_a_variable_is_given_and_only_its_name_is_noted(allowing: Allowing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MYAPP_KEY", "value")
    caller = allowing.granted(env=["MYAPP_*"])
    assert allowing.gate.variable(caller, "MYAPP_KEY") == "value"
    assert "value" not in str(allowing.uses)
    with pytest.raises(PermissionDenied):
        allowing.gate.variable(caller, "PATH")


def test_clipboard_and_notifications_are_asked_for_like_all_else(allowing: Allowing) -> None:
    caller = allowing.granted(clipboard=["read"], notify=["show"])
    allowing.gate.check(caller, "clipboard", "read")
    allowing.gate.check(caller, "notify", "show")
    with pytest.raises(PermissionDenied):
        allowing.gate.check(caller, "clipboard", "write")
    with pytest.raises(PermissionUnknown, match=r"'clipbord' is no permission; there are fs\.read, "):
        allowing.gate.check(caller, "clipbord", "read")


def test_core_modules_have_what_they_ask_for_and_no_more(allowing: Allowing) -> None:
    caller = allowing.module(tier=Tier.CORE, env=["LANG"])
    allowing.gate.variable(caller, "LANG")
    with pytest.raises(PermissionDenied):
        allowing.gate.variable(caller, "HOME")
    allowing.grant("env", "LANG", allowed=False)
    with pytest.raises(PermissionDenied):
        allowing.gate.variable(caller, "LANG")


async def test_what_is_too_long_is_refused_at_once(allowing: Allowing) -> None:
    caller = allowing.granted(env=["*A*B*C*"], net=["*:*"], exec=["sh"])
    with pytest.raises(PermissionDenied, match="nothing of that length"):
        allowing.gate.variable(caller, "AB" * 1_000_000)
    with pytest.raises(PlaceUnclearError):
        await allowing.gate.connect_address(caller, "a." * 1_000_000, 80)
    with pytest.raises(PermissionDenied):
        allowing.gate.program(caller, "s" * 1_000_000)
    assert all(len(use.wanted) <= 4096 for use in allowing.uses)


def test_a_program_that_the_module_could_write_itself_is_not_run(
    allowing: Allowing, monkeypatch: pytest.MonkeyPatch
) -> None:
    tool = allowing.home / "bin" / "tool"
    tool.parent.mkdir()
    tool.write_text("#!/bin/sh\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tool.parent))
    assert allowing.gate.program(allowing.granted(exec=["tool"]), "tool") == tool
    with pytest.raises(PermissionDenied, match=r"it may write .*/bin/tool itself"):
        allowing.gate.program(allowing.granted(exec=["tool"], fs_write=["~/**"]), "tool")
    with pytest.raises(PermissionDenied, match=r"it may write .*/bin itself"):
        allowing.gate.program(allowing.granted(exec=["tool"], fs_write=["~/*"]), "tool")


def test_a_program_is_run_by_a_module_that_may_not_write_it_whatever_it_asks_for(
    allowing: Allowing, monkeypatch: pytest.MonkeyPatch
) -> None:
    tool = allowing.home / "bin" / "tool"
    tool.parent.mkdir()
    tool.write_text("#!/bin/sh\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tool.parent))
    caller = allowing.module(exec=["tool"], fs_write=["~/bin/*"])
    allowing.grant("exec", "tool")
    assert allowing.gate.program(caller, "tool") == tool
    allowing.grant("fs.write", "~/bin/*")
    with pytest.raises(PermissionDenied):
        allowing.gate.program(caller, "tool")
    allowing.grant("fs.write", "~/bin/tool", allowed=False)
    assert allowing.gate.program(caller, "tool") == tool
