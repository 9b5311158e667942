"""The door from Lua to Python: bytes become text, refusals become data, no exception and no object crosses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from host.runtime.crossing import Answer, Crossing, LuaFunction, Requests, Ticket, Ways
from host.runtime.parts import compiled
from host.vocabulary.errors import HostError, ModuleFault, NestedTooDeep, NotShown, PermissionDenied, RateExceeded
from host.vocabulary.payload import Payload, Shape

Fits = Callable[[int], bool]
"""Whether so many bytes can be handed to the runtime without filling it."""

ALWAYS_FITS: Final = 1 << 16
"""Bytes of an answer for which there is room before Lua asks."""
LONGEST_REFUSAL: Final = 4000
"""Bytes of a sentence that Lua is told; one always fits, there is room before Lua asks."""


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


class Port:
    """Answers one runtime's requests; ``close`` cuts it off, and its end shows that the runtime is gone.

    Lua calls the methods that begin with an underscore by what follows it, and gets ``True`` and the answer, or
    ``False`` and a sentence, and which limit that was where it was one; ``None`` and a sentence where the same might be
    granted a moment later.

    Attributes:
        ways: gives the ways into the function that Lua registers; set as soon as the runtime can answer.
    """

    def __init__(self, requests: Requests, fits: Fits) -> None:
        self._requests: Requests | None = requests
        self._fits = fits
        self.ways: LuaFunction = tuple

    def of(self, request: bytes) -> Callable[..., Answer]:
        """Give the function that answers one kind of request; Lua asks once for each."""
        kind = _text(request)
        answer: Callable[..., Answer] = getattr(self, f"_{kind}")

        def answered(*arguments: Payload) -> Answer:
            requests = self._requests
            try:
                return answer(*arguments)
            except Exception as error:  # noqa: BLE001 - Lua's pcall would have it, and it leads out
                return self._failed(kind, error, requests)

        return answered

    def _failed(self, kind: str, error: Exception, requests: Requests | None) -> Answer:
        """What Lua is told of an error; one that is the host's own mistake is logged."""
        match error:
            case RateExceeded() | PermissionDenied() | NotShown():
                return (None, *self._refused(str(error))[1:])
            case NestedTooDeep():
                self._live.limited("nesting")
                return (*self._refused(str(error)), b"nesting")
            case ModuleFault(back=back) if back:
                return (*self._refused(str(error)), None, back)
            case HostError():
                return self._refused(str(error))
        if requests is not None:
            requests.bug(kind, error)
        return self._refused(f"the host made a mistake ({type(error).__name__}); its log says more")

    def close(self) -> None:
        self._requests = None
        self.ways = tuple

    def _refused(self, sentence: str) -> Answer:
        data = sentence.encode("utf-8", "replace")[:LONGEST_REFUSAL]
        return (False, data) if self._fits(len(data)) else (False,)

    @property
    def _live(self) -> Requests:
        if self._requests is None:
            raise HostError("the module is unloaded")
        return self._requests

    def _awaited(self, answer: Crossing | Ticket) -> Answer:
        return (True, b"wait", int(answer)) if isinstance(answer, Ticket) else self._handed(*answer)

    def _handed(self, shape: Shape, payload: Payload) -> Answer:
        if isinstance(payload, bytes) and not self._fits(len(payload)):
            return (False,)
        return (True, shape, payload)

    def _register(self, event: bytes, priority: float) -> Answer:
        return (True, self._live.register(_text(event), priority, Ways(*self.ways())))

    def _unregister(self, registration: int) -> Answer:
        self._live.unregister(registration)
        return (True,)

    def _export(self, name: bytes, native: bytes | None = None) -> Answer:
        return (True, self._live.export(_text(name), Ways(*self.ways()).answer, _text(native or b"")))

    def _emit(self, event: bytes, shape: Shape = None, payload: Payload = None) -> Answer:
        return (True, *self._live.emit(_text(event), Crossing(shape, payload)))

    def _filter(
        self, event: bytes, shape: Shape, payload: Payload, rest_shape: Shape = None, rest: Payload = None
    ) -> Answer:
        return self._handed(*self._live.filter(_text(event), Crossing(shape, payload), Crossing(rest_shape, rest)))

    def _schedule(self, milliseconds: float, repeating: bool) -> Answer:  # noqa: FBT001 - called by Lua
        fire = Ways(*self.ways()).scalar
        return (True, self._live.schedule(milliseconds / 1000, fire, repeating=repeating))

    def _cancel(self, registration: int) -> Answer:
        return (True, self._live.cancel(registration))

    def _show_panel(self, declared: bytes) -> Answer:
        return (True, self._live.show_panel(declared, Ways(*self.ways()).answer))

    def _update_panel(self, panel: int, changes: bytes) -> Answer:
        self._live.update_panel(panel, changes)
        return (True, True)

    def _panel_value(self, panel: int, widget: bytes) -> Answer:
        return self._handed(*self._live.panel_value(panel, _text(widget)))

    def _log(self, level: bytes, text: bytes) -> Answer:
        self._live.log(_text(level), _text(text))
        return (True, True)

    def _limited(self, limit: bytes) -> Answer:
        self._live.limited(_text(limit))
        return (True,)

    def _dependency(self, name: bytes) -> Answer:
        state = self._live.dependency(_text(name))
        return (True, state.encode() if state else None)

    def _has_export(self, owner: bytes, name: bytes) -> Answer:
        return (True, self._live.has_export(_text(owner), _text(name)))

    def _bind(self, owner: bytes, name: bytes) -> Answer:
        binding = self._live.bind(_text(owner), _text(name))
        if binding is None:
            return (True,)
        if binding.call is None:
            return (True, binding.stands)
        return (True, binding.stands, self._direct(binding.call), binding.brief)

    def _direct(self, call: Callable[[Shape, Payload], tuple[Shape, Payload] | Ticket | None]) -> Callable[..., Answer]:
        """A function for Lua that has each answer; ``b"gone"`` where it has to ask anew.

        Hot: what it answers costs about 1 µs more than a bare function of Python.
        """

        def answered(shape: Shape = None, payload: Payload = None) -> Answer:
            requests = self._requests
            try:
                answer = call(shape, payload)
                if answer is None:
                    return (True, b"gone")
                if isinstance(answer, Ticket):
                    return (True, b"wait", int(answer))
                shape, payload = answer
                if type(payload) is bytes and len(payload) > ALWAYS_FITS and not self._fits(len(payload)):
                    return (False,)
                return (True, shape, payload)
            except Exception as error:  # noqa: BLE001 - as above
                return self._failed("an export", error, requests)

        return answered

    def _call_export(self, owner: bytes, name: bytes, shape: Shape = None, payload: Payload = None) -> Answer:
        return self._handed(*self._live.call_export(_text(owner), _text(name), Crossing(shape, payload)))

    def _call_handed(self, serial: int, function: int, shape: Shape = None, payload: Payload = None) -> Answer:
        return self._handed(*self._live.call_handed(serial, function, Crossing(shape, payload)))

    def _native(self, name: bytes, shape: Shape = None, payload: Payload = None) -> Answer:
        return self._awaited(self._live.native(_text(name), Crossing(shape, payload)))

    def _face(self, owner: bytes) -> Answer:
        source = self._live.face(_text(owner))
        return (True, None if source is None else compiled(source, _text(owner)))

    def _face_call(self, owner: bytes, name: bytes, *arguments: Payload) -> Answer:
        return self._awaited(self._live.face_call(_text(owner), _text(name), arguments))

    def _begin_export(self, owner: bytes, name: bytes, shape: Shape = None, payload: Payload = None) -> Answer:
        return self._awaited(self._live.begin_export(_text(owner), _text(name), Crossing(shape, payload)))

    def _begin_handed(self, serial: int, function: int, shape: Shape = None, payload: Payload = None) -> Answer:
        return self._awaited(self._live.begin_handed(serial, function, Crossing(shape, payload)))

    def _begin_task(self) -> Answer:
        return (True, self._live.begin_task())

    def _cancel_task(self, task: int) -> Answer:
        self._live.cancel_task(task)
        return (True,)

    def _join(self, task: int) -> Answer:
        return self._awaited(self._live.join(task))

    def _sleep(self, milliseconds: float) -> Answer:
        return self._awaited(self._live.sleep(milliseconds / 1000))

    def _forget(self, ticket: int) -> Answer:
        self._live.forget(ticket)
        return (True,)

    def _source(self, path: bytes) -> Answer:
        data = self._live.source(_text(path))
        if data is not None and not self._fits(len(data)):
            raise HostError(f"{_text(path)} does not fit into the memory that the module may use")
        return (True, data)

    def _asset(self, path: bytes) -> Answer:
        data = self._live.asset(_text(path))
        if not self._fits(len(data)):
            raise HostError(f"asset {_text(path)!r} does not fit into the memory that the module may use")
        return (True, data)
