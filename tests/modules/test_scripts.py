"""Scripts as users of sloth-runner write them run as they are: one of a kind lies in the folder ``scripts``."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from host import Host
from tests.engine.place import Place
from tests.modules.bundled import ROOT

SCRIPTS: Final = Path(__file__).parent / "scripts"
NAMES: Final = sorted(script.stem for script in SCRIPTS.glob("*.lua"))


@pytest.mark.parametrize("name", NAMES)
async def test_a_script_runs_as_it_is(name: str, place: Place) -> None:
    text = (SCRIPTS / f"{name}.lua").read_text("utf-8")
    needs = (name, "log")
    head = " ".join(f'local {each} = require("{each}")' for each in needs)
    lua = f'{head} return {{ execute = function()\n{text}\nreturn {{ status = "success" }}\nend }}'
    more = "[dependencies]\n" + "".join(f'{each} = "*"\n' for each in needs)
    place.module("script", lua, more=f'[limits]\ncall = "2 s"\n{more}')
    async with Host([place.root, ROOT], place.data) as host:
        await host.load("script")
        assert await host.execute("script") == {"status": "success"}


def test_there_is_one_for_each_module() -> None:
    assert {"metrics", "state"} <= set(NAMES)
