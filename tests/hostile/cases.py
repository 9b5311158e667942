"""The corpus: modules that mean harm, each a file with what must happen at its head.

A head is lines of ``--- key: value`` below one that says what the module tries:

- ``at``: what is done with it once it is loaded. ``load``: nothing. ``call``: its export ``f`` is called. ``event``: it
  is told the event ``go``. ``filter``: the value 1 is filtered by ``go``. ``timer``: a fault of a timer is waited for.
  ``turns``: ``f`` is called, and what it began goes on for ``TURNS`` seconds.
  ``state``, ``execute``, ``health``, ``reload``, ``unload``, ``configure``: the host's methods.
- ``expect``: ``contained``, which ``f`` returns once it saw that it got nowhere; ``quiet``, whatever comes back; or the
  class of the error.
- ``alone``: the same where the module has a process of its own, in which Lua is compiled: another limit may come first.
- ``says``: a part of the error's sentence.
- ``needs``: modules that it declares.
- ``limits``: keys of ``[limits]``, separated by ``;``, in place of those in ``LIMITS``.
- ``blames``: ``victim``, where a fault passes through a function of the victim's, which is told of it too.
- ``within``: seconds of processor time that the host may take, in place of the call's limit and ``SERVED``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

CORPUS: Final = Path(__file__).parent / "corpus"
LIMITS: Final = {"memory": '"8 MiB"', "call": '"50 ms"'}
ENDING_NOTHING: Final = frozenset({"contained", "quiet"})
"""Ends of cases that meet no limit of time: these need not be quick, on a machine that does other things too."""
CALL: Final = 0.05
"""Seconds; as in ``LIMITS``."""
TURNS: Final = 0.5
SERVED: Final = 0.25
"""Seconds after a limit within which the host has answered another module."""

_KEY = re.compile(r"--- ([a-z]+): (.*)")


@dataclass(frozen=True, slots=True)
class Case:
    """One hostile module and what must happen."""

    group: str
    name: str
    source: str
    at: str = "call"
    expect: str = "quiet"
    alone: str = ""
    says: str = ""
    needs: tuple[str, ...] = ()
    limits: str = ""
    blames: str = ""
    within: float = CALL + SERVED

    def __str__(self) -> str:
        return f"{self.group}/{self.name}"

    def manifest(self, name: str, *, isolated: bool) -> str:
        """The text of its manifest, under a name."""
        patient = {"call": '"2 s"'} if self.expect in ENDING_NOTHING else {}
        limits = LIMITS | patient | dict(each.strip().split(" = ", 1) for each in self.limits.split(";") if each)
        if isolated and self.expect in ENDING_NOTHING:  # there it is time by the clock
            limits["call"] = '"30 s"'
        where = "process" if isolated else "shared"
        lines = [f'name = "{name}"', 'version = "1.0.0"', f'isolation = "{where}"']
        lines = [*lines, "[dependencies]", *(f'{need} = "*"' for need in self.needs)]
        return "\n".join([*lines, "[limits]", *(f"{key} = {value}" for key, value in limits.items()), ""])


def read_case(path: Path) -> Case:
    """Read one file of the corpus."""
    source = path.read_text("utf-8")
    matches = map(_KEY.fullmatch, source.splitlines()[1:20])
    head: dict[str, str] = {match[1]: match[2] for match in matches if match}
    return Case(
        group=path.parent.name,
        name=path.stem,
        source=source,
        at=head.get("at", "call"),
        expect=head.get("expect", "quiet"),
        alone=head.get("alone", ""),
        says=head.get("says", ""),
        needs=tuple(head["needs"].split(", ")) if "needs" in head else (),
        limits=head.get("limits", ""),
        blames=head.get("blames", ""),
        within=float(head.get("within", CALL + SERVED)),
    )


def all_cases() -> list[Case]:
    """The whole corpus, by group and name."""
    return [read_case(path) for path in sorted(CORPUS.glob("*/*.lua"))]
