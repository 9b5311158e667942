"""``scripts/set-up`` before a program whose stdout is read by another."""

import re

from tests.cli.program import ROOT


def test_all_that_a_set_up_runs_speaks_on_stderr() -> None:
    """A first ``make run ARGS="--headless --events jsonl"`` wrote what it installed among the events."""
    script = (ROOT / "scripts" / "set-up").read_text("utf-8")
    body = script[script.index("if usable; then") :]
    for step in ("make_venv", "system_libraries", "install"):
        assert re.search(rf"^ *{step} >&2$", body, re.MULTILINE), step
