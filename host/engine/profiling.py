"""Profiles: what modules run, sampled while somebody asks and for a little while after."""

from __future__ import annotations

import asyncio
import time
from collections import Counter, deque
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Annotated, Final

import msgspec

from host.engine.roster import Roster
from host.lifecycle.instance import Instance
from host.runtime.codec import decode
from host.runtime.faults import printable
from host.vocabulary.errors import HostError, ModuleFault, NotData
from host.vocabulary.views import FlameNode, PlainData, Profile

LEASE_S: Final = 5.0
"""Seconds without a question after which nothing is sampled any more."""
LONGEST_S: Final = 60.0
"""What is kept of the past, in seconds."""
MOST_STACKS: Final = 400
DEEPEST: Final = 40
"""Places of a stack, its line among them; both as ``sampling.lua`` keeps them."""
_TICKS: Final = "2,000 instructions"
_SIGNALS: Final = "1 ms of its processor's time"

_Count = Annotated[int, msgspec.Meta(ge=0)]
_Place = tuple[str, str, int]
_Stack = tuple[_Place, ...]
_BEYOND: Final[_Place] = ("elsewhere", "", 0)


class _Noted(msgspec.Struct):
    """What a runtime noted: places by number, and samples by the numbers of a stack, innermost first."""

    places: list[tuple[PlainData, PlainData, int]] | dict[str, int]
    stacks: Annotated[dict[str, _Count], msgspec.Meta(max_length=MOST_STACKS)]
    total: _Count
    beyond: _Count


@dataclass(slots=True)
class _Batch:
    """What was noted between two questions: seconds, samples by stack, and how many had no room."""

    began: float
    ended: float
    stacks: dict[_Stack, int]
    total: int
    beyond: int


@dataclass(slots=True, eq=False)
class _Watch:
    """An instance that is being sampled."""

    instance: Instance
    asked: float
    batches: deque[_Batch] = field(default_factory=deque)


class Profiling:
    """Samples those modules that are asked for; of all others nothing is noted, and nothing costs anything."""

    def __init__(self, roster: Roster) -> None:
        self._roster = roster
        self._watches: dict[int, _Watch] = {}

    @property
    def watched(self) -> frozenset[str]:
        """Names of the modules that are sampled now."""
        return frozenset(watch.instance.name for watch in self._watches.values())

    def look(self, name: str, seconds: float) -> Profile:
        """What a module ran in the last seconds, since it was asked for first.

        Raises:
            ModuleUnknown: it is not loaded.
            ModuleFault: it cannot be looked into: it is full, or its process is gone.
        """
        if not 0 < seconds <= LONGEST_S:
            raise HostError(f"a profile is of up to {LONGEST_S:g} s, not of {seconds:g} s")
        instance = self._roster.get(name)
        unit = _SIGNALS if instance.runtime.pid else _TICKS
        now = time.monotonic()
        watch = self._watches.get(instance.serial)
        if watch is None:
            instance.runtime.sample(on=True)
            self._watches[instance.serial] = _Watch(instance, now)
            asyncio.get_running_loop().call_later(LEASE_S, self._expire, instance.serial)
            return Profile(seconds=0.0, samples=0, unit=unit)
        began, watch.asked = watch.asked, now
        watch.batches.append(_batch(instance, began, now))
        while watch.batches[0].ended < now - LONGEST_S:
            watch.batches.popleft()
        recent = [batch for batch in watch.batches if batch.began >= now - seconds] or [watch.batches[-1]]
        return _merged(recent, unit)

    def _expire(self, serial: int) -> None:
        watch = self._watches[serial]
        left = watch.asked + LEASE_S - time.monotonic()
        if left > 0:
            asyncio.get_running_loop().call_later(left, self._expire, serial)
            return
        del self._watches[serial]
        with suppress(ModuleFault):  # it went meanwhile, and its samples with it
            watch.instance.runtime.sample(on=False)


def _batch(instance: Instance, began: float, ended: float) -> _Batch:
    """Take over what was noted; a process that says anything else than that is believed nothing."""
    try:
        noted = msgspec.convert(decode(instance.runtime.sample(on=True)), _Noted)
        listed = noted.places if isinstance(noted.places, list) else []
        places = [_BEYOND, *(_place(instance.name, *each) for each in listed)]
        stacks: Counter[_Stack] = Counter()
        for key, count in noted.stacks.items():
            line, *functions = (places[int(number)] for number in _numbers(key))
            stacks[*reversed(functions), line] += count
    except (msgspec.ValidationError, NotData, IndexError, ValueError) as mistake:
        raise HostError(f"{instance.name} could not be looked into: its samples are none") from mistake
    return _Batch(began, ended, stacks, noted.total, noted.beyond)


def _numbers(key: str) -> list[str]:
    numbers = key.split(",", DEEPEST)
    if len(numbers) > DEEPEST:
        raise ValueError
    return numbers


def _place(module: str, name: PlainData, file: PlainData, line: int) -> _Place:
    return _words(name), _words(file).removeprefix(f"{module}/"), line


def _words(text: PlainData) -> str:
    return printable(text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text))


def _merged(batches: list[_Batch], unit: str) -> Profile:
    stacks: Counter[_Stack] = Counter()
    for batch in batches:
        stacks.update(batch.stacks)
    return Profile(
        seconds=sum(batch.ended - batch.began for batch in batches),
        samples=sum(batch.total for batch in batches),
        unit=unit,
        roots=_nodes(stacks.items(), 0),
        beyond=sum(batch.beyond for batch in batches),
    )


def _nodes(stacks: Iterable[tuple[_Stack, int]], depth: int) -> tuple[FlameNode, ...]:
    """The functions at one depth of some stacks, most samples first, with what they called."""
    below: dict[_Place, list[tuple[_Stack, int]]] = {}
    for stack, count in stacks:
        if len(stack) > depth:
            below.setdefault(stack[depth], []).append((stack, count))
    made = [
        FlameNode(
            name=name,
            file=file,
            line=line,
            samples=sum(count for _, count in each),
            children=_nodes(each, depth + 1),
        )
        for (name, file, line), each in below.items()
    ]
    return tuple(sorted(made, key=lambda node: (-node.samples, node.file, node.line)))
