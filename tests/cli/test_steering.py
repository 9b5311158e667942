"""A script does what the window does: commands to a running host, over its socket."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from host.discovery.cache import ManifestCache
from tests.cli.program import LONGEST, ROOT, Running, command, running, theseus, without_display
from tests.discovery.test_cache import settle
from tests.engine.place import Place

pytestmark = pytest.mark.integration

CHAT = """local M = {n = 0}
M.hooks = {add = function(k) M.n = M.n + k end}
function M:getState() return {n = self.n} end
function M:setState(state) self.n = state.n end
return M"""


CLERK = """local M = {}
function M:health() return "degraded", "3 letters wait" end
function M:execute(context)
    local parameters = context.parameters
    if not parameters then return {status = "warning", message = "no parameters"} end
    return {data = parameters.raw and "\\255" or parameters}
end
return M"""


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    place = Place(tmp_path_factory.mktemp("steered"))
    place.module("chat", CHAT, folder="1")
    place.module("chat", CHAT, "2.0.0", folder="2")
    place.module("broken", CHAT.replace("return M", 'error("no")'), "3.0.0")
    place.module("chat", CHAT.replace("return M", 'error("no")'), "3.0.0", folder="3")
    place.module("clerk", CLERK)
    place.module("tied", folder="1", more='[dependencies]\nchat = "<2"\n')
    place.module("tied", version="2.0.0", folder="2", more='[dependencies]\nchat = "<3"\n')
    place.module("early", more='[load]\nafter = ["late"]\n')
    place.module("late", more='[dependencies]\nearly = "*"\n')
    place.module("top", more='[dependencies]\nchat = "*"\n')
    with running(place, "--no-watch") as started:
        yield started


def test_a_module_is_loaded_swapped_rolled_back_reloaded_and_unloaded(host: Running) -> None:
    host.has()
    assert host.ask("load", "chat==1.0.0").out == "loaded chat 1.0.0\n"
    assert host.ask("swap", "chat", "2.0.0").out.startswith("chat 1.0.0 -> 2.0.0 in ")
    assert host.ask("rollback", "chat").out.startswith("chat 2.0.0 -> 1.0.0 in ")
    assert host.ask("reload", "chat").out.startswith("chat 1.0.0 -> 1.0.0 in ")
    assert host.ask("unload", "chat").out == "unloaded chat\n"


def test_a_swap_is_rehearsed_and_nothing_is_changed(host: Running) -> None:
    host.has("chat==1.0.0")
    told = host.ask("rehearse", "chat", "2.0.0")
    assert told.out.startswith("chat 1.0.0 -> 2.0.0 would be done in ")
    assert "  kept: n\n" in told.out
    refused = host.ask("rehearse", "chat", "3.0.0")
    assert refused.status == 1
    assert refused.out.startswith("chat 1.0.0 -> 3.0.0 would be refused (prepare): chat/init.lua:")
    assert json.loads(host.ask("rehearse", "chat", "2.0.0", "--json").out)["to_version"] == "2.0.0"
    assert "chat                1.0.0" in host.ask("status").out


def test_only_what_is_quarantined_is_resumed(host: Running) -> None:
    host.has("chat==1.0.0")
    refused = host.ask("resume", "chat")
    assert (refused.status, "chat is not quarantined, it is active" in refused.err) == (1, True)


def test_a_module_moves_into_a_process_of_its_own_and_back(host: Running) -> None:
    host.has("chat==1.0.0")
    moved = host.ask("isolate", "chat")
    assert (moved.out, moved.status) == ("chat runs in a process of its own\n", 0)
    view = host.ask("status", "--json").json["modules"]["chat"]
    assert (view["isolated"], view["pid"] not in {0, host.engine}) == (True, True)
    assert f"(process {view['pid']}, " in host.ask("status").out
    assert host.ask("isolate", "chat", "--off").out == "chat runs in the engine process\n"
    assert host.ask("isolate", "chat", "--as-asked", "--json").json is False


def test_status_shows_what_runs(host: Running) -> None:
    host.has("chat==1.0.0")
    shown = host.ask("status")
    assert (shown.status, shown.err) == (0, "")
    assert f"process {host.engine}" in shown.out
    (line,) = [line for line in shown.out.splitlines() if " chat " in line]
    assert line.split()[:3] == ["active", "chat", "1.0.0"]
    view = host.ask("status", "--json").json
    assert view["modules"]["chat"]["version"] == "1.0.0"
    assert view["engine"]["pid"] == host.engine


def test_answers_as_json_are_those_of_the_python_contract(host: Running) -> None:
    host.has()
    plan = host.ask("load", "chat==1.0.0", "--json").json
    assert [step["name"] for step in plan["order"]] == ["chat"]
    report = host.ask("swap", "chat", "2.0.0", "--json").json
    assert (report["outcome"], report["from_version"], report["to_version"]) == ("committed", "1.0.0", "2.0.0")
    assert host.ask("unload", "chat", "--json").json == ["chat"]


def test_a_module_answers_a_request(host: Running) -> None:
    host.has("clerk")
    asked = host.ask("execute", "clerk", '{"parameters": {"n": 2}}')
    assert (asked.status, asked.json) == (0, {"status": "success", "data": {"n": 2}})
    assert host.ask("execute", "clerk", "--json").json == {"status": "warning", "message": "no parameters"}
    raw = host.ask("execute", "clerk", '{"parameters": {"raw": true}}').json
    assert raw["data"] == {"$bytes": "/w=="}


def test_a_request_that_is_no_object_is_misuse(host: Running) -> None:
    for words in ("[]", "7", "{", '"a"', "[" * 100_000):
        asked = host.ask("execute", "clerk", words)
        assert (asked.status, asked.out) == (2, "")
        assert "a JSON object is expected" in asked.err


def test_status_says_how_a_module_is(host: Running) -> None:
    host.has("clerk")
    (line,) = [line for line in host.ask("status").out.splitlines() if " clerk " in line]
    assert line.endswith("; degraded: 3 letters wait")
    modules = host.ask("status", "--json").json["modules"]
    assert (modules["clerk"]["health"], modules["clerk"]["health_detail"]) == ("degraded", "3 letters wait")
    assert (modules["broken"]["health"], modules["broken"]["health_detail"]) == (None, "")


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("load nothing", "nothing"),
        ("load broken", "broken 3.0.0 did not load"),
        ("unload nothing", "not loaded"),
        ("unload chat", "top needs it"),
        ("swap chat 3.0.0", "runs on with its state"),
        ("swap chat 9.9", "9.9"),
        ("swap nothing 1.0", "not loaded"),
        ("rollback top", "no earlier version"),
        ("reload nothing", "not loaded"),
        ("execute nothing", "not loaded"),
        ("execute chat", "chat 1.0.0 answers no requests"),
    ],
)
def test_a_refusal_is_said_on_stderr(host: Running, words: str, reason: str) -> None:
    host.has("chat==1.0.0", "top")
    refused = host.ask(*words.split())
    assert (refused.status, refused.out) == (1, "")
    assert refused.err.startswith("theseus: ")
    assert reason in refused.err


@pytest.mark.parametrize("words", ["load nothing", "unload chat"])
def test_a_refusal_as_json_is_on_stdout(host: Running, words: str) -> None:
    host.has("chat==1.0.0", "top")
    answer = host.ask(*words.split(), "--json")
    assert (answer.status, answer.err) == (1, "")
    assert answer.json["ok"] is False
    assert answer.json["error"]["message"]


def test_a_swap_that_another_refuses_is_done_with_the_swaps_that_were_named(host: Running) -> None:
    host.has("tied==1.0.0", "chat==1.0.0")
    refused = host.ask("swap", "chat", "2.0.0", "--json").json["error"]
    assert refused["kind"] == "SwapFailed"
    assert refused["report"]["further"] == {"tied": "2.0.0"}
    data = f"--data {host.place.data}"
    assert f"theseus swap {data} chat 2.0.0 tied 2.0.0; " in refused["message"]
    held_back, *why, free = host.ask("outdated").out.splitlines()
    assert held_back.startswith("chat 1.0.0 -> 3.0.0: change one of these: no version of chat satisfies them all")
    assert why == [
        "  chat ==3.0.0 (asked for)",
        "  tied 1.0.0 (loaded) -> chat <2",
        "  tied 2.0.0 (if swapped in) -> chat <3",
    ]
    assert free == f"tied 1.0.0 -> 2.0.0: theseus swap {data} tied 2.0.0"
    done = host.ask("swap", "chat", "2.0.0", "tied", "2.0.0")
    assert done.out.startswith("chat 1.0.0 -> 2.0.0 in ")
    assert done.out.splitlines()[1].startswith("tied 1.0.0 -> 2.0.0 in ")


def test_a_plan_of_the_host_keeps_what_runs_and_an_upgrade_does_not(host: Running) -> None:
    host.has("tied==1.0.0", "chat==1.0.0")
    assert host.ask("resolve", "chat>=1", "chat<3").out == "chat 1.0.0  (plugins)\n"
    assert host.ask("resolve", "tied").out == "chat 1.0.0  (plugins)\ntied 1.0.0  (plugins)\n"
    assert host.ask("resolve", "tied", "--upgrade").out == (
        "chat 1.0.0 -> 2.0.0  (plugins)\ntied 1.0.0 -> 2.0.0  (plugins)\n"
    )
    steps = host.ask("resolve", "tied", "--upgrade", "--json").json["order"]
    assert [step["replaces"] for step in steps] == ["1.0.0", "1.0.0"]
    assert host.ask("load", "tied", "--upgrade").out == "loaded chat 1.0.0 -> 2.0.0, tied 1.0.0 -> 2.0.0\n"
    refused = host.ask("resolve", "chta", "--json").json["error"]
    assert (refused["kind"], refused["causes"][0]["module"]) == ("missing", "chta")


def test_a_wish_for_order_that_gave_way_is_told(host: Running) -> None:
    host.has()
    assert host.ask("load", "late").out.splitlines() == [
        "loaded early 1.0.0, late 1.0.0",
        "  early asks to load after late, but loads before it: late needs early, or waits for it",
    ]


def test_why_tells_what_was_asked_for_and_leads_to_a_module(host: Running) -> None:
    host.has("tied==1.0.0")
    assert host.ask("why", "chat").out == "tied 1.0.0 (asked for) -> chat 1.0.0 (<2)\n"
    assert host.ask("why", "tied").out == "tied 1.0.0 was asked for\nnothing that runs needs tied 1.0.0\n"
    assert "not loaded" in host.ask("why", "top").sentence


@pytest.mark.parametrize(
    ("words", "of_the_folder", "of_the_host"),
    [
        ("list", "lone", "clerk"),
        ("list --startup tied==1.0.0", "not tied", "1. chat"),
        ("resolve chat", "chat 9.0.0", "chat 1.0.0"),
        ("graph --format dot", "chat 9.0.0", "chat 1.0.0"),
        ("graph chat --format json", '"version": "9.0.0"', '"running": true'),
        ("graph --format svg", "9.0.0", "1.0.0 \u00b7 plugins \u00b7 runs"),
        ("why chat", "lone 1.0.0 -> chat 9.0.0", "tied 1.0.0 (asked for) -> chat 1.0.0"),
        ("outdated", "every module is there in its newest version", "chat 1.0.0 -> 3.0.0"),
    ],
)
def test_folders_that_are_named_are_what_a_question_is_about_else_the_host_of_the_data_folder_is(
    host: Running, tmp_path: Path, words: str, of_the_folder: str, of_the_host: str
) -> None:
    host.has("tied==1.0.0")
    elsewhere = Place(tmp_path)
    elsewhere.module("chat", version="9.0.0")
    elsewhere.module("lone", more='[dependencies]\nchat = "*"\n')
    about_folder, about_host = host.ask(*words.split(), "--modules", str(elsewhere.root)), host.ask(*words.split())
    absent = of_the_folder.startswith("not ")  # what is asked for and does not start
    assert (about_folder.status, about_folder.err, about_host.status, about_host.err) == (absent, "", 0, "")
    assert of_the_folder in about_folder.out
    assert of_the_host not in about_folder.out
    assert of_the_host in about_host.out
    assert of_the_folder not in about_host.out


@pytest.mark.parametrize("words", ["list", "list --startup", "resolve chat", "graph", "why chat", "outdated"])
def test_a_data_folder_on_which_no_host_runs_is_no_answer_unless_folders_are_named(place: Place, words: str) -> None:
    place.module("chat")
    assert "no running host" in theseus(*words.split(), "--data", place.data).sentence
    assert theseus(*words.split(), "--data", place.data, "--modules", place.root).status == 0
    assert not place.data.exists(), "asking makes nothing"


def test_manifests_that_a_question_read_are_kept_in_a_data_folder_that_is_there(place: Place) -> None:
    place.module("chat")
    place.data.mkdir()
    manifest = place.root / "plugins/chat/module.toml"
    settle(manifest.parent)
    for _ in range(2):
        assert "chat" in theseus("list", "--modules", place.root, "--data", place.data).out
    kept = ManifestCache(place.data, [place.root]).read()
    assert list(kept) == [str(manifest)]


def test_cascade_unloads_those_that_need_it_first(host: Running) -> None:
    host.has("chat==1.0.0", "top")
    assert host.ask("unload", "chat", "--cascade").out == "unloaded top, chat\n"


@pytest.mark.parametrize("words", ["status", "load chat", "stop"])
def test_without_a_running_host_it_says_how_to_start_one(place: Place, words: str) -> None:
    sentence = theseus(*words.split(), "--data", place.data).sentence
    assert "no running host" in sentence
    assert "theseus run" in sentence
    assert not place.data.exists(), "asking makes nothing"


def test_two_scripts_at_once_are_both_answered(host: Running) -> None:
    host.has()
    asked = [
        subprocess.Popen(
            command(("load", name, "--data", host.place.data)),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=ROOT,
            env=without_display({}),
        )
        for name in ("chat==1.0.0", "chat==1.0.0", "chat==1.0.0")
    ]
    ended = [(each.communicate(timeout=LONGEST), each.returncode) for each in asked]
    assert ended == [((b"loaded chat 1.0.0\n", b""), 0)] * 3


def test_a_data_folder_that_is_no_folder_has_no_host(place: Place) -> None:
    place.data.write_text("")
    assert "no running host" in theseus("status", "--data", place.data).sentence


def test_stop_ends_the_host_cleanly(place: Place) -> None:
    place.module("chat", CHAT, more="autoload = true\n")
    with running(place) as host:
        assert host.ask("stop").out == "the host is ending\n"
        status, err = host.end()
        assert (status, err) == (0, "")
        assert host.kinds[-2:] == ["stopping", "module_unloaded"]
    assert not list(place.data.glob("*.sock")), "the socket goes with it"


def test_a_version_is_locked_and_unlocked(place: Place) -> None:
    for version in ("1.0.0", "2.0.0"):
        place.module("state", version=version, folder=version)
    with running(place, "--load", "state==1.0.0") as host:
        assert host.ask("lock", "state", "1.0.0").out == "state is locked at 1.0.0\n"
        assert "theseus lock state --off" in host.ask("swap", "state", "2.0.0").sentence
        assert host.ask("lock", "state", "--off", "--json").json == ""
        assert host.ask("swap", "state", "2.0.0").status == 0
        assert host.ask("lock", "state").status == 2
        assert "gone" in host.ask("lock", "gone", "1").sentence


def test_where_nothing_is_watched_that_is_said(host: Running) -> None:
    host.has("chat==1.0.0")
    refused = host.ask("watch", "chat")
    assert (refused.status, "this host watches no files" in refused.err) == (1, True)
