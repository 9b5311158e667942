"""The host's own series, and those of modules, as Prometheus has them; and whether all of it is well."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, Final

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric

from host.engine.host import Host
from host.lifecycle.instance import Instance
from host.vocabulary.distribution import Distribution
from host.vocabulary.events import EventKind
from host.vocabulary.states import Health, Status

_SWAPS: Final = {EventKind.SWAP_COMMITTED: "committed", EventKind.SWAP_ROLLED_BACK: "rolled_back"}
_KINDS: Final = ("hook", "timer", "export")


class Metering:
    """Looks at a host when it is asked, and counts its swaps meanwhile; a Collector of prometheus_client."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._swaps = Counter[tuple[str, str]]()
        self._pauses: dict[str, Distribution] = {}

    async def follow(self) -> None:
        """Count swaps from now on, until the host ends."""
        async for event in self._host.events():
            if event.event in _SWAPS:
                self._swaps[event.module, _SWAPS[event.event]] += 1
                if event.pause_s is not None:
                    self._pauses.setdefault(event.module, Distribution()).add(event.pause_s)

    def collect(self) -> Iterator[Metric]:
        """Give all series, the host's first."""
        instances = tuple(self._host.parts.roster.active.values())
        yield from self._of_states()
        yield from _of_modules(instances)
        yield from _of_calls(instances)
        yield from _of_times(instances)
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

    def _of_states(self) -> Iterator[Metric]:
        views = self._host.snapshot().modules
        states = Counter(view.status.value for view in views.values())
        family = GaugeMetricFamily("theseus_modules", "Modules by their state", labels=["state"])
        for state, count in sorted(states.items()):
            family.add_metric([state], count)
        yield family
        each = GaugeMetricFamily("theseus_module_state", "1 for the state of a module", labels=["module", "state"])
        for name, view in sorted(views.items()):
            if view.status is not Status.FOUND:
                each.add_metric([name, view.status.value], 1)
        yield each

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


def _of_times(instances: Iterable[Instance]) -> Iterator[Metric]:
    calls = HistogramMetricFamily(
        "theseus_call_seconds", "Seconds of exports, tasks, timers and requests of a module", labels=["module", "kind"]
    )
    hooks = HistogramMetricFamily(
        "theseus_hook_seconds", "Seconds of a hook's handlers, estimated from samples", labels=["module", "hook"]
    )
    for instance in instances:
        for kind, spread in sorted(instance.durations.items()):
            calls.add_metric([instance.name, kind], spread.buckets(), spread.total)
        by_event: dict[str, Distribution] = {}
        for handler in instance.handlers.values():
            by_event.setdefault(handler.event, Distribution()).include(handler.timing.spread)
        for event, spread in sorted(by_event.items()):
            hooks.add_metric([instance.name, event], spread.buckets(), spread.total)
    yield from (calls, hooks)


def _standing(families: Iterable[Metric]) -> Iterator[dict[str, str]]:
    for family in families:
        if family.name == "theseus_alert":
            yield from (sample.labels for sample in family.samples if sample.value)
