"""What modules show in their panels, as lines."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Any

from host.cli.printing import one_line
from host.cli.steering import asked_and_shown
from host.protocol.client import Client
from host.vocabulary.errors import ModuleUnknown
from host.vocabulary.views import PanelChange, PanelNode


def panels(options: argparse.Namespace) -> int:
    """Print the panels of all modules, or of one."""

    async def ask(client: Client) -> tuple[PanelChange, ...]:
        modules = (await client.snapshot()).modules
        if options.name and options.name not in modules:
            raise ModuleUnknown(options.name, tuple(modules))
        return tuple(each for each in await client.panels() if options.name in {"", each.module})

    return asked_and_shown(options, ask, _text)


def _text(shown: tuple[PanelChange, ...]) -> str:
    lines = []
    for each in shown:
        if each.whole is not None:
            lines.append(f"{each.module}/{each.panel}: {each.whole.title}")
            lines += [f"  {line}" for node in each.whole.children for line in _lines(node)]
    return "\n".join(map(one_line, lines)) or "no module shows a panel"


def _lines(node: PanelNode) -> Iterator[str]:
    has = node.properties
    head = " ".join([node.key, *([has["label"]] if has.get("label") else [])])
    match node.kind:
        case "row" | "column":
            for child in node.children:
                yield from _lines(child)
            return
        case "label" | "button":
            text = has.get("text", "")
            yield f"{head}: [{text}]" if node.kind == "button" else f"{head}: {text}"
        case "text":
            yield f"{head}:"
            yield from (f"  {line}" for line in has.get("text", "").split("\n"))
        case "table":
            yield f"{head}:"
            rows = [has["columns"], *has.get("rows", [])] if has.get("columns") else has.get("rows", [])
            yield from (f"  {'  '.join(map(_word, row))}" for row in rows)
        case "plot":
            yield f"{head}: {' '.join(map(_word, has.get('values', [])))}"
        case "meter":
            low, most = has.get("min", 0), has.get("max", 1)
            worded = f"{_word(has.get('value'))} of {_word(low)} to {_word(most)}"
            yield f"{head}: {has.get('text') or worded}"
        case _:
            yield f"{head}: {_word(has.get('value'))} {has.get('unit', '')}".rstrip()


def _word(value: Any) -> str:  # noqa: ANN401 - whatever a widget shows
    match value:
        case None:
            return "-"
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:g}"
    return str(value)
