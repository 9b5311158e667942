"""The filter over modules: words, and ``is: uses: dep: tier: ms>``."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from host.vocabulary.states import Health, Status

if TYPE_CHECKING:
    from host.vocabulary.views import ModuleView

    Test = Callable[[ModuleView], bool]

_BOUND: Final = re.compile(r"ms([<>])(\d+(?:\.\d+)?)\Z")
_LIVE: Final = frozenset({Status.ACTIVE, Status.PAUSED, Status.SWAPPING})
_QUALITIES: Final[dict[str, Test]] = {
    "loaded": lambda view: view.status in _LIVE,
    "autoload": lambda view: view.autoload,
    "faulty": lambda view: view.faults > 0,
    "isolated": lambda view: view.isolated,
    "locked": lambda view: bool(view.locked),
    "degraded": lambda view: view.health is Health.DEGRADED,
    "unhealthy": lambda view: view.health is Health.UNHEALTHY,
    "watched": lambda view: view.watched,
    "unwatched": lambda view: view.status in _LIVE and not view.watched,
    "swappable": lambda view: len(view.versions) > 1,
}


@dataclass(frozen=True, slots=True)
class Filter:
    """All tests have to say yes.

    Attributes:
        fault: what of the text was not understood, as one sentence; empty where all was.
    """

    tests: tuple[Test, ...] = ()
    fault: str = ""

    def accepts(self, view: ModuleView) -> bool:
        return all(test(view) for test in self.tests)


def parse(text: str) -> Filter:
    """Read what a user typed; terms are separated by blanks, and a term that is not understood hides nothing."""
    tests: list[Test] = []
    faults: list[str] = []
    for term in text.lower().split():
        test = _test(term)
        if test is None:
            faults.append(term)
        else:
            tests.append(test)
    fault = f"not understood: {' '.join(faults)}" if faults else ""
    return Filter(tuple(tests), fault)


def _test(term: str) -> Test | None:
    name, colon, value = term.partition(":")
    if bound := _BOUND.match(term):
        limit = float(bound[2])
        return (lambda view: view.ms_per_s > limit) if bound[1] == ">" else (lambda view: view.ms_per_s < limit)
    if term.startswith(("ms<", "ms>")):
        return None
    if not colon:
        return lambda view: term in view.name or term in view.summary.lower()
    match name:
        case "is":
            return _quality(value)
        case "uses" | "dep":
            return lambda view: any(needed.startswith(value) for needed in view.needs)
        case "tier":
            return lambda view: view.tier.startswith(value)
    return None


def _quality(value: str) -> Test | None:
    """A state or a quality by its beginning, so that the list follows while the word is typed."""
    known = {str(status): _has(status) for status in Status} | _QUALITIES
    chosen = [known[value]] if value in known else [test for word, test in known.items() if word.startswith(value)]
    return (lambda view: any(test(view) for test in chosen)) if chosen else None


def _has(status: Status) -> Test:
    return lambda view: view.status is status
