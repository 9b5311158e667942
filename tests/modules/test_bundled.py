"""Every bundled module: its own Lua tests pass, and it is whole."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from host.discovery.repository import scan
from host.engine.trials import run_tests
from host.vocabulary.manifest import Manifest
from tests.discovery.module_folders import all_problems
from tests.modules.bundled import MANIFESTS, ROOT, host

each_module = pytest.mark.parametrize("manifest", MANIFESTS, ids=lambda manifest: f"{manifest.name}-{manifest.version}")


def test_all_bundled_modules_are_found_without_a_problem() -> None:
    repository = scan([ROOT])
    assert [str(problem) for problem in all_problems(repository)] == []
    assert {manifest.name for manifest in MANIFESTS} >= {
        *("log", "spool", "advanced_chat", "clock", "faulty", "word_filter", "analytics"),
    }
    assert [each.version for each in repository.versions("advanced_chat")] == ["2.1.0", "1.0.0"]


@each_module
async def test_its_own_tests_pass(manifest: Manifest) -> None:
    results = await run_tests(manifest.folder)
    failures = [f"{result.file}:{result.line}: {result.name}: {result.message}" for result in results if not result.ok]
    assert not failures, "\n".join(failures)
    assert results


@each_module
async def test_its_readme_names_every_export(manifest: Manifest, tmp_path: Path) -> None:
    readme = (manifest.folder / "README.md").read_text("utf-8")
    async with host(tmp_path) as running:
        await running.load(manifest.name, f"=={manifest.version}")
        exports = running.parts.roster.get(manifest.name).exports
        missing = [name for name in exports if not re.search(rf"`{name}\(", readme)]
    assert missing == []
    assert "```lua" in readme


@each_module
async def test_its_defaults_are_what_its_schema_allows(manifest: Manifest) -> None:
    file = manifest.folder / "config.schema.json"
    if not file.exists():
        return
    schema = json.loads(file.read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    defaults = {name: member["default"] for name, member in schema["properties"].items()}
    Draft202012Validator(schema).validate(defaults)
    readme = (manifest.folder / "README.md").read_text("utf-8")
    assert [name for name in defaults if f"`{name}`" not in readme] == []


async def test_log_and_clock_are_there_from_the_start_and_the_others_are_not(tmp_path: Path) -> None:
    async with host(tmp_path, autoload=True) as running:
        assert sorted(running.parts.roster.active) == ["clock", "log"]
