"""Plain data as the bytes of LuaJIT's ``string.buffer``, so that Python reads and writes what crosses between runtimes.

Source: https://luajit.org/ext_buffer.html#serialize, "Serialization Format Specification".

Lua has one type for lists and dictionaries: a table whose keys are 1..n becomes a list, any other a dictionary, an
empty one an empty dictionary. Lua's strings are bytes: what is UTF-8 becomes ``str``, all else stays ``bytes``. A whole
number up to 2^53 becomes ``int``. In Python ``True`` and ``1`` are one key, so the key ``true`` becomes ``"true"``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from struct import Struct
from struct import error as StructError  # noqa: N812 - an exception class, named as one
from typing import Any, Final

from host.vocabulary.errors import NotData, TooLarge
from host.vocabulary.payload import DEPTH, LARGEST_INT, MOST_BYTES, MOST_ENTRIES
from host.vocabulary.views import PlainData

LONGEST_SHOWN: Final = 1000
"""Bits of an integer that a sentence shows; Python prints none of more than 4300 digits."""

_NIL, _FALSE, _TRUE, _INT, _NUM = 0x00, 0x01, 0x02, 0x06, 0x07
_TAB, _HASH, _STRING = 0x08, 0x01, 0x20
_ARRAY_0, _ARRAY_1 = 0x02, 0x04
_TAB_LAST = 0x0D
_FUNCTION = 0x0E  # the metatable that marks a reference
_INT64, _UINT64, _COMPLEX = 0x10, 0x11, 0x12  # what the literals 1LL, 1ULL and 1i make
_WIDE: Final = {_INT64: Struct("<q"), _UINT64: Struct("<Q")}
_FOREIGN: Final = {_FUNCTION: "a function", _COMPLEX: "a complex number"}
_ENTRIES: Final = f"{MOST_ENTRIES:,} entries"
_BYTES: Final = f"{MOST_BYTES >> 20} MiB"
_TRUTHS: Final = ("false", "true")
_SHORT: Final = tuple(bytes((_STRING + length,)) for length in range(0xE0 - _STRING))  # what stands before a short text
_double = Struct("<d")
_int = Struct("<i")
_uint = Struct("<I")


def encode(value: PlainData) -> bytes:
    """Encode one value.

    Raises:
        NotData: for what Lua cannot hold as data: functions, objects, cycles, integers over 2^53; names the path.
        TooLarge: it has too many bytes or entries.
    """
    out = bytearray()
    _put(out, value, "value", 0)
    return _within(out, value)


def encode_all(values: tuple[Any, ...]) -> bytes:
    """Encode several values one after another, as :func:`decode_all` reads them."""
    out = bytearray()
    for index, value in enumerate(values, 1):
        _put(out, value, f"argument {index}", 0)
    return _within(out, values)


def decode(data: bytes) -> PlainData:
    """Decode one value.

    Raises:
        NotData: where a function or an object stands in it, or the bytes are not of this format.
        TooLarge: it has too many bytes or entries.
    """
    (value,) = decode_all(data, 1)
    return value


def decode_all(data: bytes, count: int) -> tuple[Any, ...]:
    """Decode ``count`` values that stand one after another."""
    values, at = [], 0
    if len(data) > MOST_BYTES:
        raise TooLarge("value", _BYTES)
    try:
        if len(data) > MOST_ENTRIES:  # an entry has a byte at least
            _refuse_many(data)
        for _ in range(count):
            value, at = _get(data, at)
            values.append(value)
    except TypeError as error:  # a list or a dictionary has no hash
        raise NotData("value", "a table with a table for a key") from error
    except (IndexError, StructError, RecursionError) as error:
        raise NotData("value", "cut off or not in this format") from error
    if at != len(data):
        raise NotData("value", "followed by more bytes than it has")
    return tuple(values)


def _within(out: bytearray, value: PlainData) -> bytes:
    if len(out) > MOST_BYTES:
        raise TooLarge("value", _BYTES)
    if len(out) > MOST_ENTRIES and _entries(value) > MOST_ENTRIES:
        raise TooLarge("value", _ENTRIES)
    return bytes(out)


def _entries(value: PlainData) -> int:
    if isinstance(value, dict):
        return len(value) + sum(map(_entries, value.values()))
    return len(value) + sum(map(_entries, value)) if isinstance(value, (list, tuple)) else 0


def _refuse_many(data: bytes) -> None:
    """Pass over encoded values, to see how many there are before any object is made of them.

    Raises:
        TooLarge: there are too many.
    """
    at, count = 0, 0
    while at < len(data):
        tag, at = _get_length(data, at)
        if tag >= _STRING:
            at += tag - _STRING
        elif tag == _NUM or tag in _WIDE:
            at += 8
        elif tag == _INT:
            at += 4
        elif _TAB <= tag <= _TAB_LAST:
            for part in (_ARRAY_0 | _ARRAY_1, _HASH):
                announced, at = _get_length(data, at) if tag & part else (0, at)
                count += announced - (1 if part & tag & _ARRAY_1 else 0)
            if count > MOST_ENTRIES:
                raise TooLarge("value", _ENTRIES)


def decode_leading(data: bytes, count: int) -> tuple[tuple[Any, ...], bytes]:
    """Decode the first ``count`` of several values; gives the bytes of the others as they are.

    Raises:
        NotData: as in :func:`decode`.
    """
    values, at = [], 0
    try:
        for _ in range(count):
            value, at = _get(data, at)
            values.append(value)
    except (IndexError, StructError, RecursionError, TypeError) as error:
        raise NotData("value", "cut off or not in this format") from error
    return tuple(values), data[at:]


def encode_list(items: list[bytes]) -> bytes:
    """Encode a list of values that are encoded.

    Raises:
        TooLarge: as in :func:`encode`.
    """
    head = bytearray((_TAB | _ARRAY_1,) if items else (_TAB,))
    if items:
        _length(head, len(items) + 1)
    return _within(head + b"".join(items), items)


def encode_texts(texts: list[bytes]) -> bytes:
    """Encode a list of texts, in a fraction of the time of :func:`encode`.

    Raises:
        TooLarge: as there.
    """
    longest = len(_SHORT)
    return encode_list([(_SHORT[len(each)] if len(each) < longest else _announced(each)) + each for each in texts])


def _announced(text: bytes) -> bytes:
    out = bytearray()
    _length(out, _STRING + len(text))
    return bytes(out)


def apart(data: bytes, count: int) -> list[bytes]:
    """Take several values that stand one after another apart: the bytes of each, none of it decoded.

    Raises:
        NotData: they are cut off.
    """
    parts, at = [], 0
    for _ in range(count):
        end = _end(data, at)
        parts.append(data[at:end])
        at = end
    if at > len(data):
        raise NotData("value", "cut off or not in this format")
    return parts


def _end(data: bytes, at: int) -> int:
    """Where the value ends that begins at a place."""
    pending = 1
    try:
        while pending:
            tag, at = _get_length(data, at)
            pending -= 1
            if tag >= _STRING:
                at += tag - _STRING
            elif tag == _NUM or tag in _WIDE:
                at += 8
            elif tag == _INT:
                at += 4
            elif _TAB <= tag <= _TAB_LAST:
                if tag & (_ARRAY_0 | _ARRAY_1):
                    length, at = _get_length(data, at)
                    pending += length - (1 if tag & _ARRAY_1 else 0)
                if tag & _HASH:
                    pairs, at = _get_length(data, at)
                    pending += 2 * pairs
            elif tag in _FOREIGN:
                raise NotData("value", _FOREIGN[tag])
    except (IndexError, StructError) as error:
        raise NotData("value", "cut off or not in this format") from error
    return at


def utf8(text: str, path: str = "value") -> bytes:
    """Encode text; bytes that Python smuggles in it come out as they were.

    Raises:
        NotData: half a surrogate pair stands in it.
    """
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        raise NotData(path, "text with half a surrogate pair in it") from None


def _length(out: bytearray, number: int) -> None:
    if number < 0xE0:
        out.append(number)
    elif number < 0x1FE0:
        out.append(0xE0 | ((number - 0xE0) >> 8))
        out.append((number - 0xE0) & 0xFF)
    else:
        out.append(0xFF)
        out += _uint.pack(number)


def _put(out: bytearray, value: PlainData, path: str, depth: int) -> None:
    if value is None:
        out.append(_NIL)
    elif value is True or value is False:
        out.append(_TRUE if value else _FALSE)
    elif isinstance(value, (str, bytes)):
        data = utf8(value, path) if isinstance(value, str) else value
        _length(out, _STRING + len(data))
        out += data
    elif isinstance(value, (int, float)):
        if isinstance(value, int) and not -LARGEST_INT <= value <= LARGEST_INT:
            shown = f"the integer {value}" if value.bit_length() < LONGEST_SHOWN else "an integer of many digits"
            raise NotData(path, f"{shown}, which no Lua number holds exactly")
        out.append(_NUM)
        out += _double.pack(value)
    elif depth >= DEPTH:
        raise NotData(path, f"nested deeper than {DEPTH} levels, or a cycle")
    elif isinstance(value, (list, tuple)):
        _put_list(out, value, path, depth + 1)
    elif isinstance(value, dict):
        _put_dict(out, value, path, depth + 1)
    else:
        raise NotData(path, f"a {type(value).__name__}")


def _put_list(out: bytearray, values: list[Any] | tuple[Any, ...], path: str, depth: int) -> None:
    if not values:
        out.append(_TAB)
        return
    out.append(_TAB | _ARRAY_1)
    _length(out, len(values) + 1)
    for index, value in enumerate(values, 1):
        _put(out, value, f"{path}[{index}]", depth)


def _put_dict(out: bytearray, values: dict[Any, Any], path: str, depth: int) -> None:
    pairs = [(key, value) for key, value in values.items() if value is not None]
    if not pairs:
        out.append(_TAB)
        return
    if any(type(key) is bytes and key.decode("utf-8", "surrogateescape") in values for key, _ in pairs):
        raise NotData(path, "a table with one key both as text and as bytes")
    if any(type(key) is bool and _TRUTHS[key] in values for key, _ in pairs):
        raise NotData(path, "a table with one key both as text and as a truth value")
    out.append(_TAB | _HASH)
    _length(out, len(pairs))
    for key, value in pairs:
        if not isinstance(key, (str, bytes, int, float)) or key != key:  # noqa: PLR0124 - NaN is no key in Lua
            raise NotData(path, f"a table with the key {key!r}, which Lua does not take")
        _put(out, key, path, depth)
        _put(out, value, f"{path}.{key!s}" if isinstance(key, str) else f"{path}[{key!r}]", depth)


def _get_length(data: bytes, at: int) -> tuple[int, int]:
    first = data[at]
    if first < 0xE0:
        return first, at + 1
    if first < 0xFF:
        return 0xE0 + ((first & 0x1F) << 8) + data[at + 1], at + 2
    return _uint.unpack_from(data, at + 1)[0], at + 5


def _text(data: bytes) -> str | bytes:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data


def _number(value: float) -> int | float:
    return int(value) if value.is_integer() and -LARGEST_INT <= value <= LARGEST_INT else value


def _get(data: bytes, at: int) -> tuple[Any, int]:
    """Read one value; the caller turns what a truncated or foreign text raises into NotData."""
    tag, start = _get_length(data, at)
    if tag >= _STRING:
        end = start + tag - _STRING
        if end > len(data):
            raise IndexError(end)
        return _text(data[start:end]), end
    if tag == _NUM:
        return _number(_double.unpack_from(data, start)[0]), start + 8
    if _TAB <= tag <= _TAB_LAST:
        return _get_table(data, start, tag)
    if tag <= _TRUE:
        return (None, False, True)[tag], start
    if tag == _INT:
        return _int.unpack_from(data, start)[0], start + 4
    if tag in _WIDE:
        return _WIDE[tag].unpack_from(data, start)[0], start + 8
    raise NotData("value", _FOREIGN.get(tag, f"of an unknown kind ({tag})"))


def _get_table(data: bytes, at: int, tag: int) -> tuple[Any, int]:
    length = pairs = 0
    if tag & (_ARRAY_0 | _ARRAY_1):
        length, at = _get_length(data, at)
    if tag & _HASH:
        pairs, at = _get_length(data, at)
    first = 1 if tag & _ARRAY_1 else 0
    items: list[Any] = []
    for _ in range(length - first):
        value, at = _get(data, at)
        items.append(value)
    if items and not pairs and first == 1 and None not in items:
        return items, at
    table: dict[str | bytes | float, PlainData] = {
        index: value for index, value in enumerate(items, first) if value is not None
    }
    for _ in range(pairs):
        key, at = _get(data, at)
        if key is None or key != key:  # noqa: PLR0124 - NaN
            raise NotData("value", f"a table with the key {key!r}, which no table of Lua has")
        value, at = _get(data, at)
        if value is not None:
            table[_TRUTHS[key] if isinstance(key, bool) else key] = value
    if 1 in table and all(index in table for index in range(1, len(table) + 1)):
        return [table[index] for index in range(1, len(table) + 1)], at
    return table, at


def spliced(data: bytes, path: Sequence[str | float | bool], value: PlainData) -> bytes:
    """Put a value in the place of the one that a path leads to; all other bytes stay as they are.

    Args:
        data: one encoded value.
        path: keys as :func:`decode` gives them.
        value: to be encoded.

    Raises:
        NotData: nothing stands there; or the bytes are not of this format, or the value is no data.
    """
    at = 0
    try:
        for key in path:
            at = next(start for found, start in _entries_at(data, at) if _is_key(found, key))
        end = _get(data, at)[1]
    except StopIteration:
        raise NotData("value", f"without an entry at {'.'.join(map(str, path))}") from None
    except (IndexError, StructError, RecursionError, TypeError) as error:
        raise NotData("value", "cut off or not in this format") from error
    return data[:at] + encode(value) + data[end:]


def _is_key(found: PlainData, key: str | float | bool) -> bool:  # noqa: FBT001 - a key of Lua's
    """``1``, ``1.0`` are one key, and ``true`` another."""
    return not isinstance(key, bool) and isinstance(found, str) == isinstance(key, str) and bool(found == key)


def _entries_at(data: bytes, at: int) -> Iterator[tuple[Any, int]]:
    """The keys of a table, as :func:`decode` gives them, and where the value of each begins."""
    tag, at = _get_length(data, at)
    if not _TAB <= tag <= _TAB_LAST:
        return
    length, at = _get_length(data, at) if tag & (_ARRAY_0 | _ARRAY_1) else (0, at)
    pairs, at = _get_length(data, at) if tag & _HASH else (0, at)
    for index in range(1 if tag & _ARRAY_1 else 0, length):
        yield index, at
        at = _get(data, at)[1]
    for _ in range(pairs):
        key, at = _get(data, at)
        yield (_TRUTHS[key] if isinstance(key, bool) else key), at
        at = _get(data, at)[1]
