"""What can be typed. A command's function is imported when it is called, so that the window comes up fast."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from host.discovery.quantities import DURATION
from host.vocabulary.errors import option_of
from host.vocabulary.identity import HOST_VERSION
from host.vocabulary.permission import PERMISSIONS
from host.vocabulary.states import SearchStep

Command = Callable[[argparse.Namespace], int]
Commands = Any  # argparse's class for them is private

_DIGITS = 7
MOST_ROWS = 100_000

_SPECIFIED = "as in chat, chat==1.2.3, chat^1.2 or 'chat 1.2.x'; a name may end with digits, so chat1.2 is a name"

_STARTS = frozenset({"run", "engine"})
"""Commands that wait for the making of few others."""
_HELP = frozenset({"-h", "--help", "--version"})


def parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line; without a command it is ``run``. Exits with 2 on misuse."""
    parser = argparse.ArgumentParser(prog="theseus", description="Run Lua modules, and replace them while they run.")
    parser.add_argument("--version", action="version", version=f"theseus {HOST_VERSION}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    words = list(sys.argv[1:] if arguments is None else arguments)
    if not words or (words[0].startswith("-") and words[0] not in _HELP):
        words.insert(0, "run")
    _add_running(commands)
    if words[0] not in _STARTS:
        _add_looking(commands)
        _add_making(commands)
        _add_steering(commands)
        _add_access(commands)
    return parser.parse_args(words)


def _add_running(commands: Commands) -> None:
    run = _command(commands, "run", "running", "run", "open the workbench, with an engine beside it")
    engine = _command(commands, "engine", "running", "engine", "the engine beside a window, which starts it itself")
    dump = _command(commands, "ui-dump", "running", "ui_dump", "print what the window shows, as JSON, and end")
    for parser in (run, engine, dump):
        _add_folders(parser)
        parser.add_argument(
            "--load", action="append", default=[], metavar="NAME[SPEC]", help="load a module, as in chat==1.0.0"
        )
        parser.add_argument("--no-watch", action="store_true", help="do not reload what changes on disk")
        parser.add_argument("--safe", action="store_true", help="load nothing by itself")
        parser.add_argument(
            "--quarantine",
            type=_patience,
            default="5/10s",
            metavar="FAULTS/TIME",
            help="switch a module off after so many faults in such a time (5/10s where absent), or never",
        )
    for parser in (run, engine):
        parser.add_argument(
            "--metrics", type=_address, metavar="HOST:PORT", help="serve /metrics and /health, as at 127.0.0.1:9464"
        )
        parser.add_argument(
            "--traces",
            type=_url,
            metavar="URL",
            help="send spans of hooks, calls and swaps to an OpenTelemetry collector, as at http://127.0.0.1:4318",
        )
    run.add_argument("--headless", action="store_true", help="no window; print what happens until Ctrl-C")
    run.add_argument("--events", choices=("text", "jsonl"), default="text", help="how a headless run prints")
    attach = _command(commands, "attach", "running", "attach", "open a window on a host that runs already")
    _add_data(attach)
    entry = _command(commands, "desktop-entry", "desktop_entry", "desktop_entry", "print an entry for the desktop")
    place = entry.add_mutually_exclusive_group()
    place.add_argument("--install", action="store_true", help="put it and the icon where your desktop looks for them")
    place.add_argument("--remove", action="store_true", help="take both away again")


def _add_looking(commands: Commands) -> None:
    listing = _command(commands, "list", "looking", "show_list", "every module version on disk")
    listing.add_argument("--startup", action="store_true", help="only what loads at a start, in its order")
    listing.add_argument("wanted", nargs="*", metavar="NAME[SPEC]", help="what loads at a start if these are asked for")
    resolve = _command(commands, "resolve", "looking", "show_resolution", "which versions would load, in which order")
    resolve.add_argument("wanted", nargs="+", metavar="NAME[SPEC]", help=_SPECIFIED)
    resolve.add_argument("--upgrade", action="store_true", help="prefer the newest versions to those that run there")
    graph = _command(commands, "graph", "looking", "show_graph", "what needs what")
    graph.add_argument("names", nargs="*", metavar="NAME", help="and what they need; all where none is named")
    graph.add_argument("--format", choices=("dot", "json", "svg"), default="dot")
    why = _command(commands, "why", "explaining", "show_why", "what leads to a module that runs, or lies on disk")
    why.add_argument("name", metavar="NAME")
    outdated = _command(commands, "outdated", "explaining", "show_outdated", "newer versions, and what holds them back")
    for parser in (listing, resolve, graph, why, outdated):
        parser.add_argument(
            "--modules", action="append", type=Path, metavar="DIR", help="answer about these folders; repeatable"
        )
        parser.add_argument(
            "--data",
            type=Path,
            metavar="DIR",
            help="answer about the host of this data folder, unless folders are named",
        )
        parser.epilog = (
            "Where neither is named: about the host that runs on the user's own data folder, else about ./modules, "
            "else about the modules that came with the program."
        )
        _add_json(parser)


def _add_making(commands: Commands) -> None:
    check = _command(commands, "check", "making", "check", "look for faults in a module's folder")
    _add_modules(check)
    test = _command(commands, "test", "making", "test", "run the Lua tests of a module")
    for parser in (check, test):
        parser.add_argument("folder", type=Path, metavar="DIR")
        _add_json(parser)
    _add_packing(commands)
    new = _command(commands, "new", "making", "new", "make a module from a template")
    new.add_argument("place", metavar="TIER/NAME")
    _add_modules(new)


def _add_packing(commands: Commands) -> None:
    keygen = _command(commands, "keygen", "packing", "keygen", "make a key that signs packages")
    keygen.add_argument("file", type=Path, nargs="?", metavar="FILE", help="in the data folder where absent")
    pack = _command(commands, "pack", "packing", "pack", "make one file of a module, signed")
    pack.add_argument("folder", type=Path, metavar="DIR")
    pack.add_argument("--output", type=Path, metavar="FILE", help="NAME-VERSION.zip here where absent")
    signing = pack.add_mutually_exclusive_group()
    signing.add_argument("--key", type=Path, metavar="FILE", help="the data folder's own where absent")
    signing.add_argument("--new-key", type=Path, metavar="FILE", help="make this key first")
    signing.add_argument("--unsigned", action="store_true", help="sign it with none")
    install = _command(commands, "install", "packing", "install", "verify a package, show what it asks for, install it")
    install.add_argument("file", type=Path, metavar="FILE", help="a package, or a module's folder, which nobody signed")
    install.add_argument("--tier", default="plugins", metavar="TIER", help="plugins where absent")
    install.add_argument("--yes", action="store_true", help="do not ask")
    install.add_argument("--unsigned", action="store_true", help="though nobody signed it")
    install.add_argument("--trust-key", action="store_true", help="though earlier packages had another key")
    install.add_argument("--replace", action="store_true", help="though that version is there")
    uninstall = _command(commands, "uninstall", "packing", "uninstall", "move a module version to the trash")
    restore = _command(commands, "restore", "packing", "restore", "take a module version back from the trash")
    for parser in (uninstall, restore):
        parser.add_argument("wanted", metavar="NAME[==VERSION]")
    for parser in (install, uninstall, restore):
        _add_modules(parser)
    for parser in (keygen, pack, install, uninstall, restore):
        _add_data(parser)
        _add_json(parser)


def _add_steering(commands: Commands) -> None:
    status = _command(commands, "status", "steering", "status", "what runs now")
    panels = _command(commands, "panels", "showing", "panels", "what modules show in their panels")
    panels.add_argument("name", nargs="?", default="", metavar="NAME", help="of this module only")
    load = _command(commands, "load", "steering", "load", "load a module and what it needs")
    load.add_argument("wanted", metavar="NAME[SPEC]", help=_SPECIFIED)
    load.add_argument("--fresh", action="store_true", help="without its last checkpoint")
    load.add_argument("--upgrade", action="store_true", help="swap what is loaded of it to the newest versions")
    unload = _command(commands, "unload", "steering", "unload", "unload a module")
    unload.add_argument("name", metavar="NAME")
    unload.add_argument("--cascade", action="store_true", help="and those that need it")
    swap = _command(commands, "swap", "steering", "swap", "replace a module by another version, with its state")
    rehearse = _command(commands, "rehearse", "rehearsing", "rehearse", "what a swap would do, without doing it")
    for parser in (swap, rehearse):
        parser.add_argument("name", metavar="NAME")
        parser.add_argument("version", type=_word, metavar="VERSION")
        parser.add_argument(
            "also", nargs="*", type=_word, action=_Pairs, metavar="NAME VERSION", help="and others along with it"
        )
    switches = _add_switches(commands)
    reload = _command(commands, "reload", "steering", "reload", "replace a module by what its folder holds now")
    reload.add_argument("name", metavar="NAME")
    rollback = _command(commands, "rollback", "steering", "rollback", "take the last change of a module back")
    rollback.add_argument("name", metavar="NAME")
    rollback.add_argument("--to", type=int, metavar="ID", help="bring back what ran after this act of its history")
    history = _command(commands, "history", "remembering", "history", "what was done to a module, newest first")
    history.add_argument("name", metavar="NAME")
    compare = _command(commands, "compare", "remembering", "compare", "what changed between two acts of a history")
    compare.add_argument("name", metavar="NAME")
    compare.add_argument("earlier", type=int, metavar="A", help="id of an act, as history shows it")
    compare.add_argument("later", type=int, nargs="?", metavar="B", help="of another; what runs now where absent")
    execute = _command(commands, "execute", "steering", "execute", "have a module answer a request; prints it as JSON")
    execute.add_argument("name", metavar="NAME")
    execute.add_argument(
        "context", nargs="?", type=_object, default={}, metavar="JSON", help='as in {"parameters": {}}'
    )
    bisect = _command(commands, "bisect", "bisecting", "bisect", "find the modules that are bad, alone or together")
    how = bisect.add_mutually_exclusive_group()
    how.add_argument(
        "step",
        nargs="?",
        choices=[each.value for each in SearchStep],
        help="begin, answer, take the last answer back, end",
    )
    how.add_argument(
        "--check", metavar="COMMAND", help="answers each time: it is bad where this ends with anything but 0"
    )
    stop = _command(commands, "stop", "steering", "stop", "end the running host cleanly")
    steering = (status, panels, load, unload, swap, rehearse, *switches, reload, rollback, history, compare)
    for parser in (*steering, execute, bisect, stop):
        _add_data(parser)
        _add_json(parser)


def _add_switches(commands: Commands) -> tuple[argparse.ArgumentParser, ...]:
    """What holds of a module until it is said otherwise."""
    quarantine = _command(commands, "quarantine", "steering", "quarantine", "switch a module's hooks and timers off")
    quarantine.add_argument("name", metavar="NAME")
    resume = _command(commands, "resume", "steering", "resume", "switch a quarantined module's hooks on again")
    resume.add_argument("name", metavar="NAME")
    isolate = _command(commands, "isolate", "steering", "isolate", "have a module run in a process of its own, or not")
    isolate.add_argument("name", metavar="NAME")
    where = isolate.add_mutually_exclusive_group()
    where.add_argument("--off", dest="isolation", action="store_const", const="shared", help="in the engine's process")
    where.add_argument("--as-asked", dest="isolation", action="store_const", const="", help="as its manifest says")
    isolate.set_defaults(isolation="process")
    watch = _command(commands, "watch", "steering", "watch", "have saves of a module run by themselves, or not")
    watch.add_argument("name", metavar="NAME")
    watch.add_argument("--off", action="store_true", help="not any more, until the host ends")
    lock = _command(commands, "lock", "steering", "lock", "keep a module at a version")
    lock.add_argument("name", metavar="NAME")
    at = lock.add_mutually_exclusive_group(required=True)
    at.add_argument("version", nargs="?", type=_word, metavar="VERSION")
    at.add_argument("--off", action="store_true", help="at none any more")
    return quarantine, resume, isolate, watch, lock


def _add_access(commands: Commands) -> None:
    grant = _command(commands, "grant", "granting", "grant", "let a module use what its manifest asks for")
    revoke = _command(commands, "revoke", "granting", "revoke", "take back what was granted to a module")
    for parser in (grant, revoke):
        parser.add_argument("name", metavar="NAME")
        for permission in PERMISSIONS:
            parser.add_argument(
                option_of(permission),
                dest=f"patterns of {permission}",
                action="extend",
                nargs="*",
                metavar="PATTERN",
                help=f"of {permission} only these; all that is asked for where none is named",
            )
        parser.add_argument("--versions", default="*", metavar="SPEC", help="of these versions of it only")
    grants = _command(commands, "grants", "granting", "grants", "what is granted to modules, and denied them")
    grants.add_argument("name", nargs="?", default="", metavar="NAME")
    keys = _command(commands, "keys", "trusting", "keys", "the keys that packages were signed with, and revoked ones")
    which = keys.add_mutually_exclusive_group()
    which.add_argument("--revoke", type=_word, metavar="KEY", help="trust it no more: a fingerprint, or a module")
    which.add_argument("--restore", type=_word, metavar="KEY", help="trust it again")
    audit = _command(commands, "audit", "auditing", "audit", "what was done in the name of modules, newest first")
    audit.add_argument("--module", default="", metavar="NAME", help="of this one only")
    audit.add_argument("--count", type=_count, default=100, metavar="N", help="so many rows at most")
    audit.add_argument("--verify", action="store_true", help="look whether every row is as it was written")
    _add_data(audit)
    _add_json(audit)
    for parser in (grant, revoke, grants, keys):
        _add_folders(parser)
        _add_json(parser)


def _command(commands: Commands, name: str, module: str, function: str, words: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(
        name, help=words, description=f"{words[0].upper()}{words[1:]}."
    )
    parser.set_defaults(command=_later(module, function), json=False)
    return parser


def _word(text: str) -> str:
    if not text.strip():
        raise argparse.ArgumentTypeError("a name or a version is expected, not an empty text")
    return text


def _url(text: str) -> str:
    if not text.startswith(("http://", "https://")):
        raise argparse.ArgumentTypeError(f"{text!r} is no address as in http://127.0.0.1:4318")
    return text


def _address(text: str) -> tuple[str, int]:
    """``127.0.0.1:9464``, ``[::1]:9464``."""
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is no address as in 127.0.0.1:9464")
    return host.strip("[]"), int(port)


def _patience(text: str) -> tuple[int, float] | None:
    """How many faults in how many seconds; ``None`` for ``never``."""
    if text == "never":
        return None
    count, _, time = text.partition("/")
    if not (count.isascii() and count.isdigit() and len(count) < _DIGITS and int(count)):
        raise argparse.ArgumentTypeError(f"{text!r} is not understood; write it as in '5/10s', or 'never'")
    try:
        return int(count), DURATION.parse(time)
    except ValueError as refusal:
        raise argparse.ArgumentTypeError(str(refusal)) from None


def _count(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) <= MOST_ROWS:
        raise argparse.ArgumentTypeError(f"a number from 1 to {MOST_ROWS} is expected")
    return int(text)


def _object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise argparse.ArgumentTypeError('a JSON object is expected, as in {"parameters": {}}')
    return value


class _Pairs(argparse.Action):
    """Takes names and versions in turn."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: str | Sequence[object] | None,
        option_string: str | None = None,
    ) -> None:
        del option_string
        words = list(map(str, values or ()))
        if len(words) % 2:
            parser.error(f"a version is missing after {words[-1]}")
        named = [getattr(namespace, "name", ""), *words[::2]]
        if twice := next((name for name in named if named.count(name) > 1), ""):
            parser.error(f"{twice} is named twice")
        setattr(namespace, self.dest, dict(zip(words[::2], words[1::2], strict=True)))


def _later(module: str, function: str) -> Command:
    def command(options: argparse.Namespace) -> int:
        found: Command = getattr(import_module(f"host.cli.{module}"), function)
        return found(options)

    return command


def _add_folders(parser: argparse.ArgumentParser) -> None:
    _add_modules(parser)
    _add_data(parser)


def _add_modules(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--modules", action="append", type=Path, metavar="DIR", help="a folder of modules; repeatable")


def _add_data(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, metavar="DIR", help="the data folder; the user's own where absent")


def _add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="answer in JSON")
