"""Text formats, to plain data and back; what one needs is imported when it is first asked for."""

import base64
import csv
import hashlib
import hmac
import io
import json
import re
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from host.lifecycle.native import encoded
from host.lifecycle.native_data import Data, plain, sayable
from host.runtime.crossing import Crossing
from host.vocabulary.errors import HostError, NotData

# Nothing interrupts a parser: what one call may be handed is bounded, so that none holds the host.
MOST_VALUES = {"CSV": 50_000, "JSON": 50_000, "TOML": 20_000, "XML": 20_000, "YAML": 20_000}  # aliases written out
LARGEST = {"CSV": 1 << 22, "JSON": 1 << 22, "TOML": 1 << 16, "XML": 1 << 20, "YAML": 1 << 18}  # characters
DEEPEST = 100  # tables in tables, as values that cross
LONGEST_NUMBER = 1000  # characters: reading and writing one takes the square of them
WIDEST_INDENT = 16
# The parser's time grows with the square of the parts of a key; each part is entered at its start only.
LONG_KEY = re.compile(rb"""(?<![\w"'-])(?:(?:"(?:[^"\\\n]|\\.)*+"|'[^'\n]*+'|[\w-]++)[ \t]*+\.[ \t]*+){50}""")
DIGITS = re.compile(rf"[0-9_]{{{LONGEST_NUMBER + 1}}}")
JSON_TEXT = re.compile(r'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)', re.DOTALL)
LONG_NAMESPACE = re.compile(r"""xmlns(?::[^\s=]{1,200})?+\s*+=\s*+["'][^"']{201}""")  # it stands in each name
NAME = re.compile(r"[^\W\d][\w.\-\u00b7]*+(?::[^\W\d][\w.\-\u00b7]*+)?")
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
            short(name, len(text))
            return Crossing.of(plain(small(name, parse(text, options or {}))))
        except NotData as fault:
            raise OSError(f"{name}: {fault}") from None
        except RecursionError:
            raise OSError(f"{name}: nested too deep") from None
        except (ValueError, KeyError, TypeError, SyntaxError, csv.Error) as fault:
            raise OSError(f"{name}: {one_line(fault)}") from None

    return read


def writing(name: str, write: Callable[..., str]) -> Callable[..., Data]:
    """Give a value as text, or nothing and what cannot be said in it."""

    @encoded
    def written(argument: Crossing) -> Crossing:
        try:
            short(name, len(argument.payload) - 16 * MOST_VALUES[name] if isinstance(argument.payload, bytes) else 0)
            value, options = (*argument.values(), None, None)[:2]
            return Crossing.of(write(sayable(small(name, value)), options or {}))
        except (ValueError, TypeError, AttributeError, KeyError, RecursionError, csv.Error) as fault:
            raise OSError(f"{name} cannot say it: {one_line(fault)}") from None

    return written


def one_line(fault: Exception) -> str:
    if "integer string conversion" in str(fault):
        return "a number of more than 4,300 digits"
    return " ".join(str(fault).split())[:300] or type(fault).__name__


class Counted:
    """How many values and characters stand in one value, with each alias written out."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[int, int]] = {}

    def of(self, value: Data) -> tuple[int, int]:
        if not isinstance(value, dict | list | tuple | set | frozenset):
            return 1, len(value) if isinstance(value, str | bytes) else 0
        if id(value) not in self._known:
            self._known[id(value)] = (0, 0)
            inner = [self.of(each) for each in (value.values() if isinstance(value, dict) else value)]
            keys = sum(len(key) for key in value if isinstance(key, str)) if isinstance(value, dict) else 0
            self._known[id(value)] = 1 + sum(size for size, _ in inner), keys + sum(long for _, long in inner)
        elif self._known[id(value)] == (0, 0):
            raise ValueError("it holds itself")
        return self._known[id(value)]


def small(name: str, value: Data) -> Data:
    values, characters = Counted().of(value)
    few(name, values)
    short(name, characters)
    return value


def depth_of(value: Data) -> int:
    """How many tables are in each other."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + max(map(depth_of, inner), default=0)


def headings_of(table: Data, heading: int) -> int:
    """Characters of all headings of tables in TOML, each of which says all names on the way to it."""
    found = heading
    for name, inner in table.items() if isinstance(table, dict) else ():
        for each in inner if isinstance(inner, list) else (inner,):
            found += headings_of(each, heading + len(str(name)) + 1) if isinstance(each, dict) else 0
    return found


def short(name: str, characters: int) -> None:
    if characters > LARGEST[name]:
        raise ValueError(f"more than {LARGEST[name]:,} characters")


def few(name: str, values: int) -> None:
    if values > MOST_VALUES[name]:
        raise ValueError(f"more than {MOST_VALUES[name]:,} values, aliases counted")


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

    bare = JSON_TEXT.sub("", text)
    few("JSON", bare.count(",") + 1)
    if DIGITS.search(bare):
        raise ValueError(f"a number of more than {LONGEST_NUMBER:,} digits")
    return json.loads(text, object_pairs_hook=once, parse_constant=refuse)


def json_encode(value: Data, options: Data) -> str:
    indent = int(options["indent"]) if "indent" in options else None
    if indent is not None and not 0 <= indent <= WIDEST_INDENT:
        raise ValueError(f"an indent is 0 to {WIDEST_INDENT}")
    if indent:
        short("JSON", Counted().of(value)[0] * depth_of(value) * indent)  # of spaces alone
    separators = (",", ": ") if indent else (",", ":")
    return json.dumps(value, ensure_ascii=False, allow_nan=False, indent=indent, separators=separators, sort_keys=True)


def yaml_decode(text: str, _options: Data) -> Data:
    import yaml  # noqa: PLC0415 - only who asks for it pays

    from .plain_yaml import Loader  # noqa: PLC0415 - the same

    if re.search(r"^%TAG", text, re.MULTILINE):
        raise ValueError("%TAG lines are refused: plain data has no tags")
    try:
        depth = 0
        for number, event in enumerate(yaml.parse(text, Loader)):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            few("YAML", number // 2)
            if depth > DEEPEST:  # before it is composed, which recurs where nothing counts
                raise ValueError(f"nested deeper than {DEEPEST} levels")
        return yaml.load(text, Loader)  # noqa: S506 - a safe one
    except yaml.YAMLError as fault:
        raise ValueError(fault) from None


def yaml_encode(value: Data, _options: Data) -> str:
    import yaml  # noqa: PLC0415 - the same

    return str(yaml.dump(value, Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=True))


def toml_decode(text: str, _options: Data) -> Data:
    import tomllib  # noqa: PLC0415 - the same

    if LONG_KEY.search(text.encode()):
        raise ValueError("a key of more than 50 parts")
    return tomllib.loads(text)


def toml_encode(value: Data, _options: Data) -> str:
    import tomli_w  # noqa: PLC0415 - the same

    short("JSON", headings_of(value, 0))
    return str(tomli_w.dumps(value))


def csv_decode(text: str, options: Data) -> Data:
    separator, rows, values = options.get("separator", ","), list[list[str]](), 0

    def lines() -> Iterator[str]:
        for line in io.StringIO(text, newline=""):
            few("CSV", line.count(separator))
            yield line

    for row in csv.reader(lines(), delimiter=separator, strict=True):
        values += 1 + len(row)
        few("CSV", values)
        rows.append(row)
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
        few("CSV", len(names) * len(rows))  # a row has a field for each, and most may be empty
        writer.writerow(names)
        rows = [[row.get(name, "") for name in names] for row in rows]
    writer.writerows(rows)
    return out.getvalue()


def xml_decode(text: str, _options: Data) -> Data:
    from defusedxml import DefusedXmlException, ElementTree  # noqa: PLC0415 - the same

    few("XML", max(text.count("<"), text.count("=")) // 2)
    if LONG_NAMESPACE.search(text):
        raise ValueError("a namespace of more than 200 characters")
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
        attributes = {xml_name(name): str(each) for name, each in table.get("attributes", {}).items()}
        made = ET.Element(xml_name(table["tag"]), attributes)
        made.text = str(table["text"]) if "text" in table else None
        made.extend([node(each) for each in table.get("children", [])])
        return made

    return ET.tostring(node(value), encoding="unicode")


def xml_name(given: Data) -> str:
    """A name that is no markup: ``{namespace}name`` as it is read, or a name alone."""
    namespace, brace, name = str(given).rpartition("}")
    if not NAME.fullmatch(name) or (brace and not namespace.startswith("{")):
        raise ValueError(f"{str(given)[:60]!r} is no name of an element or attribute")
    return str(given)
