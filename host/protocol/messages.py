"""The methods of the protocol, once: names, parameters with their defaults, results, and what they mean.

The client implements these classes, the server checks nothing against them: an engine answers what it can, and what it
does not answer is refused as unknown. ``docs/protocol.md`` is made from here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol

from host.vocabulary.explanations import Outdated, Why
from host.vocabulary.graph import Graph
from host.vocabulary.permission import Grant
from host.vocabulary.settings import SettingFault
from host.vocabulary.views import (
    ActivityRow,
    AuditCheck,
    AuditRow,
    BisectionView,
    Changes,
    Comparison,
    Completion,
    EmitResult,
    Evaluation,
    GapView,
    HistoryRow,
    Installed,
    KeyView,
    LastSwap,
    LimitView,
    PackageView,
    PanelChange,
    PlainData,
    Plan,
    Profile,
    Rehearsal,
    Restored,
    Snapshot,
    SourceView,
    StatePage,
    SwapReport,
    Uninstalled,
)

PROTOCOL_VERSION: Final = 1
"""Grows when something that was there changes its meaning; what is added does not change it."""

WAITING: Final = frozenset({"changes", "panels"})
"""Methods that wait for something to happen; they end when their client goes. All others run to their end."""

LONGEST_WAIT_S: Final = 30.0
"""What these wait at most, whatever it was asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hello:
    """Who answers.

    Attributes:
        protocol: the protocol it speaks.
        version: of the host.
        pid: of the engine's process.
        data: its data folder.
    """

    protocol: int
    version: str
    pid: int
    data: str


class Questions(Protocol):
    """Methods that change nothing."""

    async def hello(self) -> Hello:
        """Who answers; also the question whether it still does.

        Over TCP it has to come first, with the parameter ``token`` as ``engine.json`` gives it.
        """

    async def changes(self, since: int, wait_s: float = 0.0) -> Changes:
        """What is newer than the revision ``since``; 0 asks for all.

        Answers at once where there is anything, else as soon as there is, else after ``wait_s`` seconds (30 at most)
        with nothing new. It ends when its client goes.
        """

    async def snapshot(self) -> Snapshot:
        """The whole host as it stands."""

    async def state_page(self, name: str, path: list[str | int | float | bool], start: int, count: int) -> StatePage:
        """``count`` entries from the ``start``-th of the table that ``path`` leads to, of a module's state."""

    async def last_swap(self, name: str) -> LastSwap:
        """What the swap that brought what runs of a module did to its state; rows of ``state_page`` say it of each."""

    async def activity(self, name: str) -> tuple[ActivityRow, ...]:
        """What a module has registered, and how it fares."""

    async def gaps(self) -> tuple[GapView, ...]:
        """The last 50 times in which the engine's loop did not turn for more than 0.1 s, newest first."""

    async def profile(self, name: str, seconds: float = 10.0) -> Profile:
        """Where a module spent the last seconds, 60 at most: functions by whom they were called from.

        Nothing is sampled before somebody asks, nor 5 seconds after the last question. The first answer is empty.
        """

    async def limits(self, name: str) -> tuple[LimitView, ...]:
        """What a module may use, what it uses, and how often it met each limit."""

    async def panels(self, seen: dict[str, int] | None = None, wait_s: float = 0.0) -> tuple[PanelChange, ...]:
        """What modules show by ``host.ui.panel``, or what is new of it.

        ``seen`` names panels as ``MODULE/PANEL``, each with the revision to which it is known, 0 for not at all;
        absent, it is all that there are. Of a panel there is a new revision ten times a second at most, which has all
        that changed. Waits as ``changes`` does, where nothing is new.
        """

    async def grants(self, name: str = "") -> tuple[Grant, ...]:
        """What the user granted to a module and denied it, or to all where none is named; oldest first."""

    async def keys(self) -> tuple[KeyView, ...]:
        """The keys that packages of modules were signed with, and those that were revoked."""

    async def audit(self, name: str = "", most: int = 1000) -> tuple[AuditRow, ...]:
        """What was done in the name of modules, and denied them: the ``most`` newest rows, of one module or of all."""

    async def check_audit(self) -> AuditCheck:
        """Whether the audit is as it was written: no row changed, missing, added or out of its place."""

    async def history(self, name: str) -> tuple[HistoryRow, ...]:
        """What was done to a module, newest first."""

    async def timeline(self, count: int = 200) -> tuple[HistoryRow, ...]:
        """What was done to all modules, the last ``count`` acts, newest first."""

    async def compare(self, name: str, earlier: int, later: int | None = None) -> Comparison:
        """What is different between what ran after two acts of a module's history, by their ids, as each was last.

        Without ``later`` it is compared with what runs now.
        """

    async def resolve(self, wanted: dict[str, str], *, upgrade: bool = False) -> Plan:
        """The plan for some modules and specifiers, beside what is loaded; nothing is changed.

        ``upgrade`` prefers the newest versions of them and of what they need to those that run.
        """

    async def rehearse(self, name: str, version: str, also: dict[str, str] | None = None) -> Rehearsal:
        """What ``swap`` with the same parameters would do; one that would be refused is told in the result."""

    async def why(self, name: str) -> Why:
        """Why a module is loaded."""

    async def outdated(self) -> tuple[Outdated, ...]:
        """The loaded modules that have a newer release on disk, and what holds each back."""

    async def graph(self, name: str = "", version: str = "") -> Graph:
        """Who needs whom, laid out: around one module, or of all.

        Of each module it has the version that runs, or else the newest. With ``version`` it shows what would be if the
        module were swapped to that one; nothing is changed.
        """

    async def settings(self, name: str) -> PlainData:
        """An object: the ``schema`` of a loaded module's settings, null where it has none, and the ``settings``.

        The settings are what the user set, without the schema's defaults.
        """

    async def check_settings(self, name: str, settings: PlainData) -> tuple[SettingFault, ...]:
        """What the schema of a loaded module has against settings, each fault at its place; nothing is changed."""

    async def complete(self, name: str, text: str) -> tuple[Completion, ...]:
        """How the text before a cursor could go on inside a module, at most 50 names."""

    async def source(self, name: str, file: str = "") -> SourceView:
        """A file of a loaded module, as it runs; without ``file`` its entry."""

    async def bisection(self) -> BisectionView:
        """How far the search for bad modules is; ``total`` is 0 where none is under way."""

    async def rehearse_source(self, name: str, texts: dict[str, str]) -> Rehearsal:
        """What ``swap_source`` with the same parameters would do; one that would be refused is told in the result."""

    async def state_text(self, name: str, path: list[str | int | float | bool]) -> str:
        """What ``path`` leads to in a module's state, as Lua; the whole state where the path is empty."""

    async def inspect_package(
        self,
        file: str,
        *,
        tier: str = "plugins",
        modules: str = "",
        unsigned: bool = False,
        trust_key: bool = False,
        replace: bool = False,
    ) -> PackageView:
        """What a package is and asks for, and whether ``install`` with the same parameters would take it."""


class Acts(Protocol):
    """Methods that change something; they run to their end even where their client goes."""

    async def load(self, name: str, specifier: str = "", *, fresh: bool = False, upgrade: bool = False) -> Plan:
        """Load a module and what it needs; ``fresh``: without its last checkpoint. The plan is what was loaded.

        ``upgrade`` swaps what is loaded of it to the newest versions.
        """

    async def unload(self, name: str, *, cascade: bool = False) -> list[str]:
        """Unload a module, with ``cascade`` also those that need it; the names of all that went, in that order."""

    async def reload(self, name: str) -> SwapReport:
        """Swap a module to what its folder now holds, changed or not."""

    async def swap(
        self, name: str, version: str, also: dict[str, str] | None = None, *, probation_s: float | None = None
    ) -> SwapReport:
        """Swap a module to another version, and along with it others (``also``, versions by name).

        For ``probation_s`` seconds, else for as long as the manifests say, three faults, and more than before it, take
        it back by themselves.

        Where other loaded modules refuse it, the report in the error names the fewest ``further`` swaps that make it
        legal: what to send as ``also``.
        """

    async def rollback(self, name: str, to: int | None = None) -> SwapReport:
        """Take the last change of a module back; with ``to``, bring back what ran after that act of its history."""

    async def swap_source(self, name: str, texts: dict[str, str], *, probation_s: float | None = None) -> SwapReport:
        """Have a module run with other ``texts`` for some of its files, by path; the disk keeps what it has.

        What is saved on disk next takes their place, and so does whatever reads the module's folder again.
        """

    async def save_source(self, name: str) -> list[str]:
        """Write what a module runs with, and nobody saved, over the files that it took the place of; their paths.

        Where one of these is not as it was when it was typed over, nothing is written.
        """

    async def edit_state(self, name: str, path: list[str | int | float | bool], value: PlainData) -> SwapReport:
        """Put a text, a number or a truth value in the place of one in a module's state, by a swap with itself."""

    async def fire(self, name: str, entry: str, argument: PlainData = None) -> None:
        """Call one hook of a module, or let one of its timers be due; ``entry`` is its ``id`` in ``activity``."""

    async def mute(self, name: str, entry: str, *, on: bool = True) -> None:
        """Switch one hook or timer of a module off, or on again; until the module is swapped or reloaded."""

    async def watch(self, name: str, *, on: bool = True) -> None:
        """Swap what is saved of a module in by itself, as a host that watches does, or not, until the host ends."""

    async def cancel(self, name: str, entry: str) -> None:
        """End one timer or task of a module."""

    async def configure(self, name: str, settings: PlainData) -> None:
        """Set what the user has set of a module's settings, all of it; live where the module can, else by a reload."""

    async def grant(
        self, name: str, permissions: dict[str, list[str]] | None = None, versions: str = "*"
    ) -> tuple[Grant, ...]:
        """Let a module do what its manifest asks for; all that the user said of it now.

        ``permissions`` are patterns by permission, all that is asked for where it is absent or a list is empty;
        ``versions`` a specifier, of which versions of the module.
        """

    async def revoke(
        self, name: str, permissions: dict[str, list[str]] | None = None, versions: str = "*"
    ) -> tuple[Grant, ...]:
        """Take back what was granted; what something else still allows is denied. Otherwise as ``grant``."""

    async def quarantine(self, name: str) -> None:
        """Switch the hooks and timers of an active module off, as too many faults do."""

    async def resume(self, name: str) -> None:
        """Switch the hooks and timers of a quarantined module on again."""

    async def isolate(self, name: str, isolation: str = "process") -> bool:
        """Have a module run in a process of its own (``process``), in the engine's (``shared``), or as it asks (empty).

        The answer is whether it has one now, or will have.
        """

    async def lock(self, name: str, version: str = "") -> str:
        """Keep a module at a version, or at none where it is empty; the answer is the version.

        Plans then choose no other, and a swap to another is refused.
        """

    async def emit(self, event: str, args: list[PlainData]) -> EmitResult:
        """Tell an event to all that answer it."""

    async def call(self, name: str, function: str, args: list[PlainData]) -> PlainData:
        """Call an export of a module."""

    async def operate(self, name: str, panel: str, widget: str, event: str, value: PlainData = None) -> None:
        """Do in a panel of a module what a person does, and call its handler; ``widget`` is the key of a node.

        ``event`` is ``onClick`` of a button, without a value, or of a table, with the number of a row from 1;
        ``onChange`` of a field (text), a checkbox (boolean) or a choice (one of its options); or ``onSubmit`` of a
        field. A handler that fails is a fault of the module, and refused as such.
        """

    async def evaluate(self, name: str, text: str) -> Evaluation:
        """Run Lua inside a module, with its locals and globals, its limits and its permissions.

        ``text`` is an expression or statements, and may wait; ``self`` in it is the module, ``_`` what the text before
        gave. A fault of the text counts as none of the module's; the module's log has the text.
        """

    async def interrupt(self, name: str) -> int:
        """Stop what of ``evaluate`` waits inside a module; how many texts these were."""

    async def execute(self, name: str, context: PlainData = None) -> PlainData:
        """Have a module answer one request; ``context`` is an object (``{"parameters": {}}``), empty where absent.

        The result is an object with ``status``, which is ``success``, ``error``, ``warning`` or ``pending``, and with
        ``data``, ``variables``, ``message`` and ``next_action`` as far as the module gave them.
        """

    async def install(
        self,
        file: str,
        *,
        tier: str = "plugins",
        modules: str = "",
        unsigned: bool = False,
        trust_key: bool = False,
        replace: bool = False,
        digest: str = "",
    ) -> Installed:
        """Put the module of a package into a folder of modules (``modules``; the first where it is empty).

        ``file`` is a path on the engine's machine, of a package or of a module's folder. One that nobody signed is
        refused without ``unsigned``, one with another key than this module's packages had before without
        ``trust_key``, a version that is there without ``replace``: then the old one goes to the trash once the new one
        stands. With ``digest``, which ``inspect_package`` says, any other package is refused.
        """

    async def make_module(self, name: str, *, tier: str = "plugins", modules: str = "") -> str:
        """Make a module from a template in a folder of modules (the first where it is empty); gives its own folder."""

    async def uninstall(self, name: str, version: str = "") -> Uninstalled:
        """Move a module version that is not loaded to the trash of the data folder."""

    async def restore(self, name: str, version: str = "") -> Restored:
        """Bring back what was moved to the trash last of a module, or of one version."""

    async def revoke_key(self, key: str) -> tuple[KeyView, ...]:
        """Trust a key no more, named by its fingerprint or by a module that it signed; all keys as they are then.

        What was granted to its modules is withdrawn.
        """

    async def restore_key(self, key: str) -> tuple[KeyView, ...]:
        """Trust a key again that was revoked; all keys as they are then."""

    async def bisect(self, step: str) -> BisectionView:
        """Take a step in the search for bad modules, and say how far it is.

        Steps are ``begin``; ``bad`` or ``good``, how it is with what is loaded now; ``back``, which takes the last
        answer back; ``end``, with which all that ran before runs again. A search goes on when the host starts again.
        """

    async def rescan(self) -> None:
        """Look through the module folders again."""

    async def stop(self) -> None:
        """Begin to end the engine cleanly; the connection ends when it has."""


class Source(Questions, Acts, Protocol):
    """All of an engine: what it is asked, and what it is told to do."""
