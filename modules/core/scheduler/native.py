"""When a job is next, and for whom it is."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from host.trust.caller import Caller
from host.trust.gate import Gate

LONGEST = 200  # characters of an expression


def functions(_folder: Path, _gate: Gate) -> dict[str, Callable[..., Any]]:
    """What Lua finds in ``host.native``."""
    return {"caller": lambda caller: caller.name, "next": after, "now": lambda _caller: time.time()}


def after(_caller: Caller, expression: str, moment: float, zone: str | None) -> float:
    """The next moment of a cron expression after another, in seconds since 1970."""
    from croniter import croniter  # noqa: PLC0415 - only who asks for cron pays
    from croniter.croniter import CroniterError  # noqa: PLC0415 - the same

    if len(expression) > LONGEST or len(expression.split()) != 5:
        raise OSError(f"{expression[:60]!r} is no cron expression: minute hour day month weekday")
    try:
        where = UTC if zone is None else ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise OSError(f"no time zone is called {str(zone)[:60]!r}") from None
    try:
        return float(
            croniter(expression, datetime.fromtimestamp(moment, where), max_years_between_matches=10).get_next(float)
        )
    except (CroniterError, ValueError, KeyError) as fault:
        raise OSError(f"{expression!r} is no cron expression: {' '.join(str(fault).split())[:200]}") from None
