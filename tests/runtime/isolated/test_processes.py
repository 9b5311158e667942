"""The processes that modules get: prepared once, confined, gone when they are to be gone."""

from __future__ import annotations

import os
import platform
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from host.runtime.isolated import messages
from host.runtime.isolated.channel import Channel
from host.runtime.isolated.fork_server import Forked, ForkServer, ending
from host.runtime.isolated.prepared import _Prepared
from host.vocabulary.errors import HostError
from host.vocabulary.manifest import MIB
from tests.runtime.separate import ROOT, run_apart

WITHIN = 10.0


@pytest.fixture
def server() -> Iterator[ForkServer]:
    server = ForkServer()
    yield server
    server.close()


def begun(server: ForkServer) -> tuple[Forked, Channel]:
    """A process that has been told whose it is, and has confined itself."""
    forked = server.fork()
    channel = Channel(forked.connection, MIB)
    channel.send(messages.encode(messages.Begin("m", "1.0.0", 1, 4 * MIB, 0.1, MIB, 1000, 100)))
    assert messages.said_of(channel.next()) == messages.Done(0, 0, ())
    return forked, channel


def many(server: ForkServer) -> None:
    """Fork more than there is room for: some numbers of descriptors below the limit may be free."""
    for _ in range(10):
        server.fork()


def test_processes_are_forked_from_one_that_stays(server: ForkServer) -> None:
    pids = {begun(server)[0].pid for _ in range(3)}
    assert len(pids) == 3
    assert {psutil.Process(pid).ppid() for pid in pids} == {server.pid}
    assert psutil.Process(server.pid).num_threads() == 1


def test_a_process_can_open_nothing_and_gain_nothing(server: ForkServer) -> None:
    forked, _ = begun(server)
    process = psutil.Process(forked.pid)
    assert {name: process.rlimit(limit) for name, limit in LIMITS.items()} == dict.fromkeys(LIMITS, (0, 0))
    assert 0 < process.rlimit(psutil.RLIMIT_AS)[1] - process.memory_info().vms < 64 * MIB
    status = Path(f"/proc/{forked.pid}/status").read_text()
    assert "NoNewPrivs:\t1" in status
    assert "Seccomp:\t2" in status
    assert process.num_threads() == 1


@pytest.mark.skipif(platform.machine() not in {"x86_64", "aarch64"}, reason="no list of calls for this machine")
@pytest.mark.parametrize(
    "attempt",
    [
        "os.kill(os.getppid(), 0)",
        "os.fork()",
        "os.execv('/bin/true', ['true'])",
        "os.open('/etc/passwd', os.O_RDONLY)",
        "os.stat('/etc/passwd')",
        "os.mkdir('/tmp/made-by-a-module')",
        "os.dup(0)",
        "os.pipe()",
        "os.setuid(0)",
        "os.getxattr('/', 'user.x')",
        "os.write(1, b'x')",
        "socket.socket()",
        "os.sched_setaffinity(0, {0})",
        "ctypes.CDLL(None).ptrace(16, os.getppid(), 0, 0) == -1 and os.kill(os.getppid(), 0)",
    ],
)
def test_a_confined_process_is_refused(attempt: str) -> None:
    code = f"""
import ctypes, os, socket
from host.runtime.isolated.confinement import confine
libc = ctypes.CDLL(None)
confine(1 << 26)
memory = bytearray(1 << 22)
try:
    {attempt}
except (PermissionError, OSError):
    os._exit(42)
os._exit(1)
"""
    assert run_apart(code).how == "exit 42"


LIMITS = {
    "files": psutil.RLIMIT_NOFILE,
    "children": psutil.RLIMIT_NPROC,
    "core": psutil.RLIMIT_CORE,
    "written": psutil.RLIMIT_FSIZE,
}


def test_a_process_holds_its_own_socket_and_nothing_else(server: ForkServer) -> None:
    begun(server)
    forked, _ = begun(server)
    held = {each.name: str(each.readlink()) for each in Path(f"/proc/{forked.pid}/fd").iterdir()}
    assert held.keys() == {"0", "1", "2", "3"}
    assert {held[number] for number in "012"} == {os.devnull}


def test_a_process_sees_nothing_of_the_environment(server: ForkServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_OF_A_TEST", "x")
    forked, _ = begun(server)
    assert b"SECRET_OF_A_TEST" not in Path(f"/proc/{forked.pid}/environ").read_bytes()


@pytest.mark.parametrize("unread", [0, 1])
def test_news_that_no_engine_takes_any_more_end_nothing(unread: int) -> None:
    """They ended the prepared process with a traceback on the engine's terminal."""
    mine, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with its:
        prepared = _Prepared(its)
        for _ in range(unread):
            its.send(b"x")
        mine.close()
        prepared._tell(b"x")  # noqa: SLF001 - what it does for each process that ended
        assert not prepared._asked()  # noqa: SLF001 - as it looks for more work


@pytest.mark.parametrize("room", [0, 1])
def test_where_the_system_has_no_more_to_give_those_that_are_there_go_on(server: ForkServer, room: int) -> None:
    forked, _ = begun(server)
    prepared = psutil.Process(server.pid)
    before = prepared.rlimit(psutil.RLIMIT_NOFILE)
    held = {int(each.name) for each in Path(f"/proc/{server.pid}/fd").iterdir()}
    most = [number for number in range(max(held) + 2 + room) if number not in held][room]
    prepared.rlimit(psutil.RLIMIT_NOFILE, (most, before[1]))
    with pytest.raises(HostError, match=r"could be started \(too many open files\); nothing was changed"):
        many(server)
    prepared.rlimit(psutil.RLIMIT_NOFILE, before)
    assert prepared.is_running()
    assert not forked.gone()
    begun(server)


def test_a_process_ends_by_itself_when_its_other_end_is_closed(server: ForkServer) -> None:
    forked, channel = begun(server)
    channel.close()
    assert forked.gone(WITHIN)
    assert forked.status() == 0


@pytest.mark.parametrize(
    ("number", "said"), [(signal.SIGKILL, b"by signal 9 (killed)"), (signal.SIGSEGV, b"by signal 11")]
)
def test_how_a_process_ended_is_known(server: ForkServer, number: signal.Signals, said: bytes) -> None:
    forked, _ = begun(server)
    os.kill(forked.pid, number)
    assert forked.gone(WITHIN)
    kind, words = ending(forked.status())
    assert kind == b"ended"
    assert words.startswith(said)


def test_an_engine_begins_where_the_system_has_none_of_this() -> None:
    code = """
import os, select, signal, socket
for module, names in {
    os: ["fork", "pidfd_open", "WIFSIGNALED"],
    select: ["poll", "POLLIN", "POLLOUT"],
    signal: ["SIGKILL", "pidfd_send_signal"],
    socket: ["AF_UNIX", "MSG_DONTWAIT", "recv_fds", "send_fds"],
}.items():
    for name in names:
        delattr(module, name)
import host.runtime.making
host.runtime.making.Runtimes().close()
"""
    ending = run_apart(code)
    assert ending.how == "ended", ending.errors


def test_a_process_that_gets_no_more_memory_from_the_system_says_so() -> None:
    assert ending(messages.OUT_OF_MEMORY << 8) == (b"memory", b"")


def test_a_killed_process_leaves_no_zombie_and_no_descriptor(server: ForkServer) -> None:
    begun(server)[0].close()
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(5):
        forked, _ = begun(server)
        forked.close()
        assert forked.gone()
    again = begun(server)[0]  # by the time that this one answers, those before it were reaped
    assert [each.pid for each in psutil.Process(server.pid).children()] == [again.pid]
    again.close()
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_the_prepared_process_takes_all_with_it_and_is_started_again(server: ForkServer) -> None:
    forked, _ = begun(server)
    os.kill(server.pid, signal.SIGKILL)
    assert forked.gone(WITHIN)
    fresh, _ = begun(server)
    forked.close()
    assert psutil.Process(fresh.pid).ppid() == server.pid


def test_an_engine_that_is_killed_leaves_no_process_behind() -> None:
    code = """
import os, signal
from host.runtime.isolated import messages
from host.runtime.isolated.fork_server import ForkServer
server = ForkServer()
forked = [server.fork() for _ in range(3)]
print(server.pid, *(each.pid for each in forked), flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL
    pids = [int(each) for each in done.stdout.split()]
    assert len(pids) == 4
    left = [psutil.Process(pid) for pid in pids if psutil.pid_exists(pid)]
    assert psutil.wait_procs(left, timeout=WITHIN)[1] == []
