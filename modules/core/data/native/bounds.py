"""How much one call may be handed: nothing interrupts a parser, so that none holds the host."""

from host.lifecycle.native_data import Data

MOST_VALUES = {"CSV": 50_000, "JSON": 50_000, "TOML": 20_000, "XML": 20_000, "YAML": 20_000}  # aliases written out
LARGEST = {"CSV": 1 << 22, "JSON": 1 << 22, "TOML": 1 << 16, "XML": 1 << 20, "YAML": 1 << 18}  # characters


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


def short(name: str, characters: int) -> None:
    if characters > LARGEST[name]:
        raise ValueError(f"more than {LARGEST[name]:,} characters")


def few(name: str, values: int) -> None:
    if values > MOST_VALUES[name]:
        raise ValueError(f"more than {MOST_VALUES[name]:,} values, aliases counted")


def number(text: str) -> float:
    """A number of a text, unless it is none to Lua."""
    found = float(text)
    if found in {float("inf"), float("-inf")} and "inf" not in text.lower():
        raise ValueError(f"{text[:40]} is a number beyond 1.8e308, which no number of Lua's holds")
    return found
