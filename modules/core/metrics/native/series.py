"""What modules count and measure: series by name, kind, module and tags."""

import math
import re
from collections.abc import Callable, Iterator
from typing import Any

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    UnknownMetricFamily,
)
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
HOSTS_OWN = ("theseus_", "process_", "python_")  # what the names of the host's own series begin with
PARTS = ("_bucket", "_count", "_created", "_info", "_sum")  # what those end with that belong to another
LABEL = re.compile(r"(?!__)(?!(?:module|le|quantile)\Z)[a-zA-Z_][a-zA-Z0-9_]{0,99}\Z")
TOTAL = "_total"  # what Prometheus has the name of a counter end with
LONGEST_TAG = 200  # characters of its value
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
        self._kinds: dict[tuple[str, str], tuple[str, Caller]] = {}
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
        if found is None and isinstance(name, str) and name.endswith(TOTAL):
            return self.get(caller, name.removesuffix(TOTAL), tags)
        return None if found is None else found.plain()

    def names_of(self, caller: Caller, *_: Data) -> list[str]:
        return sorted({each["name"] for each in self.all_of(caller)})

    def all_of(self, caller: Caller, *_: Data) -> list[Data]:
        return [
            {
                "name": name,
                "kind": self._kinds[caller.name, name][0],
                "tags": {key: each for key, each in labels if key != "module"},
                "value": value.plain(),
            }
            for name, values in sorted(self._values.items())
            for labels, value in sorted(values.items(), key=lambda item: item[0])
            if ("module", caller.name) in labels
        ]

    def families(self) -> Iterator[Metric]:
        """All of it; what is a gauge in one module and a histogram in another has no type, and its usual names."""
        for name, values in self._values.items():
            kinds: dict[str, dict[Labels, Any]] = {kind: {} for kind in KINDS}
            for labels, value in values.items():
                kinds[self._kinds[labels[0][1], name][0]][labels] = value
            if kinds["counter"]:
                yield of_numbers(CounterMetricFamily(name, "counter of modules"), "_total", kinds["counter"])
            gauges, histograms = kinds["gauge"], kinds["histogram"]
            if gauges:
                family = UnknownMetricFamily if histograms else GaugeMetricFamily
                yield of_numbers(family(name, "gauge of modules"), "", gauges)
            if histograms:
                whole = histogram_family(name, histograms)
                yield from untyped(whole) if gauges else (whole,)

    def _at(self, caller: Caller, kind: str, name: Data, tags: Data) -> Any:  # noqa: ANN401 - as its kind is
        text(name, 1, kind)
        labels = labels_of(caller, tags, kind, 3)
        if not isinstance(name, str) or not NAME.match(name):
            raise OSError(f"{str(name)[:60]!r} is no name of a metric: letters, digits, _ and :")
        name = own_name(name, kind)
        known, by = self._kinds.get((caller.name, name), (kind, caller))
        if known != kind:
            if by is caller:
                raise OSError(f"{name} is a {known}, and cannot be a {kind}")
            self._drop(caller, name)  # of a version that is gone
        found = self._values.get(name, {}).get(labels)
        if found is not None:
            return found
        if self._counts.get(caller.name, 0) >= MOST_SERIES:
            raise OSError(f"more than {MOST_SERIES} series; use fewer values of tags")
        self._counts[caller.name] = self._counts.get(caller.name, 0) + 1
        self._kinds[caller.name, name] = kind, by if known == kind else caller
        made = self._values.setdefault(name, {})[labels] = KINDS[kind]()
        return made

    def _drop(self, caller: Caller, name: str) -> None:
        """Forget what a module measured by a name."""
        values = self._values[name]
        for labels in [labels for labels in values if labels[0][1] == caller.name]:
            del values[labels]
            self._counts[caller.name] -= 1
        del self._kinds[caller.name, name]
        self._counters.clear()
        self._others.clear()


def short(parts: list[bytes]) -> list[bytes]:
    """The same parts of a question, where they are not too long.

    Raises:
        OSError: they are.
    """
    if sum(map(len, parts)) > LONGEST:
        raise OSError(f"the name and the tags have more than {LONGEST:,} bytes")
    return parts


def own_name(name: str, kind: str) -> str:
    """The name of a series, a counter's without what it is to end with.

    Raises:
        OSError: it would be taken for a series of the host's, or for a part of another.
    """
    if name.startswith(HOSTS_OWN):
        raise OSError(f"{name} is refused: what begins with {' or '.join(HOSTS_OWN)} is the host's own")
    stem = name.removesuffix(TOTAL) if kind == "counter" else name
    for part in (*PARTS, TOTAL):
        if stem.endswith(part):
            whose = "a counter" if part == TOTAL else "a histogram or another series"
            raise OSError(f"{name} is refused: what ends with {part} belongs to {whose}")
    if not NAME.match(stem):
        raise OSError(f"{name} is no name of a metric: nothing stands before {TOTAL}")
    return stem


def of_numbers(family: Metric, suffix: str, values: dict[Labels, Any]) -> Metric:
    for labels, value in values.items():
        family.add_sample(family.name + suffix, dict(labels), value.value)
    return family


def untyped(family: Metric) -> Iterator[Metric]:
    """The samples of a family, as families of their own."""
    parts: dict[str, Metric] = {}
    for sample in family.samples:
        part = parts.setdefault(sample.name, UnknownMetricFamily(sample.name, family.documentation))
        part.samples.append(sample)
    yield from parts.values()


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
            raise OSError(f"{shown!r} is no name of a tag: letters, digits and _, not module, le, quantile or __")
    return (("module", caller.manifest.name), *sorted((tag, value_of(tag, value)) for tag, value in tags.items()))


def value_of(tag: str, value: Data) -> str:
    """What a tag says.

    Raises:
        OSError: it is too long, or a table.
    """
    if isinstance(value, dict | list):
        raise OSError(f"the tag {tag} is a table, and must be text, a number or a boolean")
    said = str(value).lower() if isinstance(value, bool) else printed(value)
    if len(said) > LONGEST_TAG:
        raise OSError(f"the tag {tag} has more than {LONGEST_TAG} characters")
    return said


def printed(value: Data) -> str:
    """Text, with what is no UTF-8 as an escape: other bytes stay another value."""
    return value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else str(value)
