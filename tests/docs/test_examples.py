"""The examples in the documentation are what they say: modules that load, tests that pass, Lua that compiles."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from lupa import luajit21

from host import Host
from host.discovery.repository import scan
from host.engine.trials import run_tests
from host.vocabulary.permission import checked
from tests.discovery.module_folders import all_problems

ROOT: Final = Path(__file__).resolve().parents[2]
GUIDES: Final = ("docs/writing-modules.md", "docs/module-tests.md")
PAGES: Final = sorted(
    str(page.relative_to(ROOT)) for page in (*ROOT.glob("docs/*.md"), *(ROOT / "modules").rglob("README.md"))
)
_BLOCK: Final = re.compile(r"^```(?P<kind>\w+)[ \t]*(?P<path>\S*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(page: str) -> Iterator[tuple[str, str, str]]:
    """Language, path and text of each block; a path says that it is a file of a module."""
    for block in _BLOCK.finditer((ROOT / page).read_text("utf-8")):
        yield block["kind"], block["path"], block["text"]


def written(page: str, folder: Path) -> Path:
    """The modules of a page, as its reader would write them."""
    for _, path, text in blocks(page):
        if path:
            file = folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8")
    return folder


@pytest.mark.parametrize("page", GUIDES)
async def test_the_modules_of_a_guide_load(page: str, tmp_path: Path) -> None:
    modules = written(page, tmp_path / "modules")
    repository = scan([modules])
    assert [str(problem) for problem in all_problems(repository)] == []
    assert repository.modules
    for manifest in repository.modules:
        async with Host([modules], tmp_path / manifest.name / manifest.version) as host:
            await host.load(manifest.name, f"=={manifest.version}")
            assert host.snapshot().modules[manifest.name].version == manifest.version


@pytest.mark.parametrize("page", GUIDES)
async def test_the_tests_of_a_guide_pass(page: str, tmp_path: Path) -> None:
    modules = written(page, tmp_path / "modules")
    tested = sorted({file.parents[1] for file in modules.rglob("tests/*.lua")})
    assert tested
    for folder in tested:
        assert [result for result in await run_tests(folder) if not result.ok] == []


async def test_what_the_guide_says_of_its_examples_is_so(tmp_path: Path) -> None:
    async with Host([written(GUIDES[0], tmp_path / "modules")], tmp_path / "data") as host:
        await host.load("counting")
        await host.emit("onUserJoined", "ana")
        assert await host.call("counting", "report") == "greeted so far: 1"
        assert await host.call("counting", "without") == "echoes is not loaded"
        await host.load("parrot")
        assert await host.filter("onChatFormat", "hi") == "hi!"
        await host.load("rat_counter")
        assert await host.call("rat_counter", "see", "black rat") == (2, 1)
        assert await host.execute("parrot", {"parameters": {}}) == {"status": "success", "data": {"greeted": 1}}


async def test_what_the_guide_says_of_waiting_is_so(tmp_path: Path) -> None:
    async with Host([written(GUIDES[0], tmp_path / "modules")], tmp_path / "data") as host:
        await host.load("ferry")
        await host.emit("onPassenger", "ana")
        await host.emit("onPassenger", "ben")
        assert await host.call("ferry", "finish") == "all across"
        assert await host.call("ferry", "finish") == "nobody waited"


async def test_what_the_guide_says_of_panels_is_so(tmp_path: Path) -> None:
    async with Host([written(GUIDES[0], tmp_path / "modules")], tmp_path / "data") as host:
        await host.load("damage")
        await host.emit("onDamage", 30, "pet")
        await host.operate("damage", "damage", "pets", "onChange", False)
        await host.emit("onDamage", 5, "pet")
        assert (await host.state("damage")) == {"total": 30, "pets": False}
        await host.operate("damage", "damage", "name", "onChange", "boar")
        await host.reload("damage")
        (panel,) = await host.panels()
        assert panel.whole is not None
        shown = {node.key: node.properties.get("value") for node in panel.whole.children}
        assert (shown["total"], shown["pets"]) == (30, False)
        (row,) = [node for node in panel.whole.children if node.kind == "row"]
        assert row.children[0].properties["value"] == "boar"
        await host.operate("damage", "damage", row.children[1].key, "onClick")
        assert (await host.state("damage")) == {"total": 0, "pets": False}


async def test_what_the_guide_says_of_requests_and_health_is_so(tmp_path: Path) -> None:
    async with Host([written(GUIDES[0], tmp_path / "modules")], tmp_path / "data") as host:
        await host.load("outbox")
        send = {"parameters": {"action": "send"}}
        assert await host.execute("outbox", send) == {"status": "warning", "message": "nothing to send"}
        assert await host.execute("outbox") == {"status": "error", "message": "ask for the action send"}
        for _ in range(3):
            await host.emit("onWritten", "Come.")
        assert host.snapshot().modules["outbox"].health == "healthy"
        await host.emit("onWritten", "half a let")
        await host.reload("outbox")
        view = host.snapshot().modules["outbox"]
        assert (view.health, view.health_detail) == ("degraded", "4 letters wait")
        assert await host.execute("outbox", send) == {"status": "success", "data": "Come."}


@pytest.mark.parametrize("page", PAGES)
def test_the_lua_of_a_page_compiles(page: str) -> None:
    compiler = luajit21.LuaRuntime(register_eval=False, register_builtins=False).compile
    for kind, _, text in blocks(page):
        if kind == "lua":
            compiler(text)


def test_the_guides_have_examples_that_are_run() -> None:
    assert all(any(path for _, path, _ in blocks(page)) for page in GUIDES)


def test_the_permissions_that_are_shown_are_patterns() -> None:
    shown = [text for kind, _, text in blocks("docs/security.md") if kind == "toml" and "[permissions]" in text]
    assert shown
    for text in shown:
        assert checked(tomllib.loads(text)["permissions"])
