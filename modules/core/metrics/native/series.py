"""What modules count and measure: series by name, kind, module and tags."""

import math
import re
from collections.abc import Callable, Iterator
from typing import Any

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics import Histogram
from prometheus_client.metrics_core import Metric

from host.lifecycle.native import bare, encoded
from host.lifecycle.native_arguments import bad, number, parts_of, refused, text
from host.lifecycle.native_data import Data
from host.runtime.codec import decode
from host.runtime.crossing import Crossing
from host.trust.caller import Caller
from host.vocabulary.distribution import Distribution
from host.vocabulary.errors import HostError
from host.vocabulary.payload import Payload, Shape

MOST_SERIES = 1000  # of one module
MOST_RECENT = 2000  # questions that are found again
LONGEST = 4096  # bytes of a name with its tags, as they cross: they are kept
DONE = Crossing(None, True)
NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]{0,199}\Z")
LABEL = re.compile(r"(?!__)(?!module\Z)(?!le\Z)[a-zA-Z_][a-zA-Z0-9_]{0,99}\Z")
BOUNDS = tuple(bound for bound in Histogram.DEFAULT_BUCKETS if bound != float("inf"))

Labels = tuple[tuple[str, str], ...]


class Number:
    """The value of a counter or a gauge."""

    __slots__ = ("value",)

    def __init__(self) -> None:
        self.value = 0.0

    def plain(self) -> Data:
        return self.value


class Spread(Distribution):
    """The values of a histogram."""

    __slots__ = ()

    def plain(self) -> Data:
        count = self.count
        return {"count": count, "sum": self.total, "mean": self.total / count if count else 0.0}


KINDS: dict[str, Callable[[], Number | Spread]] = {
    "counter": Number,
    "gauge": Number,
    "histogram": lambda: Spread(BOUNDS),
}


class Series:
    """Series by name, kind, module and tags.

    What was asked for lately is found again by the bytes of the question.
    """

    def __init__(self) -> None:
        self._kinds: dict[str, str] = {}
        self._values: dict[str, dict[Labels, Any]] = {}
        self._counts: dict[str, int] = {}
        self._counters: dict[tuple[str, Shape, Payload], tuple[Number, float]] = {}
        self._others: dict[tuple[str, str, bytes, bytes], Any] = {}

    @bare
    def add(self, caller: Caller, shape: Shape, payload: Payload) -> tuple[Shape, Payload]:
        """Take name, number and tags; what the counter then is."""
        question = (caller.manifest.name, shape, payload)
        found = self._counters.get(question)
        if found is None:
            if len(self._counters) >= MOST_RECENT:
                self._counters.clear()
            found = self._counters[question] = self._counter(caller, Crossing(shape, payload))
        counter, delta = found
        counter.value += delta
        return None, counter.value

    def _counter(self, caller: Caller, argument: Crossing) -> tuple[Number, float]:
        name, value, tags = (decode(part) for part in short(parts_of(argument, 3)))
        delta = 1.0 if value is None else number(value, 2, "counter")
        if not 0 <= delta < math.inf:
            raise refused(2, "counter", "a number from 0 on")
        return self._at(caller, "counter", name, tags), delta

    @encoded
    def set(self, caller: Caller, argument: Crossing) -> Crossing:
        """Take name, number and tags."""
        gauge, value = self._other(caller, "gauge", argument)
        gauge.value = value
        return DONE

    @encoded
    def observe(self, caller: Caller, argument: Crossing) -> Crossing:
        """Take name, number and tags."""
        histogram, value = self._other(caller, "histogram", argument)
        if value != value:  # noqa: PLR0124 - NaN
            raise HostError("bad argument #2 to 'histogram' (number expected, got nan)")
        histogram.add(value)
        return DONE

    def _other(self, caller: Caller, kind: str, argument: Crossing) -> tuple[Any, float]:
        name, value, tags = parts_of(argument, 3)
        question = (caller.manifest.name, kind, name, tags)
        found = self._others.get(question)
        amount = number(decode(value), 2, kind)
        if found is None:
            if len(self._others) >= MOST_RECENT:
                self._others.clear()
            short([name, tags])
            found = self._others[question] = self._at(caller, kind, decode(name), decode(tags))
        return found, amount

    def get(self, caller: Caller, name: Data = None, tags: Data = None) -> Data:
        text(name, 1, "get_custom")
        found = self._values.get(name, {}).get(labels_of(caller, tags, "get_custom", 2))
        return None if found is None else found.plain()

    def names_of(self, caller: Caller, *_: Data) -> list[str]:
        return sorted({each["name"] for each in self.all_of(caller)})

    def all_of(self, caller: Caller, *_: Data) -> list[Data]:
        return [
            {
                "name": name,
                "kind": self._kinds[name],
                "tags": {key: each for key, each in labels if key != "module"},
                "value": value.plain(),
            }
            for name, values in sorted(self._values.items())
            for labels, value in sorted(values.items(), key=lambda item: item[0])
            if ("module", caller.name) in labels
        ]

    def families(self) -> Iterator[Metric]:
        for name, values in self._values.items():
            kind = self._kinds[name]
            if kind == "histogram":
                yield histogram_family(name, values)
                continue
            family: Metric = (CounterMetricFamily if kind == "counter" else GaugeMetricFamily)(
                name, f"{kind} of modules"
            )
            suffix = "_total" if kind == "counter" else ""
            for labels, value in values.items():
                family.add_sample(family.name + suffix, dict(labels), value.value)
            yield family

    def _at(self, caller: Caller, kind: str, name: Data, tags: Data) -> Any:  # noqa: ANN401 - as its kind is
        text(name, 1, kind)
        labels = labels_of(caller, tags, kind, 3)
        if not isinstance(name, str) or not NAME.match(name):
            raise OSError(f"{str(name)[:60]!r} is no name of a metric: letters, digits, _ and :")
        known = self._kinds.setdefault(name, kind)
        if known != kind:
            raise OSError(f"{name} is a {known}, and cannot be a {kind}")
        values = self._values.setdefault(name, {})
        if labels not in values:
            if self._counts.get(caller.name, 0) >= MOST_SERIES:
                raise OSError(f"more than {MOST_SERIES} series; use fewer values of tags")
            self._counts[caller.name] = self._counts.get(caller.name, 0) + 1
            values[labels] = KINDS[kind]()
        return values[labels]


def short(parts: list[bytes]) -> list[bytes]:
    """The same parts of a question, where they are not too long.

    Raises:
        OSError: they are.
    """
    if sum(map(len, parts)) > LONGEST:
        raise OSError(f"the name and the tags have more than {LONGEST:,} bytes")
    return parts


def histogram_family(name: str, values: dict[Labels, Any]) -> Metric:
    family = HistogramMetricFamily(name, "histogram of modules")
    for labels, value in values.items():
        plain = dict(labels)
        for bound, count in value.buckets():
            family.add_sample(f"{name}_bucket", {**plain, "le": bound}, count)
        family.add_sample(f"{name}_count", plain, value.count)
        family.add_sample(f"{name}_sum", plain, value.total)
    return family


def labels_of(caller: Caller, tags: Data, where: str, position: int) -> Labels:
    if tags is None or tags == {}:
        return (("module", caller.manifest.name),)
    if not isinstance(tags, dict | list):
        raise bad(position, where, "table", tags)
    for tag in tags:
        if isinstance(tags, list) or not isinstance(tag, str) or not LABEL.match(tag):
            shown = 1 if isinstance(tags, list) else str(tag)[:60]
            raise OSError(f"{shown!r} is no name of a tag: letters, digits and _, not module, le or __")
    return (("module", caller.manifest.name), *sorted((tag, str(value)[:200]) for tag, value in tags.items()))
