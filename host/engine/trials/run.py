"""Runs a module's Lua tests: each in a host, a data folder and an instance of its own."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar, Final

from host.discovery.config_schema import read_config_schema
from host.engine.host import Host
from host.engine.trials.stage import TRIAL, Subject, set_up, subject_of
from host.engine.trials.wishes import Wishes
from host.lifecycle.configuration import effective
from host.runtime.faults import printable
from host.storage import open_store
from host.vocabulary.errors import HostError, LoadFailed, ModuleFault

LONGEST: Final = 30.0
"""Seconds of one test."""

_PLACE: Final = re.compile(rf"(?:{TRIAL}/)?(?P<file>[\w/]+\.lua):(?P<line>\d+): (?P<message>.*)\Z", re.DOTALL)


@dataclass(frozen=True, slots=True)
class TestResult:
    """What became of one test.

    Attributes:
        name: as the file calls it; the file's own name where it did not get that far.
        message: what is wrong; empty where nothing is.
        file: of the test, absolute.
        line: where it failed, 0 where that is not known.
    """

    __test__: ClassVar = False

    name: str
    ok: bool
    message: str
    file: str
    line: int = 0


@dataclass(frozen=True, slots=True)
class _Trial:
    """One test file on its stage."""

    subject: Subject
    file: Path
    stage: Path

    def result(self, name: str, error: HostError | str | None) -> TestResult:
        if error is None:
            return TestResult(name, ok=True, message="", file=str(self.file))
        own = isinstance(error, ModuleFault | LoadFailed) and Path(error.file).name == self.file.name
        if isinstance(error, LoadFailed) and own and error.name == TRIAL:
            return TestResult(name, ok=False, message=error.reason, file=str(self.file), line=error.line)
        if isinstance(error, ModuleFault) and own and error.module == TRIAL:
            return TestResult(name, ok=False, message=str(error), file=str(self.file), line=error.line)
        text = printable(str(error))
        place = _PLACE.match(text)
        if place and place["file"] == self.file.name:
            return TestResult(name, ok=False, message=place["message"], file=str(self.file), line=int(place["line"]))
        return TestResult(name, ok=False, message=text, file=str(self.file))


async def run_tests(folder: Path, modules: Iterable[Path] = ()) -> list[TestResult]:
    """Run the tests of one module: every function of every ``tests/*.lua``, in the order of their names.

    Args:
        folder: of the module, below a folder of modules in which what it needs lies too.
        modules: further folders of modules.

    Raises:
        HostError: there is nothing to run: no module, a manifest with faults, no tests.
    """
    subject = subject_of(Path(folder), modules)
    return [result for file in subject.test_files for result in await _run_file(subject, file)]


async def _run_file(subject: Subject, file: Path) -> list[TestResult]:
    with TemporaryDirectory(prefix="theseus-tests-") as stage:
        trial = _Trial(subject, file, Path(stage))
        try:
            set_up(subject, file, trial.stage)
            names, config = await _contents(trial)
        except HostError as refusal:
            return [trial.result(file.stem, refusal)]
        return [await _run_one(trial, name, config) for name in names]


async def _contents(trial: _Trial) -> tuple[list[str], Mapping[str, Any]]:
    """Names of a file's tests, and the configuration that they want."""
    with TemporaryDirectory(prefix="theseus-tests-") as data:
        async with _host(trial, data) as host:
            await _load(host, trial)
            found = await host.call(TRIAL, "contents")
            config = found.get("config", {})
            if not isinstance(config, dict):
                raise HostError("config is a list, and should be settings by their names")
            if config:
                schema, _ = read_config_schema(trial.subject.manifest.folder)
                await host.parts.judge.check(trial.subject.manifest.name, schema, effective(schema, config))
    return list(found["names"]), config


async def _run_one(trial: _Trial, name: str, config: Mapping[str, Any]) -> TestResult:
    with TemporaryDirectory(prefix="theseus-tests-") as data:
        if config:
            _keep_settings(Path(data), trial.subject.manifest.name, config)
        try:
            async with asyncio.timeout(LONGEST), _host(trial, data) as host:
                await _load(host, trial)
                return trial.result(name, await _play(host, trial, name))
        except HostError as refusal:
            return trial.result(name, refusal)
        except TimeoutError:
            return trial.result(name, f"it was ended after {LONGEST:.0f} s")


async def _play(host: Host, trial: _Trial, name: str) -> str | None:
    """Run one test to its end, granting what it asks for; what is wrong, or ``None``."""
    wishes = Wishes(host, trial.subject.manifest.name)
    said = await host.call(TRIAL, "start", name)
    while said["wish"] not in {"passed", "failed"}:
        given = said["arguments"]
        arguments = [given.get(index) for index in range(1, said["count"] + 1)] if isinstance(given, dict) else given
        said = await host.call(TRIAL, "go_on", *await wishes.grant(said["wish"], arguments))
    return str(said["message"]) if said["wish"] == "failed" else None


def _host(trial: _Trial, data: str) -> Host:
    return Host([*trial.subject.roots, trial.stage], data)


async def _load(host: Host, trial: _Trial) -> None:
    """Load the module and its test, with all that the module asks for granted to both."""
    manifest = trial.subject.manifest
    for name in (manifest.name, TRIAL) if manifest.permissions else ():
        await host.grant(name, manifest.permissions)
    await host.load_all({manifest.name: f"=={manifest.version}", TRIAL: ""})


def _keep_settings(data: Path, module: str, config: Mapping[str, Any]) -> None:
    store = open_store(data)
    try:
        store.config.save(module, dict(config))
    finally:
        store.close()
