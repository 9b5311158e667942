"""Makes ``docs/protocol.md`` out of the types: ``python -m host.protocol.documentation > docs/protocol.md``."""

from __future__ import annotations

import builtins
import inspect
import sys
import types
import typing
from collections import abc
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from typing import Any, Final, get_args, get_origin, get_type_hints

import msgspec

from host.protocol import conversation, endpoint, framing, messages, plain, refusal
from host.protocol.endpoint import Announcement
from host.protocol.messages import Acts, Questions
from host.vocabulary import errors
from host.vocabulary.errors import HostError

_INTRODUCTION: Final = f"""# The protocol

Made from `host/protocol` and `host/vocabulary` by `python -m host.protocol.documentation > docs/protocol.md`.

A running engine answers JSON-RPC 2.0 on a socket that only its user can open. This is protocol version \
{messages.PROTOCOL_VERSION}. Within a version things are added and never change their meaning: leave out what you do \
not know, as the engine does.

## Finding the engine

`{endpoint.ANNOUNCEMENT_NAME}` in the data folder says where it listens; where that folder takes no file, it lies in \
`$XDG_RUNTIME_DIR/theseus-UID-DIGEST` (else `$TMPDIR`, `/tmp`). An engine that was killed leaves it behind: whether \
one answers, only connecting tells.
"""

_TALKING: Final = f"""## Talking

- A message is four bytes of length, the most significant first, and that many bytes of JSON in UTF-8; at most \
{framing.LARGEST >> 20} MiB either way.
- Parameters are given by name. Those that a method does not know are ignored; those it has a default for can be left \
out.
- Requests of one connection run together, {conversation.Patience().at_once} at most, and are answered as they end: \
match answers by `id`. A request without `id` is done and not answered.
- The first request has to come within {conversation.Patience().first_s:g} seconds. Over TCP it has to be one with the \
parameter `token`. Who does not read an answer for {conversation.Patience().read_s:g} seconds is dropped.
- When a connection ends, what was waited for ({", ".join(f"`{name}`" for name in sorted(messages.WAITING))}) ends \
with it; everything else that was begun runs to its end.

A sketch of a client:

```python
import json, socket


def ask(connection, method, **parameters):
    message = json.dumps({{"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}}).encode()
    connection.sendall(len(message).to_bytes(4, "big") + message)
    stream = connection.makefile("rb")
    return json.loads(stream.read(int.from_bytes(stream.read(4), "big")))


with socket.socket(socket.AF_UNIX) as connection:
    connection.connect("data-dir/{endpoint.SOCKET_NAME}")
    print(ask(connection, "snapshot")["result"]["modules"].keys())
```

## Plain data
"""

_SCALARS: Final[Mapping[Any, str]] = {
    str: "text",
    int: "integer",
    float: "number",
    bool: "boolean",
    bytes: "bytes",
    types.NoneType: "nothing",
    Any: "plain data",
}


def document() -> str:
    """Return the whole page."""
    sections = [
        _INTRODUCTION,
        _shape(Announcement),
        _TALKING,
        "\n\n".join(_paragraphs(plain)[1:]),
        _methods("Questions", Questions),
        _methods("Acts", Acts),
        "## Types\n",
        *(f"### {kind.__name__}\n\n{_shape(kind)}" for kind in _types()),
        _refusals(),
    ]
    return "\n\n".join(section.rstrip("\n") for section in sections) + "\n"


def _methods(title: str, contract: type) -> str:
    methods = {name: each for name, each in vars(contract).items() if inspect.iscoroutinefunction(each)}
    return f"## {title}\n\n{inspect.getdoc(contract)}\n\n" + "\n".join(
        f"### `{name}`\n\n{inspect.getdoc(method)}\n\n{_signature(method)}" for name, method in methods.items()
    )


def _signature(method: Callable[..., object]) -> str:
    hints = get_type_hints(method)
    rows = [
        (f"`{name}`", _words(hints[name]), _default(each.default))
        for name, each in inspect.signature(method).parameters.items()
        if name != "self"
    ]
    return _table(("parameter", "type", "default"), rows) + f"Result: {_words(hints['return'])}.\n"


def _shape(kind: type) -> str:
    """Describe one type: what it is, and its fields or its words."""
    said = "\n\n".join(each for each in _paragraphs(kind) if not _is_of_fields(each)) + "\n\n"
    if issubclass(kind, Enum):
        return said + ", ".join(f"`{each.value}`" for each in kind) + "\n"
    hints = get_type_hints(kind)
    rows = [(f"`{name}`", _words(hints[name]), _default(default)) for name, default in _fields(kind).items()]
    described: list[type] = [each for each in reversed(kind.mro()) if _is_record(each)] or [kind]
    meanings = [each for one in described for each in _paragraphs(one) if _is_of_fields(each)]
    return said + _table(("field", "type", "default"), rows) + _list_of(meanings)


def _is_of_fields(paragraph: str) -> bool:
    return paragraph.startswith("Attributes:")


def _list_of(meanings: list[str]) -> str:
    """Make a Markdown list of the ``Attributes`` of docstrings."""
    bodies = [inspect.cleandoc(each.partition("\n")[2]) for each in meanings]
    entries = [entry for body in bodies for entry in body.replace("\n    ", " ").split("\n")]
    return "".join("- `{}`:{}\n".format(*entry.partition(":")[::2]) for entry in entries) + "\n" * bool(entries)


def _types() -> list[type]:
    """Every type that a result is made of, in the order in which one meets them."""
    found: dict[type, None] = {}

    def visit(hint: object) -> None:
        for inner in get_args(hint):
            visit(inner)
        if isinstance(hint, type) and hint not in found and (_is_record(hint) or issubclass(hint, Enum)):
            found[hint] = None
            if _is_record(hint):
                for inner in get_type_hints(hint).values():
                    visit(inner)

    for contract in (Questions, Acts):
        for method in vars(contract).values():
            if inspect.iscoroutinefunction(method):
                visit(get_type_hints(method)["return"])
    return list(found)


def refusals() -> set[type[HostError]]:
    """Return every kind of refusal that has a code of its own."""
    kinds = {each for module in (errors, framing, refusal) for each in vars(module).values() if isinstance(each, type)}
    return {
        kind
        for kind in kinds
        if issubclass(kind, HostError) and kind is not HostError and isinstance(vars(kind).get("code"), int)
    }


def _refusals() -> str:
    rows = [
        (str(kind.code), _paragraphs(kind)[0].replace("\n", " "), ", ".join(f"`{name}`" for name in _fields(kind)))
        for kind in sorted(refusals(), key=lambda kind: -kind.code)
    ]
    introduction = (
        "## Refusals\n\nThe `error` of an answer has a `code`, a `message`, which is one sentence for people, and"
        " `data` with the facts it is made of.\n\n"
    )
    return introduction + _table(("code", "meaning", "facts"), rows).rstrip("\n") + "\n"


def _words(hint: Any) -> str:  # noqa: ANN401 - a type
    """Say a type as a reader of JSON would."""
    arguments = get_args(hint)
    match get_origin(hint):
        case builtins.list | builtins.tuple:
            return f"list of {_words(arguments[0])}"
        case abc.Mapping:
            return f"object of {_words(arguments[1])} by {_words(arguments[0])}"
        case types.UnionType | typing.Union:
            return " or ".join(_words(each) for each in arguments)
    if hint in _SCALARS:
        return _SCALARS[hint]
    name: str = hint.__name__
    return f"[{name}](#{name.lower()})"


def _is_record(kind: type) -> bool:
    return is_dataclass(kind) or issubclass(kind, msgspec.Struct)


def _fields(kind: type) -> dict[str, object]:
    """The fields of a type with their defaults; a default that is made each time is told as none."""
    if issubclass(kind, msgspec.Struct):
        given: dict[str, object] = {each.name: each.default for each in msgspec.structs.fields(kind)}
    else:
        given = {each.name: each.default for each in fields(kind)} if is_dataclass(kind) else {}
    return {
        name: inspect.Parameter.empty if default in (MISSING, msgspec.NODEFAULT) else default
        for name, default in given.items()
    }


def _default(value: object) -> str:
    return "" if value is inspect.Parameter.empty else f"`{msgspec.json.encode(value).decode()}`"


def _paragraphs(of: object) -> list[str]:
    return (inspect.getdoc(of) or "").split("\n\n")


def _table(head: tuple[str, str, str], rows: list[tuple[str, str, str]]) -> str:
    if not rows:
        return ""
    lines = [head, ("---", "---", "---"), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(document())
