"""``run --headless`` and ``engine``: events as they happen, a clean end, and one sentence where they cannot start."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from host.cli import running as running_command
from host.cli.arguments import parsed
from tests.cli.program import LONGEST, ROOT, Running, command, running, theseus, without_display
from tests.engine.place import Place

pytestmark = pytest.mark.integration

COUNTING = """local M = {n = 0}
M.hooks = {add = function(k) M.n = M.n + k end, gone = function(name) M.gone = name end}
function M:getState() return {n = self.n, gone = self.gone} end
function M:setState(state) self.n, self.gone = state.n, state.gone end
function M:cleanup() host.emit("gone", self.name) end
return M"""
AUTOLOAD = "autoload = true\n"


def test_each_event_is_a_line_of_json_with_the_fields_of_the_contract(place: Place) -> None:
    folder = place.module("chat", COUNTING, folder="1", more=AUTOLOAD)
    place.module("bad", 'return {init = function() error("no") end}', more=AUTOLOAD)
    with running(place) as host:
        assert sorted(host.kinds) == ["module_failed", "module_loaded", "ready"]
        for event in host.told:
            assert {"event", "module", "version", "pause_s", "error", "at", "text"} <= event.keys()
        (failed,) = [each for each in host.told if each["event"] == "module_failed"]
        assert (failed["module"], failed["version"]) == ("bad", "1.0.0")
        assert "no" in failed["error"]
        (folder / "init.lua").write_text(COUNTING + " -- saved")
        assert host.until("swap_committed")["pause_s"] > 0
        (folder / "init.lua").write_text("return {")
        assert "init.lua:1" in host.until("reload_refused", "chat")["error"]
        place.module("chat", 'error("no")', "2.0.0", folder="2")
        host.until("module_found")
        host.ask("swap", "chat", "2.0.0")
        host.until("swap_rolled_back")
        host.ask("unload", "chat")
        host.until("module_unloaded")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_with_every_cleanup_called(place: Place, number: signal.Signals) -> None:
    """What a cleanup did is seen by the modules that go after it: it is in the state that they leave."""
    place.module("base", COUNTING, more=AUTOLOAD)
    for name in ("first", "second"):
        place.module(name, COUNTING, more=AUTOLOAD + '[dependencies]\nbase = "*"\n')
    with running(place) as host:
        host.process.send_signal(number)
        status, err = host.end()
        assert (status, err) == (0, "")
        assert host.kinds[-4:] == ["stopping", *["module_unloaded"] * 3]
    states = {name: kept_state(place, name) for name in ("base", "first", "second")}
    assert states["base"] == {"n": 0, "gone": "first"}, "of those that need it, the last to go was the first loaded"
    assert states["first"]["gone"] == "second"


def kept_state(place: Place, name: str) -> dict[str, object]:
    """The last checkpoint, read after the end."""
    from host.runtime.codec import decode  # noqa: PLC0415 - the one test that looks into the store
    from host.storage import open_store  # noqa: PLC0415 - the same

    store = open_store(place.data)
    try:
        checkpoint = store.checkpoints.of(name)
        assert checkpoint is not None
        state: dict[str, object] = decode(checkpoint.state)
        return state
    finally:
        store.close()


def test_a_signal_while_it_starts_ends_it_too(place: Place) -> None:
    slow = "local t = 0 for i = 1, 4e6 do t = t + i end return {}"
    for number in range(20):
        place.module(f"m{number}", slow, more=AUTOLOAD)
    folders = ("--modules", place.root, "--data", place.data)
    with subprocess.Popen(
        command(("run", "--headless", "--events", "jsonl", *folders)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=without_display({}),
    ) as process:
        host = Running(process, place)
        host.until("module_loaded")
        process.send_signal(signal.SIGTERM)
        status, err = host.end()
        assert (status, err) == (0, "")
        assert host.kinds[-1] == "module_unloaded"


def test_text_is_a_line_for_each_event(place: Place) -> None:
    place.module("chat", COUNTING, more=AUTOLOAD)
    with subprocess.Popen(
        command(("run", "--headless", "--modules", place.root, "--data", place.data)),
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=without_display({}),
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().endswith("  chat 1.0.0 was loaded\n")
        assert process.stdout.readline().endswith("  ready: 1 module loaded\n")
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=LONGEST)
        assert [line[10:] for line in out.splitlines()] == ["stopping", "chat 1.0.0 was unloaded"]


def test_without_a_display_it_says_so_in_one_line_and_runs_headless(place: Place) -> None:
    place.module("chat", COUNTING, more=AUTOLOAD)
    with subprocess.Popen(
        command(("run", "--events", "jsonl", "--modules", place.root, "--data", place.data)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=without_display({}),
    ) as process:
        host = Running(process, place)
        host.until("ready")
        process.send_signal(signal.SIGINT)
        status, err = host.end()
        assert status == 0
        assert err.startswith("theseus: no display")
        assert err.count("\n") == 1
        assert "headless" in err


def test_where_qt_is_not_installed_it_runs_headless_too(place: Place) -> None:
    program = f"""if True:
        import sys
        for name in ("PySide6", "shiboken6", "qasync"):
            sys.modules[name] = None
        from host.cli import main
        sys.exit(main(["run", "--modules", {str(place.root)!r}, "--data", {str(place.data)!r}]))"""
    with subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=without_display({"QT_QPA_PLATFORM": "offscreen"}),
    ) as process:
        assert process.stdout is not None
        assert "ready" in process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=LONGEST)
        assert process.returncode == 0
        assert "Qt cannot be loaded" in err
        assert err.count("\n") == 1


def test_events_that_nobody_reads_any_more_end_the_host(place: Place) -> None:
    """It ran on, and nobody could see it."""
    folder = place.module("chat", COUNTING, more=AUTOLOAD)
    with running(place) as host:
        assert host.process.stdout is not None
        assert host.process.stderr is not None
        host.process.stdout.close()
        (folder / "init.lua").write_text(COUNTING + " -- saved")
        assert host.process.wait(LONGEST) == 0
        assert host.process.stderr.read() == ""


def test_what_is_asked_for_and_does_not_load_is_told_once_and_stops_nothing_else(place: Place) -> None:
    place.module("chat", COUNTING)
    place.module("bad", 'return {init = function() error("no") end}')
    place.module("needs_bad", more='[dependencies]\nbad = "*"\n')
    words = ("--load", "bad", "--load", "nothing", "--load", "needs_bad", "--load", "chat>=1")
    with running(place, *words) as host:
        failed = [each["module"] for each in host.told if each["event"] == "module_failed"]
        assert failed == ["bad", "nothing", "bad", "needs_bad"]
        assert all(each["error"] for each in host.told if each["event"] == "module_failed")
        assert [each["module"] for each in host.told if each["event"] == "module_loaded"] == ["chat"]


def test_an_autoload_that_fails_is_tried_once_and_stops_only_those_that_need_it(place: Place) -> None:
    """All were loaded, taken down, and loaded one by one again."""
    place.module("a_good", COUNTING, more=AUTOLOAD)
    place.module("bad", 'return {init = function() error("no") end}', more=AUTOLOAD)
    place.module("top", more=AUTOLOAD + '[dependencies]\nbad = "*"\n')
    place.module("z_good", COUNTING, more=AUTOLOAD)
    with running(place) as host:
        told = [(each["event"], each["module"]) for each in host.told]
        assert told == [
            ("module_loaded", "a_good"),
            ("module_failed", "bad"),
            ("module_failed", "top"),
            ("module_loaded", "z_good"),
            ("ready", ""),
        ]
        (top,) = [each for each in host.told if each["module"] == "top"]
        assert "needs bad" in top["error"]


def test_safe_loads_nothing_by_itself(place: Place) -> None:
    place.module("chat", COUNTING, more=AUTOLOAD)
    with running(place, "--safe") as host:
        assert host.kinds == ["ready"]


FAULTY = """local M = {}
function M:execute() error("no") end
return M"""


@pytest.mark.parametrize(("limit", "quarantined"), [("2/1min", True), ("never", False)])
def test_quarantine_says_after_how_many_faults_a_module_is_switched_off(
    place: Place, limit: str, *, quarantined: bool
) -> None:
    place.module("faulty", FAULTY, more=AUTOLOAD)
    with running(place, "--quarantine", limit) as host:
        for _ in range(6):
            host.ask("execute", "faulty")
        assert ("quarantined" in host.ask("status").out) == quarantined
        if quarantined:
            assert "after 2 faults in 60 s" in host.until("module_quarantined")["text"]


@pytest.mark.parametrize(
    "limit", ["", "5", "0/10s", "-1/10s", "5/10", "5/0s", "5/x", "\N{ARABIC-INDIC DIGIT FIVE}/10s", "/10s"]
)
def test_a_quarantine_that_is_not_understood_is_misuse(limit: str) -> None:
    ended = theseus("run", "--headless", f"--quarantine={limit}")
    assert ended.status == 2
    assert "--quarantine" in ended.err


@pytest.mark.parametrize("limit", ["5/10s", "20/1.5min", "3/1ms", "never"])
def test_the_engine_beside_a_window_is_told_the_same_quarantine(limit: str) -> None:
    options = parsed(["run", "--quarantine", limit])
    words = running_command.engine_command(options)
    assert parsed(words[words.index("engine") :]).quarantine == options.quarantine


def test_no_watch_reloads_nothing(place: Place) -> None:
    folder = place.module("chat", COUNTING, more=AUTOLOAD)
    with running(place, "--no-watch") as host:
        (folder / "init.lua").write_text("return {")
        assert "Not watching" in host.ask("status").out


def test_a_second_host_on_one_data_folder_is_refused_with_the_first_ones_process(place: Place) -> None:
    with running(place) as host:
        sentence = theseus("run", "--headless", "--modules", place.root, "--data", place.data).sentence
        assert f"process {host.process.pid}" in sentence
        assert "attach" in sentence
        assert host.ask("status").status == 0, "the first runs on"


@pytest.mark.parametrize("data", [f"/proc/no-such-{os.getpid()}", "file"], ids=["nowhere", "file"])
def test_a_data_folder_that_takes_nothing_is_told_and_it_runs_on(place: Place, data: str) -> None:
    place.module("chat", COUNTING, more=AUTOLOAD)
    folder = place.root.parent / data
    if data == "file":
        folder.write_text("")
    with running(Moved(place, folder)) as host:
        assert host.kinds == ["storage_failed", "module_loaded", "ready"]
        assert str(folder) in host.told[0]["error"]
        assert host.ask("status").status == 0, "it is reached by another way"
        host.process.send_signal(signal.SIGTERM)
        assert host.end() == (0, "")


class Moved(Place):
    """A place whose data folder lies elsewhere."""

    def __init__(self, place: Place, data: Path) -> None:
        self.root = place.root  # type: ignore[misc]  # in place of the one that is made
        self.data = data  # type: ignore[misc]  # the same


def test_missing_module_folders_are_told_and_it_runs_on(place: Place) -> None:
    place.root.rmdir()
    with running(place) as host:
        assert host.kinds == ["problem_found", "ready"]
        assert str(place.root) in host.told[0]["error"]
        (problem,) = host.ask("status", "--json").json["problems"]
        assert str(place.root) in problem["message"] + problem["file"]


def test_the_engine_beside_a_window_says_that_it_is_ready_and_ends_with_its_stdin(place: Place) -> None:
    place.module("chat", COUNTING, more=AUTOLOAD)
    with subprocess.Popen(
        command(("engine", "--modules", place.root, "--data", place.data)),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
        env=without_display({}),
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        assert process.stderr is not None
        assert process.stdout.readline() == b"ready\n"
        assert theseus("status", "--data", place.data).status == 0
        process.stdin.close()
        assert process.wait(LONGEST) == 0
        assert process.stderr.read() == b""
    assert kept_state(place, "chat")["n"] == 0


def test_what_is_wrong_with_folders_and_manifests_is_told_at_the_start_and_as_it_comes_and_goes(place: Place) -> None:
    folder = place.module("bad", "return {}")
    manifest = folder / "module.toml"
    manifest.write_text("name = ")
    fifo = place.module("fifo") / "module.toml"
    fifo.unlink()
    os.mkfifo(fifo)
    with running(place, "--modules", place.root / "nope") as host:
        found = {each["error"]: each for each in host.told if each["event"] == "problem_found"}
        assert len(found) == 3
        for words in (f"{manifest}:1: is not TOML", f"{fifo}: ", f"{place.root / 'nope'}: "):
            (error,) = [each for each in found if each.startswith(words)]
            assert found[error]["text"] == error
        status = host.ask("status")
        assert f"problem: {manifest}:1: is not TOML" in status.out
        manifest.write_text('name = "bad"\nversion = "1.0.0"\n')
        assert str(manifest) in host.until("problem_gone", "bad")["text"]
        manifest.write_bytes(b'name = "\xff"')
        assert "UTF-8" in host.until("problem_found", "bad")["error"]


def test_a_module_whose_files_are_gone_is_not_in_step(place: Place) -> None:
    folder = place.module("gone", more=AUTOLOAD)
    with running(place) as host:
        assert "in step" in host.ask("status").out
        shutil.rmtree(folder)
        host.until("module_gone")
        assert "the files of gone are gone from disk" in host.ask("status").out.splitlines()[0]


def test_a_line_break_in_a_name_of_a_folder_breaks_no_line(place: Place) -> None:
    (place.root / "plugins" / "two\nlines\x1b[31m").mkdir(parents=True)
    (place.root / "plugins" / "two\nlines\x1b[31m" / "module.toml").write_text("name = ")
    listed = theseus("list", "--modules", place.root).out
    assert r"two\nlines\x1b[31m" in listed
    with running(place) as host:
        shown = host.ask("status").out
        assert r"two\nlines\x1b[31m" in shown
    assert "\x1b" not in listed + shown
    assert not [line for line in (listed + shown).splitlines() if line.startswith("lines")]


def test_the_engine_of_a_window_runs_nothing_of_the_folder_in_which_it_was_started(
    place: Place, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """``python -m`` looks there first, and it may be the folder of a module that somebody only unpacked."""
    here = tmp_path / "unpacked"
    here.mkdir()
    for name in ("msgspec.py", "host.py"):
        (here / name).write_text("open('ran', 'w')")
    monkeypatch.chdir(here)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    words = running_command.engine_command(parsed(["run", "--modules", str(place.root), "--data", str(place.data)]))
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as engine:
        assert engine.stdout is not None
        assert engine.stdout.readline()
        engine.communicate(timeout=LONGEST)
    assert engine.returncode == 0
    assert not (here / "ran").exists()


async def test_a_safe_start_leaves_what_was_loaded_to_the_next(place: Place) -> None:
    place.module("auto", more="autoload = true\n")
    place.module("chat")
    place.module("hud")
    async with place.host() as host:
        await host.load("chat")
    for _ in range(2):
        with running(place, "--safe") as safe:
            assert safe.ask("status", "--json").json["modules"]["auto"]["status"] == "found"
            safe.process.send_signal(signal.SIGTERM)
            safe.end()
    async with place.host(restore=True) as host:
        assert list(host.parts.roster.active) == ["chat"]


def test_a_second_window_on_one_data_folder_is_one_of_the_host_that_runs(place: Place) -> None:
    with running(place) as host:
        second = subprocess.Popen(
            command(("run", "--modules", place.root, "--data", place.data)),
            stderr=subprocess.PIPE,
            env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
            cwd=ROOT,
            text=True,
        )
        try:
            assert second.stderr is not None
            assert f"a host already runs on {place.data}" in second.stderr.readline()
            second.terminate()
            assert second.wait(LONGEST) in {0, -signal.SIGTERM}
        finally:
            second.kill()
            second.communicate()
        assert host.ask("status").status == 0, "the first runs on"
