"""An engine that is killed leaves an audit that is whole: what was written is there, and the chain holds."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest

from host.storage import read_audit
from host.storage.opening import DATABASE_NAME
from tests.cli.program import LONGEST, ROOT
from tests.engine.place import Place
from tests.engine.test_granting import DESK, NATIVE, NEEDS, READER

pytestmark = pytest.mark.integration

ASKING = """
import asyncio, sys
from host import Host

async def main():
    async with Host([sys.argv[1]], sys.argv[2]) as host:
        await host.load("desk")  # asked for by name: a kill amid its native code is not held against it
        await host.load("reader")
        for number in range(10**9):
            await host.call("reader", "read", f"N{number}")
            if number % 5 == 4:
                await host.audit(most=1)  # hands over what was gathered, and waits until it is written
                print(number, flush=True)

asyncio.run(main())
"""


@pytest.mark.parametrize("runs", [6, pytest.param(100, marks=pytest.mark.torture)])
def test_what_was_written_before_a_kill_is_there_and_the_chain_holds(runs: int, tmp_path: Path) -> None:
    place = Place(tmp_path)
    (place.module("desk", DESK, tier="core") / "native.py").write_text(NATIVE)
    place.module("reader", READER, more=NEEDS + '[permissions]\nenv = ["N*"]\n')
    chance = random.Random(7)
    last = 0
    for _ in range(runs):
        written = asked_until_killed(place, chance.randrange(1, 40))
        audit = read_audit(place.data / DATABASE_NAME)
        found = audit.check()
        assert found.problems == ()
        newest = next(row for row in audit.rows("reader") if row.wanted == f"N{written}")
        assert newest.id > last
        assert found.last - newest.id < 200
        last = found.last


def asked_until_killed(place: Place, lines: int) -> int:
    """Kill a host after so many batches; the last question whose row it said to be written."""
    command = [sys.executable, "-c", ASKING, str(place.root), str(place.data)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        said = [process.stdout.readline() for _ in range(lines)]
        process.kill()
        process.wait(LONGEST)
    return int(said[-1])
