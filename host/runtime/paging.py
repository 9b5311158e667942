"""Encoded values, read page by page without making Python's objects of all that is in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lupa import luajit21

from host.runtime.codec import decode, encode
from host.runtime.crossing import LuaFunction
from host.runtime.parts import bytecode
from host.vocabulary.errors import NotData
from host.vocabulary.views import PlainData

Path = Sequence[str | int | float | bool]


class Pages:
    """One value at a time; it stays decoded until another is read.

    A key ``true`` is the text ``true``, as in :func:`decode`.
    """

    def __init__(self) -> None:
        self._lua: Any = None
        self._does: dict[str, LuaFunction] = {}

    def read(self, data: bytes) -> None:
        """Turn to another value.

        Raises:
            NotData: the bytes are none.
        """
        if self._lua is None:
            self._lua = luajit21.LuaRuntime(
                encoding=None, register_eval=False, register_builtins=False, unpack_returned_tuples=True
            )
            done = self._lua.execute(bytecode("paging"))
            self._does = {name.decode(): done[name] for name in list(done)}
        try:
            self._does["read"](data)
        except luajit21.LuaError as error:
            raise NotData("value", "cut off or not in this format") from error

    def page(self, path: Path, start: int, count: int) -> tuple[int, list[tuple[PlainData, str, PlainData]]]:
        """Some entries of the table at a path, numbers first, then words.

        Args:
            path: keys from the whole to it.
            start: of the entries, 0 for the first.
            count: of them, at most.

        Returns:
            How many entries it has, 0 where it is no table; and key, kind and value of each, of a table in it how many
            entries that has. A long text is cut off.
        """
        total, rows = self._does["page"](encode(list(path)), start + 1, start + count)
        return total, [(key, kind, value) for key, kind, value in decode(rows) or ()]

    def part(self, path: Path) -> PlainData:
        """What a path leads to; ``None`` where nothing stands there.

        Raises:
            NotData, TooLarge: it is more than Python takes.
        """
        data = self._does["part"](encode(list(path)))
        return None if data is None else decode(data)
