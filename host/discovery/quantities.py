"""Sizes, durations and rates as people write them, read into bytes, seconds and events a second."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

_NUMBER_AND_UNIT: Final = re.compile(r"\s*(\d{1,15}(?:\.\d{1,15})?)\s*([A-Za-zµ/]+)\s*\Z")


@dataclass(frozen=True, slots=True)
class Quantity:
    """One kind of quantity.

    Attributes:
        units: how much of the result one unit is.
        example: how it is written.
        least, most: the range, both ends included, as people write it and as it is compared.
    """

    units: Mapping[str, float]
    example: str
    least: str
    most: str

    def parse(self, text: str) -> float:
        """Read one quantity.

        Raises:
            ValueError: with what is wrong, as the end of a sentence.
        """
        amount = self._amount(text)
        if not self._amount(self.least) <= amount <= self._amount(self.most):
            raise ValueError(f"{text!r} is out of range; between {self.least} and {self.most} is possible")
        return amount

    def _amount(self, text: str) -> float:
        match = _NUMBER_AND_UNIT.match(text)
        if match is None or match[2] not in self.units:
            raise ValueError(f"{text!r} is not understood; write it as in {self.example!r}")
        amount = float(match[1]) * self.units[match[2]]
        return amount if math.isfinite(amount) else math.inf


SIZE: Final = Quantity(
    MappingProxyType(
        {"B": 1, "kB": 1e3, "KB": 1e3, "MB": 1e6, "GB": 1e9, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}
    ),
    example="32 MiB",
    least="256 KiB",  # a runtime with the host's own Lua in it needs about a quarter of that
    most="16 GiB",
)
CROSSING: Final = Quantity(SIZE.units, example="64 MiB", least="1 KiB", most="1 GiB")
DURATION: Final = Quantity(
    MappingProxyType({"us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1, "min": 60, "h": 3600}),
    example="100 ms",
    least="1 ms",
    most="1 h",
)
PATIENCE: Final = Quantity(DURATION.units, example="10 s", least="0 s", most="24 h")
RATE: Final = Quantity(
    MappingProxyType({"/s": 1, "/min": 1 / 60, "/h": 1 / 3600}), example="500/s", least="1/h", most="1000000/s"
)
