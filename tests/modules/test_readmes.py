"""The examples in the READMEs of core modules run as they stand, in a request of a module that needs what they need."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Final

import pytest

from host import Host
from tests.docs.test_examples import blocks
from tests.engine.place import Place
from tests.modules.bundled import ROOT

RUN: Final = (
    *("data", "exec", "fs", "goroutine", "http", "log"),
    *("metrics", "reliability", "scheduler", "state", "time"),
)
ASKS: Final = {
    "fs": {"fs.read": ["data/**"], "fs.write": ["data/**"]},
    "exec": {"exec": ["cat", "sh", "sleep"]},
    "state": {"state": ["shared"]},
    "http": {"fs.write": ["data/**"], "net": ["127.0.0.1:9"]},
}
_NEEDS: Final = re.compile(r'require\("(\w+)"\)')


def examples() -> list[tuple[str, str]]:
    return [(name, text) for name in RUN for kind, _, text in blocks(f"modules/core/{name}/README.md") if kind == "lua"]


@pytest.mark.parametrize(("name", "text"), examples(), ids=lambda value: value if value in RUN else "")
async def test_an_example_runs(name: str, text: str, place: Place, tmp_path: Path) -> None:
    needs = "".join(f'{need} = "*"\n' for need in sorted({name, *_NEEDS.findall(text)}))
    lua = f'return {{ execute = function()\n{text}\nreturn {{ status = "success" }}\nend }}'
    asked = "".join(f'"{permission}" = {json.dumps(patterns)}\n' for permission, patterns in ASKS.get(name, {}).items())
    place.module("reader", lua, more=f'[limits]\ncall = "2 s"\n[dependencies]\n{needs}[permissions]\n{asked}')
    async with Host([place.root, ROOT], tmp_path / "data") as host:
        await host.load("reader")
        if asked:
            await host.grant("reader")
        assert await host.execute("reader") == {"status": "success"}


@pytest.mark.parametrize("name", RUN)
async def test_each_function_has_an_example(name: str, tmp_path: Path) -> None:
    said = "\n".join(text for module, text in examples() if module == name)
    async with Host([ROOT], tmp_path / "data") as host:
        await host.load(name)
        exports = [row.name for row in host.parts.inspection.activity(name) if row.kind == "export"]
    assert exports
    assert [export for export in exports if not re.search(rf"\b\w+[.:]{export}\b", said)] == []
