"""The console: Lua that a person types, run inside one module with that module's limits and permissions."""

from __future__ import annotations

import time
from typing import Final

from host.engine.chronicle import Chronicle
from host.lifecycle.answering import complete, evaluate
from host.lifecycle.instance import Instance
from host.runtime.codec import decode
from host.runtime.faults import printable
from host.vocabulary.errors import HostError
from host.vocabulary.views import Completion, Evaluation, PlainData, ValueRow

LONGEST: Final = 65_536
"""Bytes of text."""
_LOOKED_AT: Final = 500
"""Characters before the cursor that say what is meant."""
_LOGGED: Final = 500
_PRINTED: Final = 200


async def evaluated(instance: Instance, text: str, chronicle: Chronicle) -> Evaluation:
    """Run text in a module, as an expression where it is one, and wait for what it waits for; its log says so.

    Raises:
        ModuleFault: the text did not compile, or raised, or met a limit of the module; it counts as no fault of it.
        HostError: the text is too long, or was stopped while it waited.
    """
    source = text.encode("utf-8", "surrogateescape")
    if len(source) > LONGEST:
        raise HostError(f"the console takes at most {LONGEST:,} bytes; nothing was run")
    chronicle.log(instance.name, "info", f"console: {printable(text[:_LOGGED])}")
    before, started = chronicle.revision, time.perf_counter()
    nodes = decode(await evaluate(instance, source))
    seconds = time.perf_counter() - started
    printed = [line.text for line in chronicle.log_since(before) if line.module == instance.name]
    return Evaluation(results=_rows(nodes), seconds=seconds, printed=tuple(printed[-_PRINTED:]))


def completed(instance: Instance, text: str) -> tuple[Completion, ...]:
    """How the text before a cursor could go on, by the live tables and locals; at most 50 names in order."""
    nodes = decode(complete(instance, text[-_LOOKED_AT:].encode("utf-8", "replace")))
    return tuple(Completion(name=_text(each["name"]), kind=_text(each["kind"])) for each in nodes or ())


def _rows(nodes: PlainData) -> tuple[ValueRow, ...]:
    return tuple(map(_row, nodes or ()))


def _row(node: PlainData) -> ValueRow:
    text = node["text"]
    binary = isinstance(text, bytes)
    return ValueRow(
        key=_text(node.get("key", "")),
        kind="bytes" if binary else _text(node["kind"]),
        text=text[:80].hex(" ") if binary else _text(text),
        entries=node.get("entries", 0),
        rows=_rows(node.get("children")),
    )


def _text(value: str | bytes) -> str:
    return printable(value.decode("utf-8", "replace") if isinstance(value, bytes) else value)
