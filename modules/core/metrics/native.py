"""What modules count and measure, as Prometheus has it, and how the machine is."""

import os
import re
import sys
import time
from bisect import bisect_left
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import psutil
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics import Histogram
from prometheus_client.metrics_core import Metric
from prometheus_client.utils import floatToGoString

from host.trust.caller import Caller
from host.trust.gate import Gate

MOST_SERIES = 1000  # of one module
NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]{0,199}\Z")
LABEL = re.compile(r"(?!__)(?!module\Z)(?!le\Z)[a-zA-Z_][a-zA-Z0-9_]{0,99}\Z")
BOUNDS = tuple(bound for bound in Histogram.DEFAULT_BUCKETS if bound != float("inf"))
LEVELS = ("info", "warning", "critical")

Data = Any  # what crosses: None, bool, int, float, str, bytes, and lists and dictionaries of these
Labels = tuple[tuple[str, str], ...]


def functions(folder: Path, gate: Gate) -> dict[str, Callable[..., Any]]:
    """What Lua finds in ``host.native``; ``collect`` is for the host."""
    series, alerts, machine = Series(), Alerts(), Machine(folder, gate)
    return {
        "alert": alerts.look,
        "collect": lambda: [*series.families(), *alerts.families()],
        "counter": series.add,
        "gauge": series.set,
        "get_custom": series.get,
        "health_status": alerts.health,
        "histogram": series.observe,
        "list_custom": series.all_of,
        "now": lambda _caller: time.perf_counter(),
        "runtime_info": machine.process,
        "system_cpu": machine.cpu,
        "system_disk": machine.disk,
        "system_memory": machine.memory,
    }


class Distribution:
    """Values of a histogram by bucket, the last being all that lie above."""

    def __init__(self) -> None:
        self.counts = [0] * (len(BOUNDS) + 1)
        self.total = 0.0

    @property
    def count(self) -> int:
        return sum(self.counts)

    def plain(self) -> Data:
        return {"count": self.count, "sum": self.total, "mean": self.total / self.count if self.count else 0.0}

    def buckets(self) -> list[tuple[str, float]]:
        below, found = 0, []
        for bound, count in zip((*BOUNDS, float("inf")), self.counts, strict=True):
            below += count
            found.append((floatToGoString(bound), below))
        return found


class Series:
    """Series by name, kind, module and tags."""

    def __init__(self) -> None:
        self._kinds: dict[str, str] = {}
        self._values: dict[str, dict[Labels, float | Distribution]] = {}
        self._counts: dict[str, int] = {}

    def set(self, caller: Caller, name: str, value: float, tags: Data = None) -> bool:
        values, labels = self._at(caller, name, "gauge", tags)
        values[labels] = value
        return True

    def add(self, caller: Caller, name: str, delta: float, tags: Data = None) -> float:
        values, labels = self._at(caller, name, "counter", tags)
        total = values.get(labels, 0.0) + delta  # type: ignore[operator] # a counter's are numbers
        values[labels] = total
        return total

    def observe(self, caller: Caller, name: str, value: float, tags: Data = None) -> bool:
        values, labels = self._at(caller, name, "histogram", tags)
        found = values.setdefault(labels, Distribution())
        assert isinstance(found, Distribution)  # noqa: S101 - a histogram's are
        found.counts[bisect_left(BOUNDS, value)] += 1
        found.total += value
        return True

    def get(self, caller: Caller, name: str, tags: Data = None) -> Data:
        found = self._values.get(name, {}).get(labels_of(caller, tags))
        return found.plain() if isinstance(found, Distribution) else found

    def all_of(self, caller: Caller) -> list[Data]:
        return [
            {
                "name": name,
                "kind": self._kinds[name],
                "tags": {key: each for key, each in labels if key != "module"},
                "value": value.plain() if isinstance(value, Distribution) else value,
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
                family.add_sample(family.name + suffix, dict(labels), value)
            yield family

    def _at(
        self, caller: Caller, name: str, kind: str, tags: Data
    ) -> tuple[dict[Labels, float | Distribution], Labels]:
        labels = labels_of(caller, tags)
        values = self._values.get(name)
        if values is None or labels not in values:
            values = self._made(caller, name, kind)
        elif self._kinds[name] != kind:
            raise OSError(f"{name} is a {self._kinds[name]}, and cannot be a {kind}")
        return values, labels

    def _made(self, caller: Caller, name: str, kind: str) -> dict[Labels, float | Distribution]:
        """Make room for one more series."""
        if not isinstance(name, str) or not NAME.match(name):
            raise OSError(f"{str(name)[:60]!r} is no name of a metric: letters, digits, _ and :")
        name_kind = self._kinds.setdefault(name, kind)
        if name_kind != kind:
            raise OSError(f"{name} is a {name_kind}, and cannot be a {kind}")
        if self._counts.get(caller.name, 0) >= MOST_SERIES:
            raise OSError(f"more than {MOST_SERIES} series; use fewer values of tags")
        self._counts[caller.name] = self._counts.get(caller.name, 0) + 1
        return self._values.setdefault(name, {})


def histogram_family(name: str, values: dict[Labels, Any]) -> Metric:
    family = HistogramMetricFamily(name, "histogram of modules")
    for labels, value in values.items():
        plain = dict(labels)
        for bound, count in value.buckets():
            family.add_sample(f"{name}_bucket", {**plain, "le": bound}, count)
        family.add_sample(f"{name}_count", plain, value.count)
        family.add_sample(f"{name}_sum", plain, value.total)
    return family


def labels_of(caller: Caller, tags: Data) -> Labels:
    if not tags:
        return (("module", caller.manifest.name),)
    if not isinstance(tags, dict):
        raise OSError("tags are a table by name")
    for tag in tags:
        if not isinstance(tag, str) or not LABEL.match(tag):
            raise OSError(f"{str(tag)[:60]!r} is no name of a tag: letters, digits and _, not module, le or __")
    return (("module", caller.manifest.name), *sorted((tag, str(value)[:200]) for tag, value in tags.items()))


class Alert(NamedTuple):
    """Whether a value passed its threshold, and what was said of that."""

    level: str
    message: str
    threshold: float
    value: float

    @property
    def firing(self) -> bool:
        return self.value > self.threshold


class Alerts:
    """Alerts by module and name; each fires once until its value falls back."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], Alert] = {}

    def look(self, caller: Caller, name: str, level: str, message: str, threshold: float, value: float) -> bool:
        """Take a value in; whether it has just passed the threshold."""
        if level not in LEVELS:
            raise OSError(f"{str(level)[:40]!r} is no level: {', '.join(LEVELS)}")
        key = (caller.name, name)
        if key not in self._known and len(self._known) >= MOST_SERIES:
            raise OSError(f"more than {MOST_SERIES} alerts")
        before = self._known.get(key)
        self._known[key] = now = Alert(level, message, threshold, value)
        return now.firing and not (before is not None and before.firing)

    def health(self, _caller: Caller) -> Data:
        firing = [(module, name, alert) for (module, name), alert in sorted(self._known.items()) if alert.firing]
        levels = {alert.level for _, _, alert in firing}
        status = "critical" if "critical" in levels else "degraded" if "warning" in levels else "healthy"
        return {
            "status": status,
            "alerts": [
                {"module": module, "name": name, "level": alert.level, "message": alert.message, "value": alert.value}
                for module, name, alert in firing
            ],
        }

    def families(self) -> Iterator[Metric]:
        family = GaugeMetricFamily("theseus_alert", "1 while the value is above its threshold")
        for (module, name), alert in self._known.items():
            family.add_sample(family.name, {"module": module, "alert": name, "level": alert.level}, float(alert.firing))
        yield family


def usage(path: str, disk: os.statvfs_result) -> Data:
    """Bytes of a disk; `free` and `percent` are of what this user may have, as ``df`` has it."""
    used, free = (disk.f_blocks - disk.f_bfree) * disk.f_frsize, disk.f_bavail * disk.f_frsize
    percent = round(100 * used / (used + free), 1) if used + free else 0.0
    return {"path": path, "total": disk.f_blocks * disk.f_frsize, "used": used, "free": free, "percent": percent}


class Machine:
    """The machine and this process."""

    def __init__(self, folder: Path, gate: Gate) -> None:
        self._gate = gate
        self._home = folder.anchor or os.sep
        self._process = psutil.Process()
        psutil.cpu_percent(interval=None)  # what follows is since the look before

    def cpu(self, _caller: Caller) -> Data:
        return {"percent": psutil.cpu_percent(interval=None), "cores": psutil.cpu_count() or 1}

    def memory(self, _caller: Caller) -> Data:
        found = psutil.virtual_memory()
        return {"total": found.total, "available": found.available, "used": found.used, "percent": found.percent}

    def disk(self, caller: Caller, path: str | None = None) -> Data:
        if path is None:
            return usage(self._home, os.statvfs(self._home))
        with self._gate.at(caller, "fs.read", path) as place:
            flags = getattr(os, "O_PATH", os.O_RDONLY | os.O_NONBLOCK) | os.O_NOFOLLOW
            descriptor = os.open(place.name, flags, dir_fd=place.folder)
            try:
                return usage(path, os.statvfs(descriptor))
            finally:
                os.close(descriptor)

    def process(self, _caller: Caller) -> Data:
        with self._process.oneshot():
            return {
                "pid": self._process.pid,
                "memory": self._process.memory_info().rss,
                "cpu_seconds": sum(self._process.cpu_times()[:2]),
                "threads": self._process.num_threads(),
                "uptime": time.time() - self._process.create_time(),
                "python": sys.version.split()[0],
                "platform": sys.platform,
            }
