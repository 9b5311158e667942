"""A rehearsal: a swap up to its point of no return, in runtimes of its own, which are dropped afterwards.

What runs is asked for its state, as for a checkpoint, and notices nothing else: it is not paused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from host.discovery.bundle import Bundle
from host.lifecycle.bring_up import begin, give_state, migrate, prepare, receive, set_state, validate
from host.lifecycle.instance import Instance
from host.lifecycle.take_down import drop_staged
from host.swap.arrival import Arrival
from host.swap.change import Target
from host.swap.shadow import Recorder, Shadow, shown
from host.swap.steps import Steps
from host.vocabulary.errors import HostError


@dataclass(slots=True, eq=False)
class Rehearsed:
    """What became of one module.

    Attributes:
        steps: told and timed.
        before, after: its state as it is, and as it would be; ``None`` where there is none.
        bundle: the sources that were read for it; ``None`` where it did not come to that.
        events: what the new one would answer.
        memory: bytes of the new one.
        effects: what it asked of others, which was not done.
        error: why the swap would be refused.
    """

    target: Target
    steps: Steps = field(default_factory=Steps)
    before: bytes | None = None
    after: bytes | None = None
    bundle: Bundle | None = None
    events: frozenset[str] = frozenset()
    memory: int = 0
    effects: tuple[str, ...] = ()
    error: HostError | None = None


def rehearse(targets: Sequence[Target], arrivals: Sequence[Arrival] = ()) -> tuple[Rehearsed, ...]:
    """Rehearse a swap of modules together, dependencies before dependents; the first refusal ends it.

    What comes along with them is told with the first.
    """
    recorder = Recorder()
    shadow = Shadow(targets[0].old.exchange, recorder)
    rehearsed = tuple(Rehearsed(target) for target in targets)
    made: list[Instance] = []
    along: list[Instance] = []
    first = at = rehearsed[0]
    try:
        for at in rehearsed:
            with at.steps.step("check"):
                at.target.check()
        at = first
        _bring(at, arrivals, along, shadow)
        for at in rehearsed:
            recorder.who = at.target.old.name
            with at.steps.step("prepare"):
                at.bundle = at.target.bundle()
                made.append(prepare(at.target.manifest, at.bundle, shadow, shadow.native))
                shadow.staged[at.target.old.name] = made[-1]
        for at in rehearsed:
            with at.steps.step("snapshot"):
                at.before = at.target.old.state()
        for arrival, new in zip(arrivals, along, strict=True):
            at, recorder.who = first, new.name
            with at.steps.step("init"):
                arrival.start(new)
        for at, new in zip(rehearsed, made, strict=True):
            recorder.who = new.name
            _begin(at, new)
        for at, new in zip(rehearsed, made, strict=True):
            recorder.who = new.name
            with at.steps.step("validate"):
                validate(new)
            _look(at, new)
    except HostError as refusal:
        at.error = refusal
    finally:
        for at, new in reversed([*zip(rehearsed, made, strict=False)]):
            _drop(at, new, recorder)
        for new in reversed(along):
            drop_staged(new)
    return rehearsed


def _bring(at: Rehearsed, arrivals: Sequence[Arrival], along: list[Instance], shadow: Shadow) -> None:
    for arrival in arrivals:
        with at.steps.step("prepare"):
            along.append(prepare(arrival.manifest, arrival.bundle(), shadow, shadow.native))
            shadow.staged[arrival.key.name] = along[-1]


def _drop(at: Rehearsed, new: Instance, recorder: Recorder) -> None:
    recorder.who = new.name
    at.memory = at.memory or new.runtime.memory
    at.effects = tuple(shown(recorder.effects, new.name))
    drop_staged(new)


def _begin(at: Rehearsed, new: Instance) -> None:
    with at.steps.step("init"):
        begin(new, at.target.config)
    if at.before is not None and new.runtime.has("setState"):
        with at.steps.step("migrate"):
            receive(new, at.before)
            migrate(new, at.target.old.version)
        with at.steps.step("setState"):
            set_state(new)
    new.ready = True


def _look(at: Rehearsed, new: Instance) -> None:
    with at.steps.step("getState"):
        at.after = give_state(new)
    at.events = new.events
    at.memory = new.runtime.memory
