"""The rest of the host as an instance sees it in a rehearsal: it answers, and nothing comes of what is asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Iterator, MutableMapping, Sequence
from contextlib import contextmanager
from typing import Final

from host.hooks.dispatch import Dispatch
from host.lifecycle.exchange import Callee, Exchange
from host.lifecycle.native import Client, Entered, Native, names_in_native
from host.lifecycle.withheld import Withheld
from host.runtime.crossing import Crossing
from host.runtime.making import Runtimes
from host.swap.steps import Steps
from host.trust.caller import Caller
from host.vocabulary.errors import ModuleFault
from host.vocabulary.manifest import Manifest
from host.vocabulary.marker import Marker
from host.vocabulary.payload import Fields, Payload, Shape
from host.vocabulary.states import Status

MOST: Final = 1000
"""Different effects that are kept."""

Effect = tuple[str, str, str]
"""Which module, what kind (``emit``, ``filter``, ``call`` or ``native``), of what."""


class Recorder:
    """What was asked of others, and how often; of nobody's asking nothing is kept."""

    def __init__(self) -> None:
        self._effects = Counter[Effect]()
        self._who = ""

    @contextmanager
    def of(self, who: str) -> Iterator[None]:
        """Take what is asked now as asked by a module."""
        before, self._who = self._who, who
        try:
            yield
        finally:
            self._who = before

    def note(self, kind: str, name: str) -> None:
        effect = (self._who, kind, name)
        if self._who and (effect in self._effects or len(self._effects) < MOST):
            self._effects[effect] += 1

    def asked_native(self, module: str) -> bool:
        """Whether a module called its native part."""
        return any((who, kind) == (module, "native") for who, kind, _ in self._effects)

    def told(self, module: str) -> Sequence[str]:
        """What one module asked for, as ``emit added`` or ``call log.write (3 times)``, first things first."""
        return [
            f"{kind} {name}" + (f" ({count} times)" if count > 1 else "")
            for (who, kind, name), count in self._effects.items()
            if who == module
        ]


class Watched(Steps):
    """Steps of one module, in which the recorder knows whose they are."""

    def __init__(self, recorder: Recorder, who: str, told_with: Steps | None = None) -> None:
        """Begin with none, or go on with those of another, with which they are told."""
        super().__init__()
        if told_with is not None:
            self.done = told_with.done
        self._recorder = recorder
        self._who = who

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        with self._recorder.of(self._who), super().step(name):
            yield


class _Silent(Dispatch):
    """Reaches nobody; a filter gives back what it is given."""

    def __init__(self, cell: memoryview, recorder: Recorder) -> None:
        super().__init__(cell, lambda _handler, _fault: None)
        self._recorder = recorder

    def emit(self, event: str, shape: Shape, payload: Payload | Fields) -> tuple[int, list[ModuleFault]]:
        del shape, payload
        self._recorder.note("emit", event)
        return 0, []

    def filter(
        self, event: str, value: tuple[Shape, Payload], rest: tuple[Shape, Payload]
    ) -> tuple[tuple[Shape, Payload], list[ModuleFault]]:
        del rest
        self._recorder.note("filter", event)
        return value, []


class _Mute:
    """A live instance, whose exports answer nothing."""

    def __init__(self, live: Callee, recorder: Recorder) -> None:
        self.status = Status.ACTIVE
        self.ready = True
        self._live = live
        self._recorder = recorder

    @property
    def serial(self) -> int:
        return self._live.serial

    @property
    def name(self) -> str:
        return self._live.name

    @property
    def version(self) -> str:
        return self._live.version

    @property
    def needs(self) -> frozenset[str]:
        return self._live.needs

    @property
    def exports(self) -> Container[str]:
        return self._live.exports

    def direct(self, name: str) -> None:
        """None: it answers nothing."""

    def call_export(self, name: str, argument: Crossing) -> Crossing:
        del argument
        self._recorder.note("call", f"{self.name}.{name}")
        return Crossing(None, None)

    def begin(self, kind: str, name: str | int, argument: Crossing) -> Crossing:
        del argument
        self._recorder.note("call", f"{self.name}.{name}" if kind == "export" else f"a function of {self.name}")
        return Crossing(None, None)

    @property
    def face(self) -> bytes | None:
        return self._live.face

    def face_call(self, name: str, arguments: tuple[Payload, ...], client: Client) -> Crossing:
        del arguments, client
        self._recorder.note("call", f"{self.name}.{name}")
        return Crossing(None, None)

    def call_handed(self, function: int, argument: Crossing) -> Crossing:
        del function, argument
        self._recorder.note("call", f"a function of {self.name}")
        return Crossing(None, None)


class MuteNative(Native):
    """The native part of a module, which is not run: whatever it may call its functions, these do nothing."""

    def __init__(self, names: Iterable[str], recorder: Recorder) -> None:
        super().__init__("", dict.fromkeys(names, tuple))
        self._recorder = recorder

    def function(self, name: str) -> Entered:
        def enter(argument: Crossing, caller: Caller) -> Crossing:
            del argument, caller
            self._recorder.note("native", name)
            return Crossing(None, None)

        return enter


class Shadow:
    """Implements ``lifecycle.exchange.Exchange`` beside a live one; those rehearsed together see one another."""

    def __init__(self, live: Exchange, recorder: Recorder) -> None:
        self.staged: Final[MutableMapping[str, Callee]] = {}
        self.withheld: Final = Withheld()
        self.dispatch: Final[Dispatch] = _Silent(live.marker.cell, recorder)
        self.gate: Final = live.gate.silent()
        self.calling: Final = live.calling
        self.tracer: Final = None
        self._live = live
        self._recorder = recorder
        self._living: dict[int, Callee] = {}

    @property
    def marker(self) -> Marker:
        return self._live.marker

    def asked_native(self, module: str) -> bool:
        """As the recorder knows it."""
        return self._recorder.asked_native(module)

    @property
    def run(self) -> str:
        return self._live.run

    @property
    def runtimes(self) -> Runtimes:
        return self._live.runtimes

    def ended(self, instance: Callee, fault: ModuleFault | None) -> None:
        """Tell nobody: the step of the rehearsal that called it refuses."""

    def native(self, manifest: Manifest) -> Native:
        return MuteNative(sorted(names_in_native(manifest)), self._recorder)

    def serving(self, name: str) -> Callee | None:
        live = self._live.serving(name)
        return None if live is None else _Mute(live, self._recorder)

    def arrived(self, instance: Callee) -> None:
        self._living[instance.serial] = instance

    def left(self, serial: int) -> None:
        self._living.pop(serial, None)

    def by_serial(self, serial: int) -> Callee | None:
        return self._living.get(serial)

    def departed(self, serial: int) -> str:
        return self._live.departed(serial)

    def next_serial(self) -> int:
        return self._live.next_serial()

    def panel_changed(self, module: str, *, anew: bool) -> None:
        """Show nothing."""

    def log(self, module: str, level: str, text: str) -> None:
        """Keep what is logged to itself."""

    def faulted(self, module: str, fault: ModuleFault, *, asked: bool = False) -> None:
        """Count nothing against the live module."""
