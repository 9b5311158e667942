"""``theseus list --startup``."""

from __future__ import annotations

from tests.cli.program import theseus
from tests.discovery.test_otclient_folders import CHECKOUT


def test_the_order_of_a_start_is_printed_with_what_cannot_load() -> None:
    shown = theseus("list", "--startup", "--modules", CHECKOUT)
    assert shown.status == 0
    lines = shown.out.splitlines()
    assert lines[:2] == ["   1. updater                 1.2.0", "   2. corelib                 0"]
    assert any(line.startswith("  not game_market: add 'game_bank' to a folder of modules") for line in lines)
    assert lines[-1] == "  client asks to load client_serverlist later, and there is no usable module of that name"


def test_the_order_of_a_start_is_told_as_json() -> None:
    answer = theseus("list", "--startup", "--json", "--modules", CHECKOUT).json
    assert answer["order"][1] == {
        "name": "corelib",
        "version": "0",
        "tier": "plugins",
        "path": str(CHECKOUT / "corelib"),
    }
    assert [each["name"] for each in answer["not_started"]] == ["game_market", "game_outfit", "game_shop"]
    assert len(answer["warnings"]) == 1


def test_modules_may_be_named_as_if_they_were_asked_for() -> None:
    answer = theseus("list", "--startup", "game_joystick", "gone", "--json", "--modules", CHECKOUT).json
    assert answer["order"][0]["name"] == "game_joystick"
    assert "gone" in [each["name"] for each in answer["not_started"]]


def test_a_name_that_cannot_load_is_a_failure() -> None:
    assert theseus("list", "--startup", "gone", "--modules", CHECKOUT).status == 1
    assert theseus("list", "--startup", "--modules", CHECKOUT).status == 0


def test_the_graph_of_a_checkout_is_drawn() -> None:
    shown = theseus("graph", "--modules", CHECKOUT).out
    assert '"game_battle" -> "game_interface" [label="*"];' in shown
    nodes = [line for line in shown.splitlines() if "label=" in line and "->" not in line and "(missing)" not in line]
    assert len(nodes) == len(list(CHECKOUT.iterdir()))
