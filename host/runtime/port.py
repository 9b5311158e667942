"""The door from Lua to Python: bytes become text, refusals become data, no exception and no object crosses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from host.runtime.crossing import Crossing, Requests, Ways
from host.vocabulary.errors import HostError

Fits = Callable[[int], bool]
"""Whether so many bytes can be handed to the runtime without filling it."""


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


class Port:
    """Answers one runtime's requests; ``close`` cuts it off, and its end shows that the runtime is gone."""

    def __init__(self, requests: Requests, fits: Fits) -> None:
        self._requests: Requests | None = requests
        self._fits = fits

    def of(self, request: bytes) -> Callable[..., Any]:
        """Give the function that answers one kind of request; Lua asks once for each."""
        answer: Callable[..., Any] = getattr(self, f"_{_text(request)}")
        return answer

    def close(self) -> None:
        self._requests = None

    @property
    def _live(self) -> Requests:
        if self._requests is None:
            raise HostError("the module is unloaded")
        return self._requests

    def _crossing(self, ask: Callable[..., Crossing], *arguments: Any) -> tuple[Any, ...]:
        try:
            shape, payload = ask(*arguments)
        except HostError as error:
            return (False, str(error).encode()[:4000])
        if isinstance(payload, bytes) and not self._fits(len(payload)):
            return (False, b"not enough memory for the answer")
        return (True, shape, payload)

    def _register(self, event: bytes, priority: float, scalar: Any, packed: Any, answer: Any) -> int:
        return self._live.register(_text(event), priority, Ways(scalar, packed, answer))

    def _unregister(self, registration: int) -> None:
        self._live.unregister(registration)

    def _export(self, name: bytes, answer: Any) -> int:
        return self._live.export(_text(name), answer)

    def _emit(self, event: bytes, shape: int | None = None, payload: Any = None) -> tuple[Any, ...]:
        try:
            return (True, None, self._live.emit(_text(event), Crossing(shape, payload)))
        except HostError as error:
            return (False, str(error).encode()[:4000])

    def _filter(
        self, event: bytes, shape: Any, payload: Any, rest_shape: Any = None, rest: Any = None
    ) -> tuple[Any, ...]:
        live = self._live
        return self._crossing(live.filter, _text(event), Crossing(shape, payload), Crossing(rest_shape, rest))

    def _schedule(self, milliseconds: float, repeating: bool, fire: Any) -> int | None:  # noqa: FBT001 - called by Lua
        return self._live.schedule(milliseconds / 1000, fire, repeating=repeating)

    def _cancel(self, registration: int) -> bool:
        return self._live.cancel(registration)

    def _log(self, level: bytes, text: bytes) -> None:
        self._live.log(_text(level), _text(text))

    def _dependency(self, name: bytes) -> bytes | None:
        state = self._live.dependency(_text(name))
        return state.encode() if state else None

    def _has_export(self, owner: bytes, name: bytes) -> bool:
        return self._live.has_export(_text(owner), _text(name))

    def _call_export(self, owner: bytes, name: bytes, shape: Any = None, payload: Any = None) -> tuple[Any, ...]:
        return self._crossing(self._live.call_export, _text(owner), _text(name), Crossing(shape, payload))

    def _call_handed(self, serial: int, function: int, shape: Any = None, payload: Any = None) -> tuple[Any, ...]:
        return self._crossing(self._live.call_handed, serial, function, Crossing(shape, payload))

    def _native(self, name: bytes, shape: Any = None, payload: Any = None) -> tuple[Any, ...]:
        return self._crossing(self._live.native, _text(name), Crossing(shape, payload))

    def _source(self, path: bytes) -> bytes | None:
        data = self._live.source(_text(path))
        return data if data is None or self._fits(len(data)) else None

    def _asset(self, path: bytes) -> tuple[bytes | None, bytes]:
        try:
            data = self._live.asset(_text(path))
        except HostError as error:
            return (None, str(error).encode()[:4000])
        return (data, b"") if self._fits(len(data)) else (None, b"not enough memory for the file")
