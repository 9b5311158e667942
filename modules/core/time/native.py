"""Clocks and dates, in seconds since the Unix epoch."""

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

UNITS = {"w": 604_800.0, "d": 86_400.0, "h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|[wdhms])\s*")
LONGEST_TEMPLATE = 200  # characters
LONGEST_DURATION = 200
ODD = re.compile(r"%(?:$|[^A-Za-z%])")  # the C library takes widths too, and fills as many bytes
LATEST = 253_402_300_799.0  # the end of the year 9999


def functions(_folder: Path) -> dict[str, Callable[..., Any]]:
    """What Lua finds in ``host.native``."""
    return {
        "date": date,
        "duration": duration,
        "format": shown,
        "iso": iso,
        "monotonic": time.monotonic,
        "now": time.time,
        "parse": parse,
    }


def zone_of(name: str | bytes | None) -> tzinfo:
    if name is None:
        return UTC
    if isinstance(name, bytes):
        raise OSError("the name of the zone is no UTF-8")
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise OSError(f"no time zone is called '{name[:60]}'") from None


def moment(seconds: float | None, zone: str | None) -> datetime:
    at = time.time() if seconds is None else seconds
    if not 0 <= at <= LATEST:
        raise OSError(f"{at:g} s is no moment between 1970 and 9999")
    return datetime.fromtimestamp(at, zone_of(zone))


def iso(seconds: float | None, zone: str | None) -> str:
    return moment(seconds, zone).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def shown(seconds: float | None, template: str | bytes, zone: str | None) -> str:
    if isinstance(template, bytes):
        raise OSError("the pattern is no UTF-8")
    if len(template) > LONGEST_TEMPLATE or ODD.search(template):
        raise OSError(f"'{template[:60]}' is no pattern: up to {LONGEST_TEMPLATE} characters, a letter after each %")
    return moment(seconds, zone).strftime(template)


def date(seconds: float | None, zone: str | None) -> dict[str, Any]:
    at = moment(seconds, zone)
    return {
        "year": at.year,
        "month": at.month,
        "day": at.day,
        "hour": at.hour,
        "min": at.minute,
        "sec": at.second,
        "weekday": at.isoweekday(),
        "yday": at.timetuple().tm_yday,
        "offset": at.utcoffset().total_seconds(),  # type: ignore[union-attr] # it has a zone
    }


def parse(text: str | bytes, zone: str | None) -> float:
    """Read ISO 8601; where it has no offset it is of the zone."""
    if isinstance(text, bytes):
        raise OSError("the text is no UTF-8")
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise OSError(f"'{text[:60]}' is no moment as in 2024-03-01T12:00:00Z") from None
    return (found if found.tzinfo is not None else found.replace(tzinfo=zone_of(zone))).timestamp()


def duration(text: str | bytes) -> float:
    """Read ``1h 30m``, ``250ms``."""
    total, at = 0.0, 0
    if isinstance(text, bytes):
        raise OSError("the text is no UTF-8")
    if len(text) > LONGEST_DURATION:
        raise OSError(f"'{text[:60]}' is no duration: it has more than {LONGEST_DURATION} characters")
    for part in DURATION.finditer(text.strip()):
        if part.start() != at:
            break
        total, at = total + float(part[1]) * UNITS[part[2]], part.end()
    if at == 0 or at != len(text.strip()):
        raise OSError(f"'{text[:60]}' is no duration as in 1h 30m or 250ms")
    return total
