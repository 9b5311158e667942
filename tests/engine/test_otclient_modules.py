"""Modules of OTClient live like any other: their scripts run in order, then what their manifest has for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from host import Host
from host.discovery.repository import scan
from host.resolution.startup import startup
from host.vocabulary.errors import LoadFailed, ResolutionFailed
from host.vocabulary.events import EventKind
from host.vocabulary.views import Severity
from tests.discovery.test_otclient_folders import CHECKOUT, write_otmod


def host(tmp_path: Path, root: Path | None = None) -> Host:
    return Host([root or tmp_path / "modules"], tmp_path / "data")


async def test_a_module_loads_with_what_it_needs_and_calls_it(tmp_path: Path) -> None:
    async with host(tmp_path, CHECKOUT) as running:
        plan = await running.load("game_battle")
        assert [step.name for step in plan.order] == [
            *("corelib", "gamelib", "startup", "client", "game_interface", "game_battle"),
        ]
        assert await running.call("game_battle", "count") == 1
        assert await running.call("gamelib", "creature", "rat") == {"name": "rat", "health": 100}


async def test_scripts_share_their_globals_and_run_in_order_before_on_load(tmp_path: Path) -> None:
    write_otmod(
        tmp_path / "modules" / "m",
        "m",
        "  scripts: [ two, one ]\n  @onLoad: |\n    order = order .. ' load' -- last\n",
        one="order = order .. ' one'",
        two="order = 'two' function seen() return order end",
    )
    async with host(tmp_path) as running:
        await running.load("m")
        assert await running.call("m", "seen") == "two one load"


async def test_dofile_and_dofiles_run_files_of_the_module(tmp_path: Path) -> None:
    folder = write_otmod(
        tmp_path / "modules" / "m",
        "m",
        "  scripts: [ m ]\n  @onLoad: |\n    dofile 'ui/one'\n    dofile('ui/two.lua')\n    dofiles 'more'\n",
        m="ran = '' function seen() return ran end",
    )
    for path in ("ui/one", "ui/two", "more/a", "more/b", "more/deep/c", "more/not-asked"):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / f"{path}.lua").write_text(f"ran = ran .. ' {path}'")
    async with host(tmp_path) as running:
        await running.load("m")
        assert await running.call("m", "seen") == " ui/one ui/two more/a more/b"


async def test_a_name_in_a_path_that_lua_would_end_at_does_no_harm(tmp_path: Path) -> None:
    folder = write_otmod(tmp_path / "modules" / "m", "m", "  scripts: [ * ]\n", m="function f() return 1 end")
    (folder / 'x", error("in").lua').write_text("error('run')")
    async with host(tmp_path) as running:
        await running.load("m")
        assert await running.call("m", "f") == 1


async def test_on_unload_runs_when_the_module_ends(tmp_path: Path) -> None:
    write_otmod(
        tmp_path / "modules" / "w",
        "w",
        "  scripts: [ w ]\n",
        w="seen = 0 function see() seen = seen + 1 return seen end",
    )
    write_otmod(tmp_path / "modules" / "m", "m", "  dependencies: [ w ]\n  @onUnload: modules.w.see() -- the first\n")
    async with host(tmp_path) as running:
        await running.load("m")
        await running.unload("m")
        assert await running.call("w", "see") == 2


@pytest.mark.parametrize(
    ("fields", "line", "words"),
    [
        ("  autoload: false\n  @onLoad: g_ui.show()\n", 4, "attempt to index global 'g_ui' (a nil value)"),
        ("  @onLoad: |\n    local x = 1\n    g_game.login(x)\n", 5, "attempt to index global 'g_game' (a nil value)"),
        ("  @onLoad: x = = 1\n", 3, "unexpected symbol near '='"),
        ("  @onUnload: y()\n  @onLoad: error('late')\n", 4, "late"),
        ('  @onLoad: "x = 1\\nerror(x)"\n  @onUnload: y()\n', 4, "1"),
    ],
)
async def test_what_goes_wrong_in_on_load_is_told_with_the_manifests_line(
    tmp_path: Path, fields: str, line: int, words: str
) -> None:
    folder = write_otmod(tmp_path / "modules" / "m", "m", fields)
    async with host(tmp_path) as running:
        with pytest.raises(LoadFailed) as refusal:
            await running.load("m")
        assert (refusal.value.file, refusal.value.line) == (str(folder / "m.otmod"), line)
        assert words in refusal.value.reason
        assert running.snapshot().modules["m"].status == "failed"


async def test_a_missing_dependency_refuses_only_what_needs_it(tmp_path: Path) -> None:
    async with host(tmp_path, CHECKOUT) as running:
        with pytest.raises(ResolutionFailed, match="game_bank"):
            await running.load("game_market")
        await running.load("game_interface")


async def test_a_cycle_that_the_asker_is_no_part_of_is_told_and_ends(tmp_path: Path) -> None:
    async with host(tmp_path, CHECKOUT) as running:
        with pytest.raises(ResolutionFailed) as refusal:
            await running.load("game_shop")
        assert refusal.value.cycles == (("game_mounts", "game_outfit"),)


async def test_a_host_starts_a_checkout_in_its_order_and_tells_what_it_could_not(tmp_path: Path) -> None:
    running = Host([CHECKOUT], tmp_path / "data", autoload=True)
    async with running:
        assert await running.call("game_battle", "count") == 1
    told = [event async for event in running.chronicle.follow(0)]
    loaded = [event.module for event in told if event.event is EventKind.MODULE_LOADED]
    assert loaded == [step.name for step in startup(scan([CHECKOUT]), {}).order]
    assert len(loaded) > 20
    failed = {event.module: event.error for event in told if event.event is EventKind.MODULE_FAILED}
    assert sorted(failed) == ["game_market", "game_outfit", "game_shop"]
    assert "game_bank" in failed["game_market"]


async def test_a_save_of_the_manifest_or_a_script_is_live(tmp_path: Path) -> None:
    folder = write_otmod(tmp_path / "modules" / "m", "m", "  scripts: [ * ]\n", one="function f() return 1 end")
    async with host(tmp_path) as running:
        await running.load("m")
        (folder / "two.lua").write_text("function f() return 2 end")
        await running.reload("m")
        assert await running.call("m", "f") == 2
        write_otmod(folder, "m", "  scripts: [ * ]\n  @onLoad: three = 3\n")
        report = await running.reload("m")
        assert (report.from_version, report.to_version) == ("0", "0")


async def test_a_remark_on_a_manifest_stands_as_a_warning_until_it_is_mended(tmp_path: Path) -> None:
    folder = write_otmod(tmp_path / "modules" / "m", "m", "  script: [ * ]\n", m="function f() return 1 end")
    async with host(tmp_path) as running:
        await running.load("m")
        (problem,) = running.snapshot().problems
        assert (problem.severity, problem.module, problem.line) == (Severity.WARNING, "m", 3)
        assert "did you mean 'scripts'?" in problem.message
        write_otmod(folder, "m", "  scripts: [ * ]\n")
        await running.reload("m")
        assert running.snapshot().problems == ()
        assert await running.call("m", "f") == 1
