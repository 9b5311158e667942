"""Commands to a running host, over the protocol."""

from __future__ import annotations

import argparse
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import msgspec

from host.cli.asking import asked
from host.cli.folders import wanted
from host.cli.printing import indented, one_line
from host.protocol.client import Client
from host.protocol.plain import to_wire
from host.vocabulary.views import ModuleView, Plan, ProblemView, Snapshot, SwapReport

T = TypeVar("T")


def status(options: argparse.Namespace) -> int:
    """Print what runs."""
    return asked_and_shown(options, lambda client: client.snapshot(), _status_text)


def load(options: argparse.Namespace) -> int:
    """Load a module."""
    name, specifier = wanted(options.wanted)
    return asked_and_shown(
        options,
        lambda client: client.load(name, specifier, fresh=options.fresh, upgrade=options.upgrade),
        _plan_text,
    )


def unload(options: argparse.Namespace) -> int:
    """Unload a module."""
    return asked_and_shown(
        options,
        lambda client: client.unload(options.name, cascade=options.cascade),
        lambda names: "unloaded " + ", ".join(names),
    )


def swap(options: argparse.Namespace) -> int:
    """Swap a module to a version."""
    return asked_and_shown(
        options, lambda client: client.swap(options.name, options.version, options.also), _report_text
    )


def reload(options: argparse.Namespace) -> int:
    """Swap a module to what lies on disk."""
    return asked_and_shown(options, lambda client: client.reload(options.name), _report_text)


def rollback(options: argparse.Namespace) -> int:
    """Take the last change back, or go back to a point of the history."""
    return asked_and_shown(options, lambda client: client.rollback(options.name, options.to), _report_text)


def quarantine(options: argparse.Namespace) -> int:
    """Switch the hooks and timers of a module off."""
    return asked_and_shown(
        options,
        lambda client: client.quarantine(options.name),
        lambda _nothing: f"{options.name} is quarantined: its hooks and timers are off",
    )


def resume(options: argparse.Namespace) -> int:
    """Switch the hooks and timers of a quarantined module on again."""
    return asked_and_shown(
        options,
        lambda client: client.resume(options.name),
        lambda _nothing: f"{options.name} was resumed",
    )


def isolate(options: argparse.Namespace) -> int:
    """Have a module run in a process of its own, or not."""
    return asked_and_shown(
        options,
        lambda client: client.isolate(options.name, options.isolation),
        lambda isolated: f"{options.name} runs in {'a process of its own' if isolated else 'the engine process'}",
    )


def watch(options: argparse.Namespace) -> int:
    """Have saves of a module taken in, or not."""
    return asked_and_shown(
        options,
        lambda client: client.watch(options.name, on=not options.off),
        lambda _nothing: f"saves of {options.name} are {'not taken in' if options.off else 'taken in'}",
    )


def lock(options: argparse.Namespace) -> int:
    """Keep a module at a version, or at none."""
    return asked_and_shown(
        options,
        lambda client: client.lock(options.name, options.version or ""),
        lambda version: f"{options.name} is locked at {version}" if version else f"{options.name} is locked no more",
    )


def execute(options: argparse.Namespace) -> int:
    """Have a module answer a request."""
    return asked_and_shown(options, lambda client: client.execute(options.name, options.context), as_json)


def stop(options: argparse.Namespace) -> int:
    """End the host."""
    return asked_and_shown(options, lambda client: client.stop(), lambda _nothing: "the host is ending")


def asked_and_shown(
    options: argparse.Namespace, ask: Callable[[Client], Awaitable[T]], text: Callable[[T], str]
) -> int:
    """Ask the running host, and print its answer as text or JSON."""
    answer = asked(options, ask)
    print(as_json(answer) if options.json else text(answer))
    return 0


def as_json(answer: object) -> str:
    """An answer as JSON, whatever is in it."""
    return msgspec.json.encode(to_wire(answer) if isinstance(answer, dict) else answer).decode()


def _plan_text(plan: Plan) -> str:
    loaded = "loaded " + ", ".join(map(str, plan.order))
    return "\n  ".join(map(one_line, (loaded, *plan.warnings)))


def _status_text(view: Snapshot) -> str:
    lines = [f"host {view.engine.version} (process {view.engine.pid}) on {view.engine.data}: {view.engine.watch.text}"]
    lines += [f"  {view.engine.last_death}"] if view.engine.last_death else []
    lines += [f"  {_late(view.engine.gaps)}"] if view.engine.gaps else []
    lines += [
        f"  {module.status.value:<12}{module.name:<19} {module.version:<11} {module.truth}{_beside(module)}"
        for module in view.modules.values()
    ]
    lines = [one_line(line) for line in lines]
    lines += [f"  problem: {_placed(problem)}" for problem in view.problems]
    return "\n".join(lines)


def _late(gaps: int) -> str:
    times = "once" if gaps == 1 else f"{gaps:,} times"
    return f"for more than 0.1 s nothing else was done {times}; the log says in whose Lua"


def _placed(problem: ProblemView) -> str:
    """What a problem says, with the folder of the file that it begins with, or the module that it does not name."""
    file = Path(problem.file)
    if problem.file and problem.message.startswith(file.name):
        return one_line(str(file.parent / problem.message))
    return indented(problem.message if problem.module in problem.message else f"{problem.module}: {problem.message}")


def _beside(module: ModuleView) -> str:
    """Its process, if it has one of its own, and its health, if it tells it."""
    memory, jobs = module.process_memory / 1048576, module.memory_beside / 1048576
    process = f" (process {module.pid}, {memory:.1f} MiB)" if module.isolated else ""
    return process + (f" (jobs: {jobs:.1f} MiB)" if module.memory_beside else "") + _health(module)


def _health(module: ModuleView) -> str:
    if module.health is None:
        return ""
    return f"; {module.health}: {module.health_detail}" if module.health_detail else f"; {module.health}"


def _report_text(report: SwapReport) -> str:
    pause = f" in {report.pause_s * 1000:.1f} ms"
    lines = [
        line
        for each in (report, *report.others)
        for line in (
            f"{each.module} {each.from_version} -> {each.to_version}{pause}",
            *(f"  {note}" for note in each.notes),
            *(f"  not granted: {asked}; allow it with: theseus grant {each.module}" for asked in each.not_granted),
        )
    ]
    return "\n".join(map(one_line, lines))
