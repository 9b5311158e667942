"""Any order of loads, saves, swaps, rehearsals, roll-backs, faults, emissions, unloads, restarts and crashes is lawful.

Only active modules answer, with the state of a model; nothing of those that went remains; a crash takes back nothing
but what was not kept yet.
"""

from __future__ import annotations

import asyncio
import gc
import itertools
import shutil
from collections import Counter
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar, NamedTuple

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from host import Host, HostError, SwapFailed
from host.lifecycle.instance import Instance
from host.runtime.interface import ModuleRuntime
from host.vocabulary.errors import NothingToRollBack, StillNeeded
from host.vocabulary.states import Status
from tests.engine.place import Place

SOURCE = """local M = {n = 0}
M.hooks = {
    add = function(k) M.n = M.n + k end,
    fault = function(name) if name == M.name then error("asked for") end end,
}
M.exports = {
    n = function() return M.n end,
    edition = function() return EDITION end,
    held = function() return M.held == true end,
}
function M:init()
    MISTAKE
    host.every(1000, function() end)
    host.emit("hello", self.name)
end
function M:pause() self.held = true end
function M:resume() self.held = false end
function M:getState() return {n = self.n} end
function M:setState(state) self.n = state.n end
function M:migrate(state) return state end
return M"""

NEEDS = {"a": (), "b": ("a",), "c": ("b",), "d": ()}
MOST_FAULTS = 2
"""Of one instance: a third may bring back what ran before, a fifth is quarantine; both have tests of their own."""
NAMES = st.sampled_from(sorted(NEEDS))
MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of random name is made in it
"""Where there is one, lives are led in it: half of their time is a disk's, and none of these laws is about one."""
VERSIONS = st.sampled_from(["1.0.0", "2.0.0"])


def source(edition: int, *, mistake: str = "") -> str:
    return SOURCE.replace("EDITION", str(edition)).replace("MISTAKE", mistake)


class Modelled:
    """What one loaded module should be."""

    def __init__(self, version: str, edition: int, n: int) -> None:
        self.version = version
        self.edition = edition
        self.n = n


class Ran(NamedTuple):
    """Code that a module ran, the number of what a roll-back from there leads to, and the act that first brought it."""

    number: int
    version: str
    edition: int
    back: int
    act: int


def counted(act: Callable[..., None]) -> Callable[..., None]:
    """Count an act by its name."""

    @wraps(act)
    def counting(self: Lives, **drawn: object) -> None:
        self.done[act.__name__] += 1
        act(self, **drawn)

    return counting


class Lives(RuleBasedStateMachine):
    """Drives one host, and a model of it."""

    done: ClassVar[Counter[str]] = Counter()
    isolated: ClassVar[bool] = False

    def __init__(self) -> None:
        super().__init__()
        self._folder = TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None)
        self.place = Place(Path(self._folder.name), isolated=self.isolated)
        self.editions = dict.fromkeys(((name, version) for name in NEEDS for version in ("1.0.0", "2.0.0")), 0)
        self.sound = set(self.editions)
        for name, needs in NEEDS.items():
            more = '[limits]\ncall = "10 s"\n[dependencies]\n' + "".join(f'{need} = "*"\n' for need in needs)
            for version in ("1.0.0", "2.0.0"):
                self.place.module(name, source(0), version, folder=version, more=more)
        self.loop = asyncio.new_event_loop()
        self.host: Host = self.place.host()
        self.run(self.host.__aenter__())
        self.model: dict[str, Modelled] = {}
        self.kept: dict[str, int] = {}
        """What the next load begins with."""
        self.on_disk: dict[str, int] = {}
        """What it would after a crash."""
        self.past: dict[str, list[Ran]] = {name: [] for name in NEEDS}
        self.numbers = itertools.count(1)
        self.gone: list[ModuleRuntime] = []
        self.faults: Counter[int] = Counter()

    def run(self, act: Any) -> Any:
        return self.loop.run_until_complete(act)

    def teardown(self) -> None:
        self.run(self.host.__aexit__(None, None, None))
        self.loop.run_until_complete(self.loop.shutdown_default_executor())
        self.loop.close()
        self._folder.cleanup()

    def instance(self, name: str) -> Instance:
        return self.host.parts.roster.get(name)

    def coming(self, name: str) -> list[str]:
        """What a load of a module brings up."""
        return [each for need in NEEDS[name] if need not in self.model for each in self.coming(need)] + [name]

    def runs(self, name: str, version: str, edition: int, to: Ran | None = None, act: int = 0) -> None:
        """Note what runs now, and of what act of several modules; the last 20 of each module are kept."""
        last = self.past[name][-1] if self.past[name] else Ran(0, "", 0, 0, 0)
        if (last.version, last.edition) != (version, edition):
            number = next(self.numbers)
            back, act = (last.number, act or number) if to is None else (to.back, to.act)
            self.past[name].append(Ran(number, version, edition, back, act))
            del self.past[name][:-20]

    @rule(name=NAMES, version=VERSIONS, fresh=st.booleans())
    @counted
    def load(self, name: str, version: str, *, fresh: bool) -> None:
        running = self.model.get(name)
        versions = {name: version} if running else dict.fromkeys(self.coming(name), "2.0.0") | {name: version}
        works = (running and running.version == version) or versions.items() <= self.sound
        before = {each: self.instance(each).runtime for each in self.model}
        try:
            self.run(self.host.load(name, f"=={version}", fresh=fresh))
            loaded = True
        except HostError:
            loaded = False
        assert loaded == bool(works)
        if not running:
            for code in itertools.takewhile(lambda code: code in self.sound, versions.items()):
                self.runs(*code, self.editions[code])  # also where they are taken back
        if not loaded:
            return
        if running and running.version != version:
            self.swapped(name, version, before[name])
        for each in versions if not running and fresh else ():
            self.on_disk.pop(each, None)
        for each in versions if not running else ():
            n = 0 if fresh else self.kept.get(each, 0)
            self.model[each] = Modelled(versions[each], self.editions[each, versions[each]], n)

    @rule(name=NAMES, version=VERSIONS)
    @counted
    def swap(self, name: str, version: str) -> None:
        if name not in self.model:
            return
        before = self.instance(name).runtime
        works = (name, version) in self.sound
        try:
            self.run(self.host.swap(name, version))
        except SwapFailed:
            assert not works
            assert self.instance(name).runtime is before
        else:
            assert works
            self.swapped(name, version, before)

    @rule(name=NAMES, version=VERSIONS)
    @counted
    def rehearse(self, name: str, version: str) -> None:
        if name in self.model:
            assert bool(self.run(self.host.rehearse(name, version)).error) == ((name, version) not in self.sound)

    @rule(versions=st.dictionaries(NAMES, VERSIONS, min_size=2))
    @counted
    def swap_together(self, versions: dict[str, str]) -> None:
        if not versions.keys() <= self.model.keys():
            return
        before = {name: self.instance(name).runtime for name in versions}
        works = versions.items() <= self.sound
        try:
            report = self.run(self.host.swap(versions))
        except SwapFailed:
            assert not works
            assert {name: self.instance(name).runtime for name in versions} == before
        else:
            assert works
            assert {each.module: each.to_version for each in (report, *report.others)} == versions
            act = next(self.numbers)
            for name, version in versions.items():
                self.swapped(name, version, before[name], act)

    @rule(name=NAMES)
    @counted
    def roll_back(self, name: str) -> None:
        if name not in self.model:
            return
        act = self.past[name][-1].act
        names = {each for each in self.model if self.past[each][-1].act == act and self.earlier(each)} | {name}
        before = {each: self.instance(each).runtime for each in names}
        try:
            report = self.run(self.host.rollback(name))
        except NothingToRollBack:
            assert not self.earlier(name)
            return
        assert {each.module for each in (report, *report.others)} == names
        for each in names:
            (ran,) = self.earlier(each)
            running = self.model[each]
            running.version, running.edition = ran.version, ran.edition
            self.runs(each, ran.version, ran.edition, ran)
            self.on_disk[each] = running.n
            self.gone.append(before[each])
        back = [self.instance(each).runtime for each in names]  # some waited, and are not gone
        self.gone = [runtime for runtime in self.gone if runtime not in back]

    def earlier(self, name: str) -> list[Ran]:
        """What a roll-back leads to, if there is anything."""
        return [each for each in self.past[name] if each.number == self.past[name][-1].back]

    @rule()
    @counted
    def restart(self) -> None:
        self.run(self.host.__aexit__(None, None, None))
        self.kept |= {name: running.n for name, running in self.model.items()}
        self.on_disk = dict(self.kept)
        self.start()

    @rule()
    @counted
    def crash(self) -> None:
        """Go on with the data folder as a kill at this instant would leave it."""
        left = self.place.data.with_name("left")
        shutil.copytree(self.place.data, left, ignore=shutil.ignore_patterns("*.sock"))
        self.run(self.host.__aexit__(None, None, None))
        shutil.rmtree(self.place.data)
        left.rename(self.place.data)
        self.kept = dict(self.on_disk)
        self.start()
        assert self.host.parts.died is not None

    def start(self) -> None:
        self.model.clear()
        self.host = self.place.host()
        self.run(self.host.__aenter__())

    @rule(name=NAMES, version=VERSIONS, sound=st.booleans())
    @counted
    def save(self, name: str, version: str, *, sound: bool) -> None:
        self.editions[name, version] += 1
        text = source(self.editions[name, version], mistake="" if sound else 'error("a mistake")')
        (self.place.root / "plugins" / name / version / "init.lua").write_text(text)
        (self.sound.add if sound else self.sound.discard)((name, version))
        running = self.model.get(name)
        before = self.instance(name).runtime if running else None
        self.run(self.host.rescan())
        if running and before and running.version == version:
            if sound:
                self.swapped(name, version, before)
            else:
                assert self.instance(name).runtime is before

    @rule(name=NAMES, cascade=st.booleans())
    @counted
    def unload(self, name: str, *, cascade: bool) -> None:
        if name not in self.model:
            return
        needing = [each for each in self.model if name in self.reached(each)]
        going = {each: self.instance(each).runtime for each in [*needing, name]}
        try:
            gone = self.run(self.host.unload(name, cascade=cascade))
        except StillNeeded:
            assert needing
            assert not cascade
            return
        assert set(gone) == set(going)
        for each in gone:
            self.kept[each] = self.on_disk[each] = self.model.pop(each).n
        self.gone += going.values()

    @rule(k=st.integers(-9, 9))
    @counted
    def emit(self, k: int) -> None:
        report = self.run(self.host.emit("add", k))
        assert (report.delivered, report.failures) == (len(self.model), ())
        for running in self.model.values():
            running.n += k

    @rule(name=NAMES)
    @counted
    def fault(self, name: str) -> None:
        if name in self.model:
            serial = self.instance(name).serial
            if self.faults[serial] == MOST_FAULTS:
                return
            self.faults[serial] += 1
        report = self.run(self.host.emit("fault", name))
        failed = [each.module for each in report.failures]
        assert failed == ([name] if name in self.model else [])
        assert report.delivered == len(self.model) - len(failed)

    @invariant()
    def only_active_modules_answer_with_their_state(self) -> None:
        views = self.host.snapshot().modules
        assert {name for name, view in views.items() if view.status is Status.ACTIVE} == set(self.model)
        assert {each.owner for each in self.host.parts.roster.dispatch.table.of("add")} == set(self.model)
        for name, running in self.model.items():
            assert views[name].version == running.version
            assert self.run(self.host.call(name, "n")) == running.n
            assert self.run(self.host.call(name, "edition")) == running.edition
            assert self.run(self.host.state(name)) == {"n": running.n}
            assert self.run(self.host.call(name, "held")) is False
        for name in NEEDS.keys() - self.model.keys():
            try:
                self.run(self.host.call(name, "n"))
            except HostError:
                continue
            raise AssertionError(f"{name} answers")

    @invariant()
    def dependencies_come_before_dependents(self) -> None:
        order = list(self.host.parts.roster.active)
        answering = [each.owner for each in self.host.parts.roster.dispatch.table.of("add")]
        for names in (order, answering):
            for name in names:
                for need in NEEDS[name]:
                    assert names.index(need) < names.index(name)

    @invariant()
    def nothing_of_those_that_went_remains(self) -> None:
        probations = self.host.parts.probations
        waiting = {
            change.old.runtime
            for probation in (*probations._by_name.values(), *probations._leaving)  # noqa: SLF001 - what may be there
            for change in probation.changes
        }
        left = [runtime for runtime in self.gone if runtime not in waiting]
        self.gone = [runtime for runtime in self.gone if runtime in waiting]
        if not all(runtime.gone for runtime in left):
            gc.collect()
        assert all(runtime.gone for runtime in left)
        assert not any(runtime.gone for runtime in waiting)
        assert len(self.host.parts.roster._living) == len(self.model)  # noqa: SLF001 - what nobody else can ask
        assert self.host.parts.roster.dispatch.table.ranks.keys() == self.model.keys()

    def swapped(self, name: str, version: str, before: ModuleRuntime, act: int = 0) -> None:
        running = self.model[name]
        running.version, running.edition = version, self.editions[name, version]
        self.runs(name, version, running.edition, act=act)
        self.on_disk[name] = running.n
        self.gone.append(before)

    def reached(self, name: str) -> set[str]:
        return {each for need in NEEDS[name] for each in {need, *self.reached(need)}}


class IsolatedLives(Lives):
    """The same of modules with processes of their own."""

    isolated = True


def lives(examples: int, machine: type[Lives] = Lives) -> None:
    run_state_machine_as_test(machine, settings=settings(max_examples=examples, stateful_step_count=40, deadline=None))


@pytest.fixture(autouse=True)
def _timeless(monkeypatch: pytest.MonkeyPatch) -> None:
    """The model knows no time: nothing of it takes long but on a busy machine."""
    monkeypatch.setattr("host.engine.checkpoints.EVERY", 1e6)


def test_any_order_of_lives_keeps_the_laws() -> None:
    lives(80)


@pytest.mark.torture
def test_any_order_of_lives_of_isolated_modules_keeps_the_laws() -> None:
    lives(100, IsolatedLives)


@pytest.mark.torture
def test_a_thousand_lives_keep_the_laws(capsys: pytest.CaptureFixture[str]) -> None:
    Lives.done.clear()
    lives(1000)
    acts = ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in Lives.done.most_common())
    with capsys.disabled():
        print(  # noqa: T201 - the figures are what a full run is for
            f"\nstateful property test: {Lives.done.total():,} acts ({acts});"
            " 0 events lost or doubled, 0 states lost, 0 things left over"
        )
