"""Text formats, to plain data and back; what one needs is imported when it is first asked for."""

import base64
import csv
import hashlib
import hmac
import io
import json
import re
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from host.lifecycle.native import encoded
from host.lifecycle.native_data import Data, plain, sayable
from host.runtime.crossing import Crossing
from host.vocabulary.errors import HostError, NotData

MOST_VALUES = 200_000  # of a document, each alias counted as often as it stands for something
LARGEST_TOML = 1 << 18  # bytes
LONG_KEY = re.compile(rb"(?:[\w\"'-]+[ \t]*\.[ \t]*){50}")  # the parser's time grows with the square of these
HASHES = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512", "blake2b", "sha3_256")


def functions(_folder: Path) -> dict[str, Callable[..., Any]]:
    """What Lua finds in ``host.native``."""
    return {
        "base64_decode": base64_decode,
        "base64_encode": lambda data: base64.b64encode(raw(data)).decode(),
        "csv_decode": reading("CSV", csv_decode),
        "csv_encode": writing("CSV", csv_encode),
        "hash": lambda algorithm, data: hashlib.new(known(algorithm), raw(data)).hexdigest(),
        "hmac": lambda algorithm, key, data: hmac.new(raw(key), raw(data), known(algorithm)).hexdigest(),
        "json_decode": reading("JSON", json_decode),
        "json_encode": writing("JSON", json_encode),
        "toml_decode": reading("TOML", toml_decode),
        "toml_encode": writing("TOML", toml_encode),
        "uuid": lambda: str(uuid.uuid4()),
        "xml_decode": reading("XML", xml_decode),
        "xml_encode": writing("XML", xml_encode),
        "yaml_decode": reading("YAML", yaml_decode),
        "yaml_encode": writing("YAML", yaml_encode),
    }


def raw(data: str | bytes) -> bytes:
    return data if isinstance(data, bytes) else data.encode()


def known(algorithm: str) -> str:
    if algorithm not in HASHES:
        raise OSError(f"no hash is called {str(algorithm)[:40]!r}; there are {', '.join(HASHES)}")
    return algorithm


def reading(name: str, parse: Callable[..., Data]) -> Callable[..., Data]:
    """Give what a text says, or nothing and what is wrong with it."""

    @encoded
    def read(argument: Crossing) -> Crossing:
        text, options = (*argument.values(), None)[:2]
        if isinstance(text, bytes):
            raise OSError(f"{name}: the text is not UTF-8")
        try:
            return Crossing.of(plain(small(parse(text, options or {}))))
        except NotData as fault:
            raise OSError(f"{name}: {fault}") from None
        except RecursionError:
            raise OSError(f"{name}: nested too deep") from None
        except (ValueError, KeyError, TypeError, SyntaxError, csv.Error) as fault:
            raise OSError(f"{name}: {one_line(fault)}") from None

    return read


def writing(name: str, write: Callable[..., str]) -> Callable[..., str]:
    """Give a value as text, or nothing and what cannot be said in it."""

    def written(value: Data, options: Data = None) -> str:
        try:
            return write(sayable(value), options or {})
        except (ValueError, TypeError, AttributeError, KeyError, RecursionError, csv.Error) as fault:
            raise OSError(f"{name} cannot say it: {one_line(fault)}") from None

    return written


def one_line(fault: Exception) -> str:
    return " ".join(str(fault).split())[:300] or type(fault).__name__


def size_of(value: Data, known: dict[int, int]) -> int:
    """How many values stand in one, with each alias written out; ``known`` by what was counted already."""
    if not isinstance(value, dict | list | tuple | set | frozenset):
        return 1
    if id(value) in known:
        if known[id(value)] == 0:
            raise ValueError("it holds itself")
        return known[id(value)]
    known[id(value)] = 0
    size = 1 + sum(size_of(each, known) for each in (value.values() if isinstance(value, dict) else value))
    known[id(value)] = size
    return size


def small(value: Data) -> Data:
    if size_of(value, {}) > MOST_VALUES:
        raise ValueError(f"more than {MOST_VALUES:,} values, aliases counted")
    return value


def base64_decode(text: str | bytes) -> bytes:
    try:
        return base64.b64decode(raw(text), validate=True)
    except ValueError as fault:
        raise OSError(f"base64: {one_line(fault)}") from None


def json_decode(text: str, _options: Data) -> Data:
    def once(pairs: list[tuple[str, Data]]) -> dict[str, Data]:
        found = dict(pairs)
        if len(found) < len(pairs):
            raise ValueError("a key stands twice in one object")
        return found

    def refuse(constant: str) -> float:
        raise ValueError(f"{constant} is no JSON")

    return json.loads(text, object_pairs_hook=once, parse_constant=refuse)


def json_encode(value: Data, options: Data) -> str:
    indent = int(options["indent"]) if "indent" in options else None
    separators = (",", ": ") if indent else (",", ":")
    return json.dumps(value, ensure_ascii=False, allow_nan=False, indent=indent, separators=separators, sort_keys=True)


def yaml_decode(text: str, _options: Data) -> Data:
    import yaml  # noqa: PLC0415 - only who asks for it pays

    try:
        return yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - the safe ones
    except yaml.YAMLError as fault:
        raise ValueError(fault) from None


def yaml_encode(value: Data, _options: Data) -> str:
    import yaml  # noqa: PLC0415 - the same

    return str(yaml.safe_dump(value, allow_unicode=True, sort_keys=True))


def toml_decode(text: str, _options: Data) -> Data:
    import tomllib  # noqa: PLC0415 - the same

    data = text.encode()
    if len(data) > LARGEST_TOML:
        raise ValueError(f"more than {LARGEST_TOML:,} bytes")
    if LONG_KEY.search(data):
        raise ValueError("a key of more than 50 parts")
    return tomllib.loads(text)


def toml_encode(value: Data, _options: Data) -> str:
    import tomli_w  # noqa: PLC0415 - the same

    return str(tomli_w.dumps(value))


def csv_decode(text: str, options: Data) -> Data:
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=options.get("separator", ","), strict=True))
    if not options.get("header"):
        return rows
    names, *rest = rows or [[]]
    for number, row in enumerate(rest, 2):
        if len(row) != len(names):
            raise ValueError(f"row {number} has {len(row)} fields, and the header {len(names)}")
    return [dict(zip(names, row, strict=True)) for row in rest]


def csv_encode(value: Data, options: Data) -> str:
    if not isinstance(value, list) and value != {}:
        raise HostError("bad argument #1 to 'csv_encode' (a list of rows expected)")
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=options.get("separator", ","), lineterminator="\n")
    rows = list(value)
    if rows and isinstance(rows[0], dict):
        names = sorted({name for row in rows for name in row})
        writer.writerow(names)
        rows = [[row.get(name, "") for name in names] for row in rows]
    writer.writerows(rows)
    return out.getvalue()


def xml_decode(text: str, _options: Data) -> Data:
    from defusedxml import DefusedXmlException, ElementTree  # noqa: PLC0415 - the same

    try:
        return element(ElementTree.fromstring(text))
    except DefusedXmlException as fault:
        raise ValueError(f"entities and document types are refused ({type(fault).__name__})") from None


def element(node: Data) -> Data:
    found: dict[str, Data] = {"tag": node.tag}
    if node.attrib:
        found["attributes"] = dict(node.attrib)
    if node.text and node.text.strip():
        found["text"] = node.text.strip()
    children = [element(each) for each in node]
    if children:
        found["children"] = children
    return found


def xml_encode(value: Data, _options: Data) -> str:
    import xml.etree.ElementTree as ET  # noqa: PLC0415 - the same; it only writes

    def node(table: Data) -> ET.Element:
        attributes = {str(name): str(each) for name, each in table.get("attributes", {}).items()}
        made = ET.Element(table["tag"], attributes)
        made.text = str(table["text"]) if "text" in table else None
        made.extend([node(each) for each in table.get("children", [])])
        return made

    return ET.tostring(node(value), encoding="unicode")
