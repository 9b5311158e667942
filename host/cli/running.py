"""``run``, ``engine`` and ``attach``."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from host.cli.folders import data_folder, module_folders
from host.cli.printing import indented

if TYPE_CHECKING:
    from host.cli.serving import Serving
    from host.vocabulary.events import Event


def run(options: argparse.Namespace) -> int:
    """Open the window, or run headless where it was asked for or no window can be shown."""
    if options.headless:
        return _headless(options)
    from host.desktop.app import CannotShow
    from host.desktop.app import attach as open_on
    from host.desktop.app import run as open_window

    data = data_folder(options)
    try:
        if _runs_already(data):
            print(f"theseus: a host already runs on {data}; this window shows it as it was started", file=sys.stderr)
            return open_on(data=data)
        return open_window(
            engine_command=engine_command(options),
            safe_command=engine_command(options, safe=True),
            data=data,
        )
    except CannotShow as why:
        print(f"theseus: {why}; the host runs headless, Ctrl-C ends it", file=sys.stderr)
        return _headless(options)


def attach(options: argparse.Namespace) -> int:
    """Open a window on a host that runs already."""
    from host.desktop.app import CannotShow
    from host.desktop.app import attach as open_window

    try:
        return open_window(data=data_folder(options))
    except CannotShow as why:
        print(f"theseus: {why}", file=sys.stderr)
        return 1


def ui_dump(options: argparse.Namespace) -> int:
    """Print what a window shows once its engine is ready; on a data folder that is gone afterwards, unless named."""
    import json
    import tempfile

    from host.desktop.app import CannotShow, dump

    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory(prefix="theseus-") as passing:
        options.data = options.data or Path(passing)
        try:
            shown = dump(engine_command=engine_command(options), data=data_folder(options))
        except CannotShow as why:
            print(f"theseus: {why}", file=sys.stderr)
            return 1
    print(json.dumps(shown, ensure_ascii=False, indent=1))
    return 0


def engine(options: argparse.Namespace) -> int:
    """Serve beside a window: say when it is ready, end when the window ends."""
    import asyncio

    from host.protocol.beside import end_when_stuck, tell_ready, window_gone

    async def beside() -> None:
        from host.cli.serving import served

        stopping = asyncio.Event()
        window_gone().add_done_callback(lambda _gone: stopping.set())
        stuck = asyncio.create_task(end_when_stuck())
        try:
            async with served(_serving(options, restore=True), stopping, lambda _event: None):
                tell_ready()
                await stopping.wait()
        finally:
            stuck.cancel()

    asyncio.run(beside())
    return 0


def _runs_already(data: Path) -> bool:
    """Whether a host answers on a data folder; where none has announced itself, nothing is imported to ask."""
    if not (data / "engine.json").exists():
        return False
    import asyncio

    from host.protocol.client import Client
    from host.vocabulary.errors import HostUnreachable

    async def answers() -> bool:
        try:
            async with await Client.connect(data):
                return True
        except HostUnreachable:
            return False

    return asyncio.run(answers())


def _headless(options: argparse.Namespace) -> int:
    """Serve until somebody asks for the end; a keeper starts the engine again where it dies or hangs."""
    import asyncio

    from host.protocol.keeper import Line, answer, keep

    on_event: Callable[[Event], None] = _print_json if options.events == "jsonl" else _print_text

    async def alone(keeper: Line | None) -> None:
        from host.cli.serving import served
        from host.storage.lock import hold_for

        stopping = asyncio.Event()
        if keeper is not None:
            hold_for(os.getppid())
            answer(keeper, stopping.set)
        async with served(_serving(options, restore=False), stopping, on_event):
            await stopping.wait()

    def serve(keeper: Line | None) -> int:
        asyncio.run(alone(keeper))
        return 0

    return keep(serve, data_folder(options))


def _serving(options: argparse.Namespace, *, restore: bool) -> Serving:
    from host.cli.serving import Serving

    return Serving(
        modules=module_folders(options),
        data=data_folder(options),
        load=options.load,
        watch=not options.no_watch,
        safe=options.safe,
        quarantine=options.quarantine,
        restore=restore,
        metrics=options.metrics,
        traces=options.traces or "",
    )


def engine_command(options: argparse.Namespace, *, safe: bool = False) -> list[str]:
    """What a window runs beside itself, to the same end; ``safe``: what it runs to have nothing loaded."""
    words = [sys.executable, *_apart_from_here(), "-m", "host", "engine", "--data", str(data_folder(options))]
    for folder in module_folders(options):
        words += ["--modules", str(folder)]
    for each in () if safe else options.load:
        words += ["--load", each]
    words += ["--no-watch"] * options.no_watch + ["--safe"] * (safe or options.safe)
    if getattr(options, "metrics", None):
        words += ["--metrics", "[{}]:{}".format(*options.metrics)]
    if getattr(options, "traces", None):
        words += ["--traces", options.traces]
    words += ["--quarantine", "{}/{}s".format(*options.quarantine) if options.quarantine else "never"]
    return words


def _apart_from_here() -> tuple[str, ...]:
    """Have Python import nothing from the working folder, which may be anybody's; unless the host itself lies there."""
    return () if Path.cwd() == Path(__file__).parents[2] else ("-P",)


def _print_json(event: Event) -> None:
    import msgspec

    print(msgspec.json.encode(event).decode(), flush=True)


def _print_text(event: Event) -> None:
    from host.vocabulary.clock import clock

    print(f"{clock(event.at)}  {indented(event.text)}", flush=True)
