"""Text formats, to plain data and back; what one needs is imported when it is first asked for."""

import base64
import hashlib
import hmac
import json
import math
import re
import uuid
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from host.lifecycle.native import encoded
from host.lifecycle.native_data import NULL, Data, NotSayableError, plain, sayable
from host.runtime.crossing import Crossing
from host.vocabulary.errors import NotData

from .bounds import MOST_VALUES, Counted, depth_of, few, number, short, small
from .rows import csv_decode, csv_encode

DEEPEST = 100  # tables in tables, as values that cross
LONGEST_NUMBER = 1000  # characters: reading and writing one takes the square of them
WIDEST_INDENT = 16
# The parser's time grows with the square of the parts of a key; each part is entered at its start only.
LONG_KEY = re.compile(rb"""(?<![\w"'-])(?:(?:"(?:[^"\\\n]|\\.)*+"|'[^'\n]*+'|[\w-]++)[ \t]*+\.[ \t]*+){50}""")
DIGITS = re.compile(rf"[0-9_]{{{LONGEST_NUMBER + 1}}}")
JSON_TEXT = re.compile(r'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)', re.DOTALL)
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
        "xml_decode": reading("XML", partial(of_markup, "xml_decode")),
        "xml_encode": writing("XML", partial(of_markup, "xml_encode")),
        "yaml_decode": reading("YAML", yaml_decode),
        "yaml_encode": writing("YAML", yaml_encode),
    }


def raw(data: str | bytes) -> bytes:
    return data if isinstance(data, bytes) else data.encode()


def known(algorithm: str) -> str:
    if algorithm not in HASHES:
        raise OSError(f"no hash is called '{str(algorithm)[:40]}'; there are {', '.join(HASHES)}")
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
            found = small(name, parse(text, options or {}))
            return Crossing.of(plain(found, NULL if (options or {}).get("null") else None))
        except NotData as fault:
            raise OSError(f"{name}: {fault}") from None
        except RecursionError:
            raise OSError(f"{name}: nested too deep") from None
        except (ValueError, SyntaxError) as fault:
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
        except RecursionError:
            raise OSError(f"{name} cannot say it: nested too deep") from None
        except ValueError as fault:
            raise OSError(f"{name} cannot say it: {one_line(fault)}") from None

    return written


def one_line(fault: Exception) -> str:
    if "integer string conversion" in str(fault):
        return "a number of more than 4,300 digits"
    return " ".join(str(fault).replace('"<unicode string>", ', "").split())[:300]


def headings_of(table: Data, heading: int) -> int:
    """Characters of all headings of tables in TOML, each of which says all names on the way to it."""
    found = heading
    for name, inner in table.items() if isinstance(table, dict) else ():
        for each in inner if isinstance(inner, list) else (inner,):
            found += headings_of(each, heading + len(str(name)) + 1) if isinstance(each, dict) else 0
    return found


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
    return json.loads(text, object_pairs_hook=once, parse_constant=refuse, parse_float=number)


def json_encode(value: Data, options: Data) -> str:
    indent = options.get("indent")
    if indent is not None and not (isinstance(indent, int) and 0 <= indent <= WIDEST_INDENT):
        raise ValueError(f"an indent is 0 to {WIDEST_INDENT}")
    if indent:
        short("JSON", Counted().of(value)[0] * depth_of(value) * indent)  # of spaces alone
    separators = (",", ": ") if indent else (",", ":")
    value = finite(by_text(value))
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
    return tomllib.loads(text, parse_float=number)


def toml_encode(value: Data, _options: Data) -> str:
    import tomli_w  # noqa: PLC0415 - the same

    if not isinstance(value, dict):
        raise NotSayableError("its outermost value is a table by names")
    short("JSON", headings_of(value, 0))
    return str(tomli_w.dumps(without_null(by_text(value))))


def by_text(value: Data) -> Data:
    """A value whose tables have texts as keys."""
    if isinstance(value, list):
        return [by_text(each) for each in value]
    if not isinstance(value, dict):
        return value
    found = {str(key).lower() if isinstance(key, bool) else str(key): by_text(each) for key, each in value.items()}
    if len(found) < len(value):
        raise ValueError("a table has a number and a text as keys that are written alike")
    return found


def finite(value: Data) -> Data:
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("NaN and the infinite are no JSON")
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        finite(each)
    return value


def without_null(value: Data) -> Data:
    if value is None:
        raise ValueError("it has no null, and a list has a gap")
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        without_null(each)
    return value


def of_markup(name: str, value: Data, options: Data) -> Data:
    from . import markup  # noqa: PLC0415 - the same

    return getattr(markup, name)(value, options)
