"""Values and locks of modules: each module has a namespace of its own, and all share one by permission."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from host.trust.caller import Caller
from host.trust.gate import Gate

from .database import Database
from .face import Face, Held
from .locks import Locks
from .store import NoStore, Store
from .watch import Tell, tell_nobody

SHARED = ""  # the namespace of all; no module is called so


def functions(folder: Path, gate: Gate) -> dict[str, Callable[..., Any]]:
    """What Lua finds in ``host.native``; ``open`` comes first."""

    def own(caller: Caller) -> str:
        return caller.manifest.name

    def shared(caller: Caller) -> str:
        gate.check(caller, "state", "shared")
        return SHARED

    def open_store(_caller: Caller, config: dict[str, Any]) -> str:
        held.store = opened(folder, config, gate.tell)
        held.locks = Locks(held.store)
        return held.store.notice

    held = Held(NoStore())
    faces = {"": Face(held, own), "shared_": Face(held, shared)}
    return {
        "close": held.close,
        "open": open_store,
        **{prefix + name: call for prefix, face in faces.items() for name, call in face.functions().items()},
    }


def opened(folder: Path, config: dict[str, Any], tell: Tell = tell_nobody) -> Store:
    """The store that a configuration names."""
    if config.get("backend", "sqlite") == "sqlite":
        return Database(folder, tell=tell)
    from .server import Server  # noqa: PLC0415 - redis is an extra, and takes 0.2 s to import

    return Server(config.get("redis", "redis://127.0.0.1:6379/0"), config.get("prefix", "theseus"))
