"""An engine beside a window, in real processes: it dies, hangs, does not come up; the window knows and goes on."""

from __future__ import annotations

import asyncio
import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest

from host.protocol.client import Client, Refused
from host.protocol.launching import LOG_BYTES, LOG_NAME
from host.protocol.lifesigns import EngineChange, EngineDown, EngineGivenUp, EngineUp
from host.protocol.supervisor import Care, Supervisor
from host.vocabulary.errors import HostUnreachable

STAND_IN = Path(__file__).with_name("stand_in.py")
ROOT = Path(__file__).parents[2]
QUICK = Care(ask_s=0.05, answer_s=0.3, look_s=0.02, end_s=5.0, pauses_s=(0.0, 0.01, 0.02, 0.03))

Change = TypeVar("Change", EngineUp, EngineDown, EngineGivenUp)


class Window:
    """What a window has seen, in order."""

    def __init__(self) -> None:
        self.seen: list[EngineChange] = []
        self._read = 0
        self._news = asyncio.Event()

    def see(self, change: EngineChange) -> None:
        self.seen.append(change)
        self._news.set()

    async def next(self, kind: type[Change]) -> Change:
        """The next change, which has to be of this kind."""
        async with asyncio.timeout(20):
            while len(self.seen) == self._read:
                self._news.clear()
                await self._news.wait()
        change = self.seen[self._read]
        self._read += 1
        assert isinstance(change, kind), change
        return change


@pytest.fixture
async def window() -> Window:
    return Window()


@pytest.fixture(autouse=True)
def _host_can_be_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


Keep = Callable[..., Supervisor]


@pytest.fixture
def keep(tmp_path: Path, window: Window) -> Keep:
    def make(*arguments: str, care: Care = QUICK) -> Supervisor:
        return Supervisor([sys.executable, str(STAND_IN), str(tmp_path), *arguments], tmp_path, window.see, care)

    return make


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def do(up: EngineUp, module: str, what: str, *args: Any) -> None:
    with pytest.raises(HostUnreachable):
        await up.client.call(module, what, list(args))


async def test_the_engine_comes_up_answers_and_ends_cleanly_with_its_window(
    keep: Keep, window: Window, tmp_path: Path
) -> None:
    async with keep():
        up = await window.next(EngineUp)
        assert (await up.client.hello()).pid == up.pid
        assert up.restarts == 0
    assert not alive(up.pid)
    assert up.client.closed.is_set()
    assert os.path.exists(tmp_path / "cleaned up")  # noqa: ASYNC240, PTH110 - a look at a local file
    assert window.seen == [up]


async def test_a_kill_inside_a_module_names_it_and_the_engine_is_there_again(keep: Keep, window: Window) -> None:
    async with keep():
        first = await window.next(EngineUp)
        await do(first, "faulty", "die", int(signal.SIGKILL))
        down = await window.next(EngineDown)
        second = await window.next(EngineUp)
        assert (down.exit_text, down.suspect, down.version) == ("killed by signal 9", "faulty", "0.3.0")
        assert str(down) == "the engine ended while faulty 0.3.0 was in a hook handler (killed by signal 9)"
        assert second.restarts == 1
        assert second.pid != first.pid
        assert (await second.client.hello()).pid == second.pid
        assert first.client.closed.is_set()


async def test_a_kill_from_outside_at_rest_names_nobody(keep: Keep, window: Window) -> None:
    async with keep():
        up = await window.next(EngineUp)
        os.kill(up.pid, signal.SIGKILL)
        down = await window.next(EngineDown)
        assert (down.suspect, down.phase) == ("", "")
        assert str(down) == "the engine ended (killed by signal 9)"
        await window.next(EngineUp)


async def test_the_marker_of_an_earlier_engine_accuses_nobody(keep: Keep, window: Window) -> None:
    async with keep():
        await do(await window.next(EngineUp), "faulty", "die", int(signal.SIGKILL))
        assert (await window.next(EngineDown)).suspect == "faulty"
        await window.next(EngineUp)
    async with keep("exit", "3", "no"):
        assert (await window.next(EngineDown)).suspect == ""


async def test_an_engine_that_hangs_in_a_module_is_ended_and_started_again(keep: Keep, window: Window) -> None:
    async with keep():
        up = await window.next(EngineUp)
        await do(up, "faulty", "hang")
        down = await window.next(EngineDown)
        assert down.exit_text == "ended by the window: no answer for 0.3 s"
        assert (down.suspect, down.phase) == ("faulty", "in a hook handler")
        assert not alive(up.pid)
        await window.next(EngineUp)


async def test_an_engine_that_is_slow_outside_of_modules_is_left_alone(keep: Keep, window: Window) -> None:
    async with keep():
        up = await window.next(EngineUp)
        await up.client.call("", "doze", [1.0])
        assert (await up.client.hello()).pid == up.pid
    assert window.seen == [up]


async def test_after_five_ends_it_is_given_up_and_can_be_asked_for_again(
    keep: Keep, window: Window, tmp_path: Path
) -> None:
    async with keep("exit", "3", "the disk\tis on fire\n\n"):
        for _ in range(5):
            down = await window.next(EngineDown)
            assert (down.exit_text, down.last_words) == ("exit status 3", "the disk is on fire")
        given_up = await window.next(EngineGivenUp)
        assert given_up.reason == "it ended 5 times within 60 s"

    (tmp_path / "other").mkdir()
    flag = tmp_path / "works now"
    script = f"import os, runpy, sys; os.path.exists({str(flag)!r}) or sys.exit(4); sys.argv = sys.argv[1:]; "
    script += "runpy.run_path(sys.argv[0], run_name='__main__')"
    command = [sys.executable, "-c", script, str(STAND_IN), str(tmp_path / "other")]
    async with Supervisor(command, tmp_path / "other", window.see, QUICK) as supervisor:
        for _ in range(5):
            await window.next(EngineDown)
        await window.next(EngineGivenUp)
        flag.touch()
        await supervisor.restart()
        assert (await window.next(EngineUp)).restarts == 5


async def test_old_ends_do_not_count(keep: Keep, window: Window) -> None:
    forgetful = Care(pauses_s=(0.0, 0.0, 0.0), forget_s=0.0)
    async with keep("exit", "3", "no", care=forgetful):
        for _ in range(6):
            await window.next(EngineDown)
    assert not any(isinstance(change, EngineGivenUp) for change in window.seen)


async def test_a_fault_in_who_is_told_is_reported_and_the_engine_kept(keep: Keep, window: Window) -> None:
    reported: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: reported.append(context))
    see = window.see

    def see_and_fail(change: EngineChange) -> None:
        see(change)
        raise ZeroDivisionError

    window.see = see_and_fail  # type: ignore[method-assign]  # a window with a bug
    async with keep():
        os.kill((await window.next(EngineUp)).pid, signal.SIGKILL)
        await window.next(EngineDown)
        await window.next(EngineUp)
    assert [type(context["exception"]) for context in reported] == [ZeroDivisionError] * 3


async def test_an_engine_that_was_asked_to_end_stays_down_until_it_is_asked_for(keep: Keep, window: Window) -> None:
    async with keep() as supervisor:
        up = await window.next(EngineUp)
        await up.client.stop()
        assert (await window.next(EngineDown)).exit_text == "exit status 0"
        assert (await window.next(EngineGivenUp)).reason == "it was asked to end"
        await supervisor.restart()
        assert (await window.next(EngineUp)).pid != up.pid


async def test_a_running_engine_is_started_again_on_request(keep: Keep, window: Window) -> None:
    async with keep() as supervisor:
        first = await window.next(EngineUp)
        await supervisor.restart()
        await window.next(EngineDown)
        second = await window.next(EngineUp)
        assert not alive(first.pid)
        assert (await second.client.hello()).pid == second.pid


async def test_an_engine_that_does_not_end_when_asked_is_killed(keep: Keep, window: Window) -> None:
    async with keep(care=Care(end_s=0.2)):
        up = await window.next(EngineUp)
        os.kill(up.pid, signal.SIGSTOP)
    assert not alive(up.pid)


async def test_an_engine_that_does_not_become_ready_is_ended_and_tried_again(keep: Keep, window: Window) -> None:
    async with keep("silent", care=Care(ready_s=0.2, pauses_s=(0.0,))):
        for _ in range(2):
            assert (await window.next(EngineDown)).exit_text == "ended by the window: not ready within 0.2 s"
        await window.next(EngineGivenUp)


async def test_a_command_that_is_not_there_is_said(window: Window, tmp_path: Path) -> None:
    async with Supervisor([str(tmp_path / "nothing")], tmp_path, window.see, QUICK):
        down = await window.next(EngineDown)
        assert "nothing could not be started: no such file or directory" in str(down)


async def test_stopping_while_the_engine_starts_leaves_no_process(keep: Keep, tmp_path: Path) -> None:
    supervisor = keep()
    await supervisor.start()
    await asyncio.sleep(0)
    await supervisor.stop()
    with pytest.raises(HostUnreachable):
        await Client.connect(tmp_path)


async def test_what_the_engine_writes_is_in_its_log(keep: Keep, window: Window, tmp_path: Path) -> None:
    async with keep():
        await do(await window.next(EngineUp), "", "exit", 5)
        down = await window.next(EngineDown)
        assert down.exit_text == "exit status 5"
        await window.next(EngineUp)
    assert b"said on stdout\n" in read(tmp_path / LOG_NAME)


def read(file: Path) -> bytes:
    return file.read_bytes()


async def test_a_log_grown_large_is_put_aside_at_the_start(keep: Keep, window: Window, tmp_path: Path) -> None:
    (tmp_path / LOG_NAME).write_bytes(b"x" * LOG_BYTES)
    async with keep("exit", "3", "fresh words"):
        assert (await window.next(EngineDown)).last_words == "fresh words"
    assert read(tmp_path / f"{LOG_NAME}.1") == b"x" * LOG_BYTES
    assert b"x" not in read(tmp_path / LOG_NAME)


async def test_last_words_are_of_this_run_alone(keep: Keep, window: Window, tmp_path: Path) -> None:
    (tmp_path / LOG_NAME).write_bytes(b"words of an earlier run\n")
    async with keep():
        up = await window.next(EngineUp)
        os.kill(up.pid, signal.SIGKILL)
        assert (await window.next(EngineDown)).last_words == ""


A_WINDOW = """
import asyncio, sys
from pathlib import Path
from host.protocol.supervisor import Supervisor

def tell(change):
    print(change.pid, flush=True)

async def main():
    async with Supervisor([sys.executable, *sys.argv[1:]], Path(sys.argv[2]), tell):
        await asyncio.Event().wait()

asyncio.run(main())
"""


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="the end of a process that is no child is seen on Linux")
def test_a_window_that_is_killed_takes_its_engine_along_cleanly(tmp_path: Path) -> None:
    command = [sys.executable, "-c", A_WINDOW, str(STAND_IN), str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as killed:
        assert killed.stdout is not None
        engine = os.pidfd_open(int(killed.stdout.readline()))
        killed.kill()
    ended = select.poll()
    ended.register(engine, select.POLLIN)
    assert ended.poll(10_000)
    os.close(engine)
    assert (tmp_path / "cleaned up").exists()
    assert not (tmp_path / "engine.json").exists()


async def test_an_engine_that_hangs_when_its_window_is_gone_ends_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STUCK_S", "0.4")
    command = [sys.executable, str(STAND_IN), str(tmp_path)]
    engine = await asyncio.create_subprocess_exec(*command, stdin=-1, stdout=-1, stderr=-1)
    assert engine.stdin is not None
    assert engine.stdout is not None
    assert await engine.stdout.readline() == b"ready\n"
    client = await Client.connect(tmp_path)
    hanging = asyncio.ensure_future(client.call("faulty", "hang", []))
    async with asyncio.timeout(10):
        engine.stdin.close()
        _, said = await engine.communicate()
    assert engine.returncode == 1
    assert b"Timeout" in said
    with pytest.raises((HostUnreachable, Refused)):
        await hanging
    await client.close()
