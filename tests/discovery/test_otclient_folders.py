"""Folders as in a checkout of OTClient: no tiers, an ``otmod`` in each."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from host.discovery.bundle import read_bundle
from host.discovery.folders import manifest_in
from host.discovery.listing import listing
from host.discovery.otclient_entry import NoSuchScriptError, expanded
from host.discovery.repository import Repository, scan
from host.vocabulary.errors import LoadFailed
from host.vocabulary.identity import Tier
from tests.discovery.module_folders import all_problems, write_module

CHECKOUT: Final = Path(__file__).parent / "otclient"


def write_otmod(folder: Path, name: str, fields: str = "", **files: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.otmod").write_text(f"Module\n  name: {name}\n{fields}")
    for stem, text in files.items():
        (folder / f"{stem}.lua").write_text(text)
    return folder


def keys(repository: Repository) -> list[str]:
    return [str(manifest.key) for manifest in repository.modules]


def test_every_module_of_a_checkout_is_found_without_a_problem() -> None:
    repository = scan([CHECKOUT])
    assert [str(problem) for problem in all_problems(repository)] == []
    assert repository.names == tuple(sorted(folder.name for folder in CHECKOUT.iterdir()))
    assert len(repository.names) > 20
    assert {manifest.tier for manifest in repository.modules} == {Tier.PLUGINS}


@pytest.mark.parametrize(
    "fields",
    [
        "  author:\n  website:\n  sandboxed: true\n  scripts: [ main.lua ]\n  @onLoad: init()",
        "  scripts: [main]\n  @onLoad: init()\n",
        "  version: 1.4.0 (our own)\n\n  autoload: true\n  autoload-priority: 1001\n  scripts: [ main ]\n\n",
        "  load-later:\n    - one\n    - two\n  @onLoad: init()\n  dependencies:\n    - three\n",
        "\n  @onLoad: |\n    dofile 'main'\n\n    dofile 'ui/*'\n    \n    dofiles 'ui'\n",
        "  description: |\n    two lines\n    of it\n\n  onLoad: |\n    init()\n",
        "  dependecies:\n    - three\n\n  @onUnload: |\n    terminate()\n",
    ],
)
def test_what_otclients_loader_takes_is_no_reason_to_refuse_a_module(tmp_path: Path, fields: str) -> None:
    write_otmod(tmp_path / "window", "game_window", fields, main="function init() end")
    repository = scan([tmp_path])
    assert (repository.names, repository.refused) == (("game_window",), ())


@pytest.mark.parametrize("tier", ["core", "plugins"])
def test_a_tier_may_hold_modules_of_otclient_beside_others(tmp_path: Path, tier: str) -> None:
    write_otmod(tmp_path / tier / "game_battle", "game_battle")
    write_module(tmp_path, "chat", tier=tier)
    repository = scan([tmp_path])
    assert keys(repository) == ["chat 1.0.0", "game_battle 0"]
    assert [manifest.tier for manifest in repository.modules] == [tier, tier]


def test_a_module_of_otclient_in_a_folder_that_is_called_like_a_tier_is_found(tmp_path: Path) -> None:
    write_otmod(tmp_path / "core", "core")
    assert keys(scan([tmp_path])) == ["core 0"]


def test_a_module_of_otclient_need_not_be_called_like_its_folder(tmp_path: Path) -> None:
    folder = write_otmod(tmp_path / "battle-window", "game_battle")
    assert keys(scan([tmp_path])) == ["game_battle 0"]
    assert manifest_in(folder) == folder / "game_battle.otmod"


def test_deeper_manifests_of_otclient_are_no_modules(tmp_path: Path) -> None:
    folder = write_otmod(tmp_path / "game_minimap", "game_minimap")
    write_otmod(folder / "backup", "game_minimap")
    repository = scan([tmp_path])
    assert keys(repository) == ["game_minimap 0"]
    assert all_problems(repository) == ()


def test_of_two_manifests_in_a_folder_the_one_called_like_it_is_used_and_the_other_named(tmp_path: Path) -> None:
    folder = write_otmod(tmp_path / "game_shop", "a_shop")
    write_otmod(folder, "game_shop")
    repository = scan([tmp_path])
    assert keys(repository) == ["game_shop 0"]
    (problem,) = all_problems(repository)
    assert problem.file == folder / "a_shop.otmod"
    assert problem.message == "is left out, because game_shop.otmod beside it is used; remove one of them"


def test_a_module_toml_beside_an_otmod_is_the_manifest(tmp_path: Path) -> None:
    folder = write_module(tmp_path, "chat")
    write_otmod(folder, "chat")
    repository = scan([tmp_path])
    assert keys(repository) == ["chat 1.0.0"]
    assert all_problems(repository) == ()
    assert manifest_in(folder) == folder / "module.toml"


def test_two_modules_of_one_name_are_told_with_both_files(tmp_path: Path) -> None:
    first = write_otmod(tmp_path / "a", "chat")
    second = write_otmod(tmp_path / "b", "chat")
    repository = scan([tmp_path])
    assert [manifest.folder for manifest in repository.modules] == [first]
    (problem,) = all_problems(repository)
    assert problem.file == second / "chat.otmod"
    assert problem.message.startswith(f"chat 0 is also {first / 'chat.otmod'}, which is used")


def test_a_broken_manifest_is_told_with_its_line_and_hinders_no_other(tmp_path: Path) -> None:
    write_otmod(tmp_path / "chat", "chat")
    write_otmod(tmp_path / "broken", "broken", "\tautoload: true\n")
    repository = scan([tmp_path])
    assert keys(repository) == ["chat 0"]
    assert [str(problem) for problem in all_problems(repository)] == [
        "broken.otmod:3: is indented with a tab; write two spaces for each level"
    ]
    assert repository.refused[0].name == "broken"


def test_a_module_with_a_remark_is_listed_with_it(tmp_path: Path) -> None:
    write_otmod(tmp_path / "chat", "chat", "  dependecies: [ corelib ]\n")
    (row,) = listing(scan([tmp_path]))["modules"]
    assert (row["name"], row["version"]) == ("chat", "0")
    assert [(problem["key"], problem["line"]) for problem in row["problems"]] == [("dependecies", 3)]


def test_a_second_look_finds_the_same_scripts(tmp_path: Path) -> None:
    folder = write_otmod(tmp_path / "chat", "chat", "  scripts: [ one, one, ./* ]\n".replace("./", ""), one="", two="")
    repository = scan([tmp_path])
    manifest = repository.rescan().repository.at(folder)
    assert manifest is not None
    assert manifest == repository.at(folder)
    assert manifest.scripts is not None
    assert expanded(manifest.scripts.paths, ["one.lua", "two.lua"]) == ("one.lua", "two.lua")


def test_a_star_is_all_of_a_folder_in_order_and_nothing_runs_twice() -> None:
    files = ["a.lua", "ui/a.lua", "ui/deep/b.lua", "ui/z.lua"]
    assert expanded(["ui/z.lua", "ui/*", "a.lua", "ui/*"], files) == ("ui/z.lua", "ui/a.lua", "ui/deep/b.lua", "a.lua")
    assert expanded(["gone/*"], files) == ()
    with pytest.raises(NoSuchScriptError, match=r"b\.lua"):
        expanded(["b.lua"], files)


def test_a_script_that_is_missing_is_why_a_module_does_not_load(tmp_path: Path) -> None:
    folder = write_otmod(tmp_path / "chat", "chat", "  scripts: [ chat ]\n")
    (manifest,) = scan([tmp_path]).modules
    with pytest.raises(LoadFailed) as refusal:
        read_bundle(manifest)
    assert str(refusal.value) == f"chat 0 did not load (read): {folder / 'chat.lua'} does not exist"


def test_a_bundle_changes_with_what_the_manifest_runs(tmp_path: Path) -> None:
    folder = write_otmod(tmp_path / "chat", "chat", "  @onLoad: one()\n")
    (before,) = scan([tmp_path]).modules
    write_otmod(folder, "chat", "  @onLoad: two()\n")
    (now,) = scan([tmp_path]).modules
    assert read_bundle(now).changed_files(read_bundle(before)) == ("chat.otmod",)
