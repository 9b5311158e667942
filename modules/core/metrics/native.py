"""What modules count and measure, as Prometheus has it, and how the machine is."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from host.lifecycle.native_data import Data
from host.trust.caller import Caller
from host.trust.gate import Gate

from .alerts import Alerts
from .machine import Machine
from .series import Series

STATUSES = ("critical", "warning")


def functions(folder: Path, gate: Gate) -> dict[str, Callable[..., Any]]:
    """What Lua finds in ``host.native``; ``collect`` is for the host."""
    series, alerts, machine = Series(), Alerts(), Machine(folder, gate)

    def health(_caller: Caller, *_: Data) -> Data:
        """What the alerts say, what the machine says, and the worse of both."""
        said, parts = alerts.health(), machine.parts()
        standing = {said["status"].replace("degraded", "warning"), *(each["status"] for each in parts.values())}
        return said | parts | {"overall": next((each for each in STATUSES if each in standing), "healthy")}

    return {
        "alert": alerts.look,
        "collect": lambda: [*series.families(), *alerts.families()],
        "counter": series.add,
        "fallen": alerts.fallen,
        "gauge": series.set,
        "get_custom": series.get,
        "health_status": health,
        "histogram": series.observe,
        "list_custom": series.names_of,
        "list_series": series.all_of,
        "now": lambda _caller: time.perf_counter(),
        "runtime_info": machine.process,
        "system_cpu": machine.cpu,
        "system_disk": machine.disk,
        "system_memory": machine.memory,
    }
