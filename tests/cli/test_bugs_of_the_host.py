"""A fault of the host's own stands in its log, with its traceback on stderr only for whoever asks for that."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from host.cli.serving import Serving, served
from tests.engine.place import Place, lines

FAULTY = "return {exports = {f = function() return select(2, pcall(host.emit, 'e')) end}}"


def broken(*_arguments: Any, **_options: Any) -> None:
    raise ZeroDivisionError("a plank is missing")


@pytest.mark.parametrize("debug", ["", "1"])
async def test_it_is_a_line_of_the_log_and_a_traceback_only_where_asked_for(
    place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], debug: str
) -> None:
    monkeypatch.setenv("THESEUS_DEBUG", debug)
    place.module("m", FAULTY)
    serving = Serving(
        modules=[place.root], data=place.data, load=["m"], watch=False, safe=False, quarantine=None, restore=False
    )
    async with served(serving, asyncio.Event(), lambda _event: None) as host:
        monkeypatch.setattr(host.parts.roster.dispatch, "emit", broken)
        assert "its log says more" in str(await host.call("m", "f"))
        assert lines(host.chronicle, "m") == [
            "a fault of the host in answering emit: ZeroDivisionError: a plank is missing"
        ]
        asyncio.get_running_loop().call_soon(broken)
        await asyncio.sleep(0)
        (line,) = (line.text for line in host.chronicle.log_since(0) if line.module == "")
        assert line.startswith("a fault of the host in Exception in callback broken()")
        assert line.endswith("ZeroDivisionError: a plank is missing")
    assert capsys.readouterr().err.count("Traceback") == (2 if debug else 0)
