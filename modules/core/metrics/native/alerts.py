"""Values that passed a threshold, by module and name."""

from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from host.lifecycle.native_data import Data
from host.trust.caller import Caller

from .series import printed

MOST = 200  # of one module
LONGEST_NAME = 200  # characters
LONGEST_MESSAGE = 1000
LEVELS = ("info", "warning", "critical")


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
        self._fallen: list[tuple[str, str]] = []

    def look(
        self,
        caller: Caller,
        name: str,
        level: str,
        message: str,
        threshold: float | None = None,
        value: float | None = None,
    ) -> bool:
        """Take a value in; whether it has just passed the threshold, which it always has where there is none."""
        if level not in LEVELS:
            raise OSError(f"{str(level)[:40]!r} is no level: {', '.join(LEVELS)}")
        if threshold is None or value is None:
            return True
        name, message = printed(name), printed(message)
        if len(name) > LONGEST_NAME:
            raise OSError(f"the name of an alert has more than {LONGEST_NAME} characters")
        key = (caller.name, name)
        if key not in self._known and sum(module == caller.name for module, _ in self._known) >= MOST:
            raise OSError(f"more than {MOST} alerts of {caller.name}")
        before = self._known.get(key)
        self._known[key] = now = Alert(level, message[:LONGEST_MESSAGE], threshold, value)
        caller.at_end[self] = partial(self._end, caller.name)
        return now.firing and not (before is not None and before.firing)

    def _end(self, module: str) -> None:
        """Have the alerts of a module fall: nobody looks at its values any more."""
        for key in [key for key in self._known if key[0] == module]:
            if self._known.pop(key).firing:
                self._fallen.append(key)

    def fallen(self, _caller: Caller, *_: Data) -> Data:
        """Those that fell so since this was asked last: sentences; and whether any stands."""
        told: list[Data] = [f"the alert {name} of {module} fell, as that module went" for module, name in self._fallen]
        self._fallen.clear()
        return [told, any(alert.firing for alert in self._known.values())]

    def health(self) -> Data:
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
