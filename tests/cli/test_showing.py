"""``panels``: what modules show, without a window."""

from __future__ import annotations

from tests.cli.program import running
from tests.engine.place import Place

SHOWN = r"""
host.ui.panel { id = "p", title = "Fight\27[31m", children = {
    { kind = "label", id = "head", text = "Now" },
    { kind = "row", children = {
        { kind = "value", id = "dps", label = "Damage", value = 12.5, unit = "/s" },
        { kind = "button", id = "stop", text = "Stop" },
    } },
    { kind = "meter", id = "life", value = 3, max = 4 },
    { kind = "table", id = "who", columns = { "Name", "Hit" }, rows = { { "ana", true } } },
    { kind = "plot", id = "past", values = { 1, 2.5 } },
    { kind = "text", id = "log", text = "one\ntwo" },
    { kind = "checkbox", id = "pets", label = "Pets" },
} }
return {}
"""


def test_panels_are_printed_as_lines_and_as_json(place: Place) -> None:
    place.module("fight", SHOWN)
    place.module("quiet")
    with running(place, "--load", "fight", "--load", "quiet") as host:
        assert host.ask("panels").out.splitlines() == [
            "fight/p: Fight [31m",
            "  head: Now",
            "  dps Damage: 12.5 /s",
            "  stop: [Stop]",
            "  life: 3 of 0 to 4",
            "  who:",
            "    Name  Hit",
            "    ana  yes",
            "  past: 1 2.5",
            "  log:",
            "    one",
            "    two",
            "  pets Pets: -",
        ]
        assert [each["panel"] for each in host.ask("panels", "fight", "--json").json] == ["p"]
        assert host.ask("panels", "quiet").out == "no module shows a panel\n"
        unknown = host.ask("panels", "fihgt")
        assert (unknown.status, unknown.out) == (1, "")
        assert "did you mean 'fight'" in unknown.err
