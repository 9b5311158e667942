"""Refusals: facts as attributes, from which one sentence is made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, ClassVar, Final

if TYPE_CHECKING:
    from host.vocabulary.problem import Problem
    from host.vocabulary.views import SwapReport


class HostError(Exception):
    """Whatever the host refuses; ``str()`` is one sentence for people, ``code`` the number in the protocol."""

    code: ClassVar[int] = -32000


@dataclass(eq=False)
class ManifestInvalid(HostError):
    """A manifest with faults, all of them."""

    file: Path
    problems: tuple[Problem, ...]
    code: ClassVar[int] = -32001

    def __str__(self) -> str:
        return f"{self.file} is not a valid manifest: " + "; ".join(str(problem) for problem in self.problems)


@dataclass(frozen=True, slots=True)
class Cause:
    """One requirement that took part in a refusal; ``wanted_by`` is empty where the user asked."""

    module: str
    requirement: str
    wanted_by: str = ""


@dataclass(eq=False)
class ResolutionFailed(HostError):
    """No choice of versions satisfies what was asked.

    Attributes:
        kind: ``missing``, ``conflict`` or ``cycle``.
        causes: the requirements at odds.
        cycles: for ``cycle``, each as its names in order, the smallest first.
        known: names of all modules, from which the nearest is offered.
        message: at most five lines, of which the first says what to do.
        further: of a swap, the versions of other loaded modules with which it would be legal, by name: as few as can
            be, empty where none would do.
        prereleases: versions that nothing asks for, by name, with which there would be a choice.
    """

    kind: str
    message: str
    causes: tuple[Cause, ...] = ()
    cycles: tuple[tuple[str, ...], ...] = ()
    known: tuple[str, ...] = ()
    further: Mapping[str, str] = field(default_factory=dict)
    prereleases: Mapping[str, str] = field(default_factory=dict)
    code: ClassVar[int] = -32002

    def __str__(self) -> str:
        return self.message


@dataclass(eq=False)
class ModuleUnknown(HostError):
    """A name that no known or no loaded module has."""

    name: str
    known: tuple[str, ...] = ()
    loaded: bool = False
    code: ClassVar[int] = -32003

    def __str__(self) -> str:
        near = get_close_matches(self.name, self.known, n=1)
        hint = f" (did you mean {near[0]!r}?)" if near else ""
        if self.loaded:
            return f"{self.name!r} is not loaded{hint}; load it first"
        return f"no module is called {self.name!r}{hint}"


@dataclass(eq=False)
class StillNeeded(HostError):
    """An unload of a module that others need."""

    name: str
    needed_by: tuple[str, ...]
    code: ClassVar[int] = -32004

    def __str__(self) -> str:
        others = ", ".join(self.needed_by)
        verb = "needs" if len(self.needed_by) == 1 else "need"
        return f"{self.name} stays loaded: {others} {verb} it; unload with cascade to unload them too"


@dataclass(eq=False)
class LoadFailed(HostError):
    """A module did not come up, and nothing of it remains; or, at step ``configure``, one that runs took no settings.

    Attributes:
        step: ``read``, ``dependencies``, ``entry``, ``init``, ``configure``, ``pause``, ``snapshot``, ``migrate``,
            ``setState``, ``validate`` or ``getState``.
        reason: why, without a final stop.
        file, line: where, as far as it is known.
    """

    name: str
    version: str
    step: str
    reason: str
    file: str = ""
    line: int = 0
    traceback: str = ""
    code: ClassVar[int] = -32005

    def __str__(self) -> str:
        module = f"{self.name} {self.version}"
        if self.step == "configure":
            return f"{module} refused its configuration: {self.reason}; it runs on as it was configured"
        return f"{module} did not load ({self.step}): {self.reason}"


@dataclass(eq=False)
class SwapFailed(HostError):
    """A swap that was taken back; the old instances run on with the state they had."""

    report: SwapReport
    code: ClassVar[int] = -32006

    def __str__(self) -> str:
        report = self.report
        said = f"{report.module} {report.to_version} was not swapped in ({report.failed_step}): {report.error}"
        if unwell := [each.unwell for each in (report, *report.others) if each.unwell]:
            return "; ".join((said, *unwell))
        if not report.others:
            return f"{said}; {report.from_version} runs on with its state"
        running = ", ".join(f"{each.module} {each.from_version}" for each in (report, *report.others))
        return f"{said}; {running} run on with their states"


@dataclass(eq=False)
class ModuleFault(HostError):
    """Lua code of a module raised.

    Attributes:
        module: the owner.
        hook: what was called: a hook, an export, ``init``, ``timer``.
        message: the Lua error, bounded and printable.
        traceback: Lua frames, one a line; of the module's own files only.
        file, line: of the innermost frame, relative to the module's folder; where none is known, as when the stack
            or the memory ran out, of the function that was called; empty and 0 where that is not known either.
        kept: number by which the module's runtime has the value that was raised; 0 where it does not keep it.
        back: the same in the runtime of whoever asked, where it was raised there and goes back; else 0.
    """

    module: str
    hook: str
    message: str
    traceback: str = ""
    file: str = ""
    line: int = 0
    kept: int = 0
    back: int = 0
    code: ClassVar[int] = -32007

    def __str__(self) -> str:
        return f"{self.module} failed in {self.hook}: {self.reason}"

    @property
    def reason(self) -> str:
        """The message, after its place where that is known and the message does not say it."""
        place = f"{self.file}:{self.line}"
        return self.message if not self.line or place in self.message else f"{self.module}/{place}: {self.message}"


@dataclass(eq=False)
class DeadlineExceeded(ModuleFault):
    """A call over its limit, ended at ``file:line``.

    Attributes:
        limit: seconds.
        chain: whether the limit is the one of all that the call set in motion in other modules.
    """

    limit: float = 0.0
    chain: bool = False
    code: ClassVar[int] = -32008

    def __str__(self) -> str:
        where = f" at {self.file}:{self.line}" if self.line else ""
        what = "the limit of what it calls in others," if self.chain else "its limit of"
        return f"{self.module} was ended in {self.hook}{where}: over {what} {self.limit * 1000:.0f} ms"


@dataclass(eq=False)
class MemoryExceeded(ModuleFault):
    """A module that wanted more memory than it may have; ``limit`` in bytes."""

    limit: int = 0
    code: ClassVar[int] = -32009

    def __str__(self) -> str:
        where = f" at {self.file}:{self.line}" if self.line else ""
        return f"{self.module} was ended in {self.hook}{where}: over its memory of {self.limit / 1048576:.0f} MiB"


@dataclass(eq=False)
class RecursionExceeded(ModuleFault):
    """A call that went too deep: a stack, coroutines inside each other, a pattern; or events and calls of modules.

    Attributes:
        nested: whether it is the last.
    """

    nested: bool = False
    code: ClassVar[int] = -32031


@dataclass(eq=False)
class SizeExceeded(ModuleFault):
    """A value on its way to another module or the host: too deep, too many entries, or too many bytes."""

    code: ClassVar[int] = -32032


@dataclass(eq=False)
class ProcessEnded(ModuleFault):
    """The process of an isolated module is gone; ``message`` says how it ended, ``hook`` is empty where it rested.

    Attributes:
        earlier: whether it was gone before this call, which was not made; that it ended was told then.
    """

    earlier: bool = False
    code: ClassVar[int] = -32030

    def __str__(self) -> str:
        if self.earlier:
            return f"{self.module} was not called in {self.hook}: its process had ended; it is being started again"
        where = f" in {self.hook}" if self.hook else ""
        return f"the process of {self.module} ended{where}: {self.message}"


@dataclass(eq=False)
class EventRefused(ModuleFault):
    """An event for a module that is being swapped or started again, with ``most`` that wait; no fault of its own."""

    most: int = 0
    code: ClassVar[int] = -32025

    def __str__(self) -> str:
        waits = f"{self.most:,} events wait for {self.module} already, which is being swapped or started again"
        return f"{self.hook} was refused: {waits}"


@dataclass(eq=False)
class NestedTooDeep(HostError):
    """Modules that answer events by events, or calls by calls, without end; ``most`` levels are possible."""

    most: int
    code: ClassVar[int] = -32034

    def __str__(self) -> str:
        return f"events and calls are nested deeper than {self.most} levels; the innermost was not delivered"


@dataclass(eq=False)
class RateExceeded(HostError):
    """A request over what its module may ask for in a second; it was not carried out.

    Attributes:
        limit: the key of the manifest's ``[limits]``: ``events``, ``timers``, ``log`` or ``tasks``.
        rate: how many a second it names.
    """

    module: str
    limit: str
    rate: float
    code: ClassVar[int] = -32033

    def __str__(self) -> str:
        return (
            f"{self.module} is over its limit of {self.rate:,g} {_COUNTED[self.limit]} a second, "
            f"and this one was refused; ask less often, or raise {self.limit} under [limits]"
        )


_COUNTED: Final = {"events": "events", "timers": "timers", "log": "log lines", "tasks": "tasks"}


@dataclass(eq=False)
class PanelInvalid(HostError):
    """A panel, or a change of one, that is none: a mistake of the module.

    Attributes:
        function: what was called.
        place: in its argument, as ``children[2].text``; empty for the whole.
        expected: what has to stand there, and what stands there: ``number expected, got string``.
    """

    function: str
    place: str
    expected: str
    code: ClassVar[int] = -32060

    def __str__(self) -> str:
        where = f"{self.place}: " if self.place else ""
        return f"bad argument #1 to '{self.function}' ({where}{self.expected})"


@dataclass(eq=False)
class NotShown(HostError):
    """A panel, or a change of one, that has more than can be shown; what was there stays as it was."""

    panel: str
    reason: str
    code: ClassVar[int] = -32061

    def __str__(self) -> str:
        return f"{f'panel {self.panel!r}' if self.panel else 'the panel'} {self.reason}"


@dataclass(eq=False)
class PermissionDenied(HostError):
    """Something a module may not do.

    Attributes:
        wanted: what for, as the module named it or as it was resolved.
        pattern: what would have to be granted; empty where no grant would do.
        reason: why not, where it is another than that nobody allowed it.
        option: what the command says of the data folder, for the user; the module is told nothing of that.
    """

    module: str
    permission: str
    wanted: str
    pattern: str = ""
    reason: str = ""
    option: str = ""
    code: ClassVar[int] = -32010

    def __str__(self) -> str:
        said = f"permission denied: {self.module} may not use {self.permission} for {self.wanted!r}"
        if self.reason:
            return f"{said}: {self.reason}"
        if not self.pattern:
            return f"{said}: its manifest does not ask for it; name it there under [permissions], then grant it"
        command = f"theseus grant {self.module} {option_of(self.permission)} {quote(self.pattern)}{self.option}"
        return f"{said}; allow it with: {command}"


def option_of(permission: str) -> str:
    """The option of the command line that names patterns of a permission."""
    return "--use" if permission == "modules" else f"--{permission}"


@dataclass(eq=False)
class PermissionUnknown(HostError):
    """A name that no permission has."""

    permission: str
    known: tuple[str, ...]
    code: ClassVar[int] = -32040

    def __str__(self) -> str:
        return f"{self.permission!r} is no permission; there are {', '.join(self.known)}"


@dataclass(eq=False)
class PatternInvalid(HostError):
    """A text that is no pattern of a permission; ``expected`` says what would be one."""

    text: str
    expected: str
    code: ClassVar[int] = -32041

    def __str__(self) -> str:
        return f"{self.text!r} is not understood; write {self.expected}"


@dataclass(eq=False)
class NothingToRollBack(HostError):
    """A roll-back of a module before whose last change nothing ran, or nothing that is kept.

    Attributes:
        option: what the commands say of the data folder.
    """

    name: str
    option: str = ""
    code: ClassVar[int] = -32011

    def __str__(self) -> str:
        name, option = self.name, self.option
        return (
            f"{name} has no earlier version to go back to from where it stands; nothing was changed; theseus history "
            f"{name}{option} tells what ran, and theseus rollback {name} --to ID{option} brings it back"
        )


@dataclass(eq=False)
class PointUnknown(HostError):
    """An act of a module's history after which nothing ran that could come back."""

    name: str
    point: int
    reason: str
    code: ClassVar[int] = -32024

    def __str__(self) -> str:
        return f"{self.name} has no point {self.point}: {self.reason}"


@dataclass(eq=False)
class NotData(HostError):
    """A value that cannot cross: only plain data can; ``path`` names the place."""

    path: str
    what: str
    code: ClassVar[int] = -32012

    def __str__(self) -> str:
        return f"{self.path} is {self.what}, and only plain data can cross"


@dataclass(eq=False)
class TooLarge(NotData):
    """A value with more in it than crosses; ``what`` says of what: ``1,000,000 entries``."""

    code: ClassVar[int] = -32035

    def __str__(self) -> str:
        return f"{self.path} has more than the {self.what} that can cross; hand it over in pieces"


@dataclass(eq=False)
class HostUnreachable(HostError):
    """No host answers for a data folder, or it went away."""

    data: str
    reason: str
    code: ClassVar[int] = -32013

    def __str__(self) -> str:
        return f"no running host on {self.data} ({self.reason}); start one with `theseus run`"


@dataclass(eq=False)
class HostBusy(HostError):
    """A second host on a data folder; ``pid`` is the first one's, 0 where it has not said so yet."""

    data: str
    pid: int
    code: ClassVar[int] = -32014

    def __str__(self) -> str:
        which = f" (process {self.pid})" if self.pid else ""
        return f"a host already runs on {self.data}{which}; use `theseus attach`, or another --data"


@dataclass(eq=False)
class StorageUnavailable(HostError):
    """A data folder that cannot keep what the host wants to remember; ``remedy`` is what the user can do.

    Attributes:
        meanwhile: what is true until then.
    """

    data: str
    reason: str
    remedy: str = "make it writable, or use another --data"
    meanwhile: str = "the host runs on and forgets what is new when it ends"
    code: ClassVar[int] = -32015

    def __str__(self) -> str:
        return f"{self.data} cannot keep the host's data: {self.reason}; {self.meanwhile}; {self.remedy}"


@dataclass(eq=False)
class VersionInvalid(HostError):
    """A text that is neither a PEP 440 nor a semver version."""

    text: str
    code: ClassVar[int] = -32020

    def __str__(self) -> str:
        return f"{self.text!r} is not a version; write it as in 1.2.0 or 2.0.0-beta.1"


@dataclass(eq=False)
class SpecifierInvalid(HostError):
    """A text that is not a version specifier; ``hint`` says what to write."""

    text: str
    hint: str
    code: ClassVar[int] = -32021

    def __str__(self) -> str:
        return f"{self.text!r} is not a version specifier: {self.hint}"


@dataclass(eq=False)
class WatchLimited(HostError):
    """The system lets the host watch no more folders; it polls them instead."""

    folders: tuple[Path, ...]
    reason: str
    interval: float
    code: ClassVar[int] = -32022

    def __str__(self) -> str:
        where = ", ".join(map(str, self.folders))
        return (
            f"{where} cannot be watched ({self.reason}), so changes are looked for every {self.interval:g} s; "
            f"raise fs.inotify.max_user_watches and max_user_instances to see them at once"
        )


@dataclass(eq=False)
class LeftOut(HostError):
    """A plan with a module that took the engine with it ``deaths`` times, or in which it was stuck."""

    name: str
    deaths: int
    hung: bool = False
    code: ClassVar[int] = -32023

    def __str__(self) -> str:
        why = "was stuck in it" if self.hung else f"died {self.deaths} times while it ran"
        return f"{self.name} is needed and left out: the engine {why}; load {self.name} itself to try again"


@dataclass(eq=False)
class PackageInvalid(HostError):
    """A file that is no package, or was changed since it was made; ``reason`` goes on where its name stops."""

    file: str
    reason: str
    code: ClassVar[int] = -32050

    def __str__(self) -> str:
        return f"{self.file} {self.reason}; nothing was installed"


@dataclass(eq=False)
class NotPacked(HostError):
    """A folder that no package was made of."""

    folder: str
    reason: str
    code: ClassVar[int] = -32051

    def __str__(self) -> str:
        return f"{self.folder} was not packed: {self.reason}"


@dataclass(eq=False)
class NotInstalled(HostError):
    """A sound package that is not installed.

    Attributes:
        kind: ``unsigned``, ``key``, ``there``, ``core``, ``name``, ``place`` or ``changed``.
        reason: why, and what to do.
    """

    name: str
    version: str
    kind: str
    reason: str
    code: ClassVar[int] = -32052

    def __str__(self) -> str:
        return f"{self.name} {self.version} was not installed: {self.reason}"


@dataclass(eq=False)
class KeyUnusable(HostError):
    """A file that holds no signing key, or holds one badly."""

    file: str
    reason: str
    code: ClassVar[int] = -32053

    def __str__(self) -> str:
        return f"{self.file} {self.reason}"


@dataclass(eq=False)
class NotUninstalled(HostError):
    """A module version that stays where it is."""

    name: str
    version: str
    reason: str
    code: ClassVar[int] = -32054

    def __str__(self) -> str:
        return f"{' '.join(filter(None, (self.name, self.version)))} stays where it is: {self.reason}"
