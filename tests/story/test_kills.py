"""The engine is killed at random instants of a storm of swaps; the old or the new comes back, whole, and says which."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from typing import Any, Final

import pytest

from tests.cli.program import LONGEST, ROOT
from tests.engine.place import Place

COUNTING: Final = """local M = {n = 0, ballast = ("x"):rep(20000)}
M.hooks = {add = function(k) M.n = M.n + k end}
function M:getState() return {n = self.n, ballast = self.ballast} end
function M:setState(state) self.n = state.n end
function M:migrate(state) return state end
return M"""
NAMES: Final = ("a", "b")

STORM: Final = """
import asyncio, json, random, sys
from host import Host

root, data, seed = sys.argv[1:]
names, other, chance = ("a", "b"), {"1.0.0": "2.0.0", "2.0.0": "1.0.0"}, random.Random(int(seed))

def say(**words):
    print(json.dumps(words), flush=True)

async def standing(host):
    modules = host.snapshot().modules
    return {name: [modules[name].version, (await host.state(name))["n"]] for name in names}

async def main():
    async with Host([root], data, restore=True) as host:
        for name in names:
            if host.snapshot().modules[name].status != "active":  # new, or left out: it ran amid two of the kills
                ran = [row.to_version for row in await host.history(name) if row.outcome == "committed"]
                await host.load(name, f"=={ran[0] if ran else '1.0.0'}")
        died = [[name, row.id] for name in names for row in await host.history(name) if "died" in row.error]
        say(ready=await standing(host), death=host.snapshot().engine.last_death, died=died)
        while True:
            await host.emit("add", 1)
            now = await standing(host)
            chosen = names if chance.random() < 0.3 else (chance.choice(names),)
            trying = {name: [other[now[name][0]], now[name][1]] for name in chosen}
            say(trying=trying)
            await host.swap({name: version for name, (version, n) in trying.items()})
            say(done=trying)

asyncio.run(main())
"""

Standing = dict[str, list[Any]]


@dataclass
class Figures:
    """What became of the storms."""

    kills: int = 0
    swaps: int = 0
    old: int = 0
    new: int = 0
    lost: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"kill -9 amid swaps: {self.kills} kills, {self.swaps} swaps; amid a swap {self.old + self.new}, of which "
            f"{self.old} came back old and {self.new} new; losses {len(self.lost)}"
        )


def life(place: Place, seed: int, patience: float) -> list[dict[str, Any]]:
    """Let an engine swap as fast as it can, and kill it so many seconds after it was ready; what it said."""
    words = [sys.executable, "-c", STORM, str(place.root), str(place.data), str(seed)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT) as storm:
        stopper = threading.Timer(LONGEST, storm.kill)
        stopper.start()
        assert storm.stdout is not None
        assert storm.stderr is not None
        said = [storm.stdout.readline()]
        threading.Timer(patience, storm.kill).start()
        said += storm.stdout.readlines()
        assert said[0], storm.stderr.read()
        assert storm.wait(LONGEST) == -9, storm.stderr.read()
        stopper.cancel()
    return [json.loads(line) for line in said if line.endswith("\n")]


def judge(figures: Figures, said: list[dict[str, Any]], after: dict[str, Any]) -> None:
    """See whether the next start found what was kept last, or what was under way then, and whether it says which."""
    kept: Standing = dict(said[0]["ready"])
    for each in said[1:]:
        kept |= each.get("done", {})
    trying: Standing = said[-1].get("trying", {})
    figures.kills += 1
    figures.swaps += sum("done" in each for each in said)
    found, death = after["ready"], after["death"]
    interrupted = {name for name, row in after["died"] if [name, row] not in said[0]["died"]}
    if trying and found == kept | trying:
        figures.new += 1
        right = not interrupted and death.endswith("is kept") and all(f" of {name} " in death for name in trying)
    else:
        figures.old += bool(trying)
        right = found == kept and interrupted in (set(), trying.keys()) and bool(interrupted) == ("not count" in death)
    if not right:
        figures.lost.append(f"kept {kept}, tried {trying}, found {found}, said {death!r}")


def storm(place: Place, kills: int) -> Figures:
    for name in NAMES:
        for version in ("1.0.0", "2.0.0"):
            place.module(name, COUNTING, version, folder=version)
    seed = random.randrange(1 << 32)
    chance = random.Random(seed)
    figures = Figures()
    before = life(place, seed, 0.05)
    for number in range(kills):
        after = life(place, seed + number + 1, chance.uniform(0.0, 0.15))
        judge(figures, before, after[0])
        before = after
    assert figures.lost == [], f"seed {seed}"
    return figures


@pytest.mark.integration
def test_a_kill_amid_swaps_leaves_the_old_or_the_new_whole_and_the_next_start_says_which(place: Place) -> None:
    assert storm(place, 5).kills == 5


@pytest.mark.torture
def test_two_hundred_kills_amid_swaps_lose_nothing(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    figures = storm(place, 200)
    with capsys.disabled():
        sys.stdout.write(f"\n{figures}\n")
    assert figures.swaps > figures.kills
