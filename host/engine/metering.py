"""The host's own series, and those of modules, as Prometheus has them; and whether all of it is well."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, Final

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, SummaryMetricFamily
from prometheus_client.metrics_core import Metric

from host.engine.host import Host
from host.hooks.handler import Timing
from host.lifecycle.instance import Instance
from host.vocabulary.events import EventKind
from host.vocabulary.states import Health, Status

BUCKETS: Final = (0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
"""Seconds of a pause up to which are counted together; one more bucket has the rest."""

_SWAPS: Final = {EventKind.SWAP_COMMITTED: "committed", EventKind.SWAP_ROLLED_BACK: "rolled_back"}
_KINDS: Final = ("hook", "timer", "export")


class Metering:
    """Looks at a host when it is asked, and counts its swaps meanwhile; a Collector of prometheus_client."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._swaps = Counter[tuple[str, str]]()
        self._pauses: dict[str, _Pauses] = {}

    async def follow(self) -> None:
        """Count swaps from now on, until the host ends."""
        async for event in self._host.events():
            if event.event in _SWAPS:
                self._swaps[event.module, _SWAPS[event.event]] += 1
                if event.pause_s is not None:
                    self._pauses.setdefault(event.module, _Pauses()).add(event.pause_s)

    def collect(self) -> Iterator[Metric]:
        """Give all series, the host's first."""
        instances = tuple(self._host.parts.roster.active.values())
        yield self._of_states()
        yield from _of_modules(instances)
        yield from _of_calls(instances)
        yield _of_hooks(instances)
        yield from self._of_swaps()
        for instance in instances:
            yield from instance.native.collect()

    def health(self) -> dict[str, Any]:
        """How the host is: critical where a module is unhealthy or an alert of that level stands."""
        views = self._host.snapshot().modules.values()
        said = {view.name: view.health.value for view in views if view.health is not None}
        off = [view.name for view in views if view.status in {Status.QUARANTINED, Status.FAILED}]
        alerts = list(_standing(self.collect()))
        levels = {alert["level"] for alert in alerts}
        critical = Health.UNHEALTHY in said.values() or "critical" in levels
        degraded = off or Health.DEGRADED in said.values() or "warning" in levels
        status = "critical" if critical else "degraded" if degraded else "healthy"
        return {"status": status, "modules": said, "off": off, "alerts": alerts}

    def _of_states(self) -> Metric:
        states = Counter(view.status.value for view in self._host.snapshot().modules.values())
        family = GaugeMetricFamily("theseus_modules", "Modules by their state", labels=["state"])
        for state, count in sorted(states.items()):
            family.add_metric([state], count)
        return family

    def _of_swaps(self) -> Iterator[Metric]:
        swaps = CounterMetricFamily("theseus_swaps", "Swaps by how they ended", labels=["module", "outcome"])
        for (module, outcome), count in sorted(self._swaps.items()):
            swaps.add_metric([module, outcome], count)
        pauses = HistogramMetricFamily(
            "theseus_swap_pause_seconds", "How long a module answered nobody", labels=["module"]
        )
        for module, found in sorted(self._pauses.items()):
            pauses.add_metric([module], found.buckets(), found.total)
        yield from (swaps, pauses)


class _Pauses:
    """Pauses of one module by bucket."""

    def __init__(self) -> None:
        self.total = 0.0
        self._counts = [0] * (len(BUCKETS) + 1)

    def add(self, seconds: float) -> None:
        self._counts[bisect_left(BUCKETS, seconds)] += 1
        self.total += seconds

    def buckets(self) -> list[tuple[str, float]]:
        bounds = [*map(str, BUCKETS), "+Inf"]
        return [(bound, sum(self._counts[: place + 1])) for place, bound in enumerate(bounds)]


def _of_modules(instances: Iterable[Instance]) -> Iterator[Metric]:
    labels = ["module", "version"]
    faults = CounterMetricFamily("theseus_module_faults", "Faults of a module since it was loaded", labels=labels)
    memory = GaugeMetricFamily("theseus_module_memory_bytes", "Memory of a module's runtime", labels=labels)
    tasks = GaugeMetricFamily("theseus_module_tasks", "Tasks that wait or are about to run", labels=labels)
    for instance in instances:
        of = [instance.name, instance.version]
        faults.add_metric(of, instance.faults)
        memory.add_metric(of, instance.runtime.memory)
        tasks.add_metric(of, len(instance.tasks))
    yield from (faults, memory, tasks)


def _of_calls(instances: Iterable[Instance]) -> Iterator[Metric]:
    """Add up what one module registered by the same name."""
    labels = ["module", "kind", "name"]
    calls = CounterMetricFamily("theseus_calls", "Calls of what a module registered", labels=labels)
    errors = CounterMetricFamily("theseus_call_errors", "Those that failed", labels=labels)
    for instance in instances:
        called, failed = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
        for kind in _KINDS:
            for number, name in instance.ledger.of(kind).items():
                count, faults = instance.meter(number)
                called[kind, name] += count
                failed[kind, name] += faults
        for kind, name in sorted(called):
            calls.add_metric([instance.name, kind, name], called[kind, name])
            errors.add_metric([instance.name, kind, name], failed[kind, name])
    yield from (calls, errors)


def _of_hooks(instances: Iterable[Instance]) -> Metric:
    family = SummaryMetricFamily(
        "theseus_hook_seconds", "Seconds of a hook's handlers, estimated from samples", labels=["module", "hook"]
    )
    for instance in instances:
        by_event: dict[str, list[Timing]] = {}
        for handler in instance.handlers.values():
            by_event.setdefault(handler.event, []).append(handler.timing)
        for event, timings in sorted(by_event.items()):
            of = [instance.name, event]
            family.add_metric(of, sum(each.calls for each in timings), sum(each.total for each in timings))
            slowest = max(each.p95 for each in timings)
            labels = {"module": instance.name, "hook": event, "quantile": "0.95"}
            family.add_sample(family.name, labels, slowest)
    return family


def _standing(families: Iterable[Metric]) -> Iterator[dict[str, str]]:
    for family in families:
        if family.name == "theseus_alert":
            yield from (sample.labels for sample in family.samples if sample.value)
