"""The columns of the flat tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from host.desktop.models.table import Column
from host.desktop.muting import Muting
from host.desktop.wording import grouped, millis, pause, size
from host.vocabulary.clock import clock
from host.vocabulary.events import Event, EventKind
from host.vocabulary.states import Outcome

if TYPE_CHECKING:
    from host.vocabulary.views import (
        AccessRow,
        AuditRow,
        HistoryRow,
        LimitView,
        LogLine,
        ProblemView,
    )

_LEVELS: Final = {"error": "bad", "warn": "warn"}
_GLYPHS: Final = {"warn": "warning", "error": "error", "debug": "debug"}
_EVENT_GLYPHS: Final = {
    EventKind.READY: "active",
    EventKind.MODULE_LOADED: "active",
    EventKind.MODULE_UNLOADED: "unloaded",
    EventKind.MODULE_FOUND: "found",
    EventKind.MODULE_GONE: "unloaded",
    EventKind.SWAP_COMMITTED: "swapping",
    EventKind.SWAP_ROLLED_BACK: "warning",
    EventKind.RELOAD_REFUSED: "warning",
    EventKind.MODULE_FAULT: "error",
    EventKind.MODULE_FAILED: "error",
    EventKind.MODULE_RESTARTED: "warning",
    EventKind.MODULE_LEFT_OUT: "error",
    EventKind.PROBLEM_FOUND: "error",
    EventKind.PROBLEM_GONE: "active",
    EventKind.ENGINE_DIED: "error",
    EventKind.STORAGE_FAILED: "error",
}


def _problem_text(row: ProblemView) -> str:
    return f"{row.message}  ({grouped(row.count)} times)" if row.count > 1 else row.message


def _problem_place(row: ProblemView) -> str:
    name = row.file.replace("\\", "/").rpartition("/")[2]
    return f"{name}:{row.line}" if name and row.line else name


def event_rank(row: Event) -> int:
    """How much an event matters: 2 for an error, 1 for a warning, else 0."""
    return {"error": 2, "warning": 1}.get(_EVENT_GLYPHS.get(row.event, ""), 0)


def _event_text(row: Event) -> str:
    words = row.text or row.event.replace("_", " ")
    return f"{words}: {row.error}" if row.error and row.error not in words else words


def change(row: HistoryRow) -> str:
    """From which version to which."""
    if not row.from_version or row.from_version == row.to_version:
        return row.to_version or row.from_version
    return f"{row.from_version} \u2192 {row.to_version}"


def _history_detail(row: HistoryRow) -> str:
    beside = f"with {', '.join(row.others)}" if row.others else ""
    return "; ".join(filter(None, (row.error or row.state or ", ".join(row.files), beside)))


def _outcome(row: HistoryRow) -> str:
    return "done" if row.outcome is Outcome.COMMITTED else "taken back"


def _granted(row: AccessRow) -> str:
    if not row.asked:
        return "not asked for"
    return {"user": "granted", "policy": "granted by the host"}.get(row.granted_by, "not granted")


def _measured(value: float, unit: str) -> str:
    match unit:
        case "bytes":
            return size(value)
        case "s":
            return f"{millis(value * 1000)} ms"
    return f"{grouped(round(value))}{f' {unit}' if unit.isalpha() else unit}"


def problems(muting: Muting) -> tuple[Column[ProblemView], ...]:
    """The columns of the problems; what is muted stands back."""

    def tone(row: ProblemView) -> str:
        return "muted" if row.id in muting.problems else ""

    return (
        Column(
            "Problem",
            _problem_text,
            glyph=lambda row: "" if row.id in muting.problems else str(row.severity),
            tone=tone,
        ),
        Column("Module", lambda row: row.module, tone=lambda _: "muted"),
        Column("Where", _problem_place, tone=lambda _: "muted"),
        Column("What you can do", lambda row: row.remedy, tone=tone),
    )


LOG: Final[tuple[Column[LogLine], ...]] = (
    Column("Time", lambda row: clock(row.at), tone=lambda _: "muted"),
    Column(
        "Level",
        lambda row: row.level,
        glyph=lambda row: _GLYPHS.get(row.level, "info"),
        tone=lambda row: _LEVELS.get(row.level, "muted"),
    ),
    Column("Module", lambda row: row.module, tone=lambda _: "muted"),
    Column("Text", lambda row: row.text, tone=lambda row: _LEVELS.get(row.level, "")),
)

EVENTS: Final[tuple[Column[Event], ...]] = (
    Column("Time", lambda row: clock(row.at), tone=lambda _: "muted"),
    Column("Event", lambda row: row.event.replace("_", " "), glyph=lambda row: _EVENT_GLYPHS.get(row.event, "")),
    Column("Module", lambda row: f"{row.module} {row.version}".strip(), tone=lambda _: "muted"),
    Column("Pause", lambda row: pause(row.pause_s), number=True, tone=lambda _: "muted"),
    Column("What happened", _event_text),
)

TIMELINE: Final[tuple[Column[HistoryRow], ...]] = (
    Column("When", lambda row: clock(row.at), tone=lambda _: "muted"),
    Column(
        "Act",
        lambda row: row.kind,
        glyph=lambda row: "active" if row.outcome is Outcome.COMMITTED else "warning",
        tone=lambda row: "" if row.outcome is Outcome.COMMITTED else "warn",
    ),
    Column("Module", lambda row: row.module),
    Column("Version", change),
    Column("Pause", lambda row: pause(row.pause_s), number=True),
    Column("What changed", _history_detail, tone=lambda row: "bad" if row.error else "muted"),
)

ACCESS: Final[tuple[Column[AccessRow], ...]] = (
    Column("Permission", lambda row: row.permission),
    Column("For", lambda row: row.pattern, tone=lambda row: "" if row.asked else "muted"),
    Column(
        "State",
        _granted,
        glyph=lambda row: "active" if row.granted_by else "warning",
        tone=lambda row: "" if row.granted_by else "warn",
    ),
    Column("Used", lambda row: grouped(row.used) if row.used else "", number=True),
    Column(
        "Denied",
        lambda row: grouped(row.denied) if row.denied else "",
        number=True,
        tone=lambda row: "bad" if row.denied else "",
    ),
    Column("Last", lambda row: clock(row.last), tone=lambda _: "muted"),
)


def _share(row: LimitView) -> float | None:
    """How much of a limit is used; nothing where no number says what that would be."""
    return row.used / row.most if row.most else None


LIMITS: Final[tuple[Column[LimitView], ...]] = (
    Column("Limit", lambda row: row.name),
    Column("Used", lambda row: _measured(row.used, row.unit), number=True),
    Column("At most", lambda row: _measured(row.most, row.unit) if row.most else "", number=True),
    Column("Met", lambda row: grouped(row.hits) if row.hits else "", number=True, tone=lambda _: "warn"),
    Column("Share", lambda row: f"{_share(row):.0%}" if row.most else "", part=_share, tone=lambda _: "muted"),
)

AUDIT: Final[tuple[Column[AuditRow], ...]] = (
    Column("When", lambda row: clock(row.at), tone=lambda _: "muted"),
    Column(
        "Verdict",
        lambda row: row.verdict,
        glyph=lambda row: "active" if row.verdict == "allowed" else "warning",
        tone=lambda row: "" if row.verdict == "allowed" else "warn",
    ),
    Column("Permission", lambda row: row.permission),
    Column("For", lambda row: row.wanted),
    Column("Through", lambda row: f"{row.through}  {row.details}".strip(), tone=lambda _: "muted"),
)

HISTORY: Final[tuple[Column[HistoryRow], ...]] = (
    Column("When", lambda row: clock(row.at), tone=lambda _: "muted"),
    Column("Act", lambda row: row.kind),
    Column("Version", change),
    Column(
        "Outcome",
        _outcome,
        glyph=lambda row: "active" if row.outcome is Outcome.COMMITTED else "warning",
        tone=lambda row: "" if row.outcome is Outcome.COMMITTED else "warn",
    ),
    Column("Pause", lambda row: pause(row.pause_s), number=True),
    Column("What changed", _history_detail, tone=lambda row: "bad" if row.error else "muted"),
)
