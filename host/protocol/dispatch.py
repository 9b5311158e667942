"""From a method's name and raw parameters to the call that answers it, checked against its annotations."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, get_type_hints

import msgspec

from host.protocol.plain import from_wire, to_wire
from host.protocol.refusal import MethodUnknown, ParametersWrong, as_json
from host.vocabulary.errors import NotData
from host.vocabulary.views import PlainData

Answer = Callable[..., Awaitable[object]]

UNREADABLE: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What msgspec raises at bytes that are no JSON, or not the JSON that was expected."""

_PLAIN: Final = (PlainData, list, list[PlainData])


@dataclass(frozen=True, slots=True)
class _Answering:
    call: Answer
    parameters: type[msgspec.Struct]
    plain: frozenset[str]
    plain_result: bool


class Dispatch:
    """The methods that an engine answers.

    Args:
        answers: by method name; their annotations are read at run time, and say what the parameters have to be.
    """

    def __init__(self, answers: Mapping[str, Answer]) -> None:
        self._answers: Final = {name: _answering(name, call) for name, call in answers.items()}

    def prepared(self, method: str, parameters: msgspec.Raw) -> Awaitable[object]:
        """Bind the parameters; nothing runs before the result is awaited.

        Raises:
            MethodUnknown: there is none of that name.
            ParametersWrong: one is missing or of the wrong type; those it does not know are left out.
        """
        answering = self._answers.get(method)
        if answering is None:
            raise MethodUnknown(method, tuple(sorted(self._answers)))
        try:
            bound = msgspec.json.decode(parameters, type=answering.parameters)
            keywords = {name: getattr(bound, name) for name in answering.parameters.__struct_fields__}
            for name in answering.plain:
                keywords[name] = from_wire(keywords[name])
        except (*UNREADABLE, NotData) as error:
            raise ParametersWrong(method, _reason(error)) from error
        return answering.call(**keywords)

    def encoded(self, method: str, result: object) -> bytes:
        """Encode a result.

        Raises:
            NotData: the result of a call is no plain data.
        """
        return encoded(to_wire(result) if self._answers[method].plain_result else result)


def encoded(value: object, otherwise: Callable[[object], object] = as_json) -> bytes:
    """Encode as JSON; half characters, as a file name may have them, become question marks.

    Args:
        value: what to encode.
        otherwise: makes something that can be encoded of what cannot.
    """
    try:
        return msgspec.json.encode(value, enc_hook=otherwise)
    except UnicodeEncodeError:
        return msgspec.json.encode(_mended(msgspec.to_builtins(value, enc_hook=otherwise)))


def _mended(value: Any) -> Any:  # noqa: ANN401 - whatever JSON says
    match value:
        case str():
            return value.encode(errors="replace").decode()
        case list() | tuple():
            return [_mended(item) for item in value]
        case dict():
            return {_mended(key): _mended(item) for key, item in value.items()}
    return value


def _answering(name: str, call: Answer) -> _Answering:
    hints = get_type_hints(call)
    signature = inspect.signature(call).parameters
    fields = [_field(parameter, hints.get(parameter.name, PlainData)) for parameter in signature.values()]
    return _Answering(
        call=call,
        parameters=msgspec.defstruct(f"Parameters of {name}", fields, kw_only=True),
        plain=frozenset(parameter for parameter in signature if hints.get(parameter, PlainData) in _PLAIN),
        plain_result=hints.get("return", PlainData) is PlainData,
    )


def _field(parameter: inspect.Parameter, hint: Any) -> tuple[str, Any] | tuple[str, Any, Any]:  # noqa: ANN401 - a type
    if parameter.default is inspect.Parameter.empty:
        return parameter.name, hint
    return parameter.name, hint, parameter.default


def _reason(error: Exception) -> str:
    """Say what msgspec found in its words without its marks: ``expected int, got str, at since``."""
    if isinstance(error, RecursionError):
        return "nested too deep"
    if isinstance(error, UnicodeDecodeError):
        return "not UTF-8"
    text = (
        str(error)
        .replace("`", "")
        .replace("Object missing required field", "missing")
        .replace(" - at $.", ", at ")
        .replace(" - at $", "")
    )
    return text[:1].lower() + text[1:]
