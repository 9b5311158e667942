"""What a module answers when the host asks it something, checked: nothing but what the contract knows goes further."""

from __future__ import annotations

from typing import cast

from host.runtime.crossing import Crossing
from host.runtime.faults import printable
from host.vocabulary.errors import ModuleFault, NotData
from host.vocabulary.response import ANSWERED, Response
from host.vocabulary.states import Health
from host.vocabulary.views import PlainData

LONGEST_DETAIL = 500
"""Characters of a detail that are kept."""


def response_of(module: str, answer: Crossing) -> Response:
    """What ``execute`` returned.

    Raises:
        ModuleFault: it is no response; says which part of it, and what was expected.
    """
    response = _values(module, "execute", answer)[0]
    if not isinstance(response, dict):
        raise ModuleFault(module, "execute", f"it returned {_words(response)}, and must return a table with a status")
    status = response.setdefault("status", "success")
    if status not in ANSWERED:
        raise ModuleFault(module, "execute", f"the status is {_words(status)}, and must be {_either(ANSWERED)}")
    if not isinstance(response.get("message", ""), str):
        raise ModuleFault(module, "execute", f"the message is {_words(response['message'])}, and must be text")
    variables = response.get("variables", {})
    if not (isinstance(variables, dict) and all(isinstance(name, str) for name in variables)):
        raise ModuleFault(module, "execute", "the variables must be a table by name")
    return cast("Response", response)


def health_of(module: str, answer: Crossing) -> tuple[Health, str]:
    """What ``health`` returned, and its detail as one line.

    Raises:
        ModuleFault: it is no health.
    """
    health, detail = (*_values(module, "health", answer), None, None)[:2]
    if health not in tuple(Health):
        raise ModuleFault(module, "health", f"it returned {_words(health)}, and must return {_either(tuple(Health))}")
    if not isinstance(detail, str | None):
        raise ModuleFault(module, "health", f"the detail is {_words(detail)}, and must be text")
    return Health(health), printable(detail or "")[:LONGEST_DETAIL]


def _values(module: str, member: str, answer: Crossing) -> tuple[PlainData, ...]:
    try:
        return answer.values() or (None,)
    except NotData as refusal:
        raise ModuleFault(module, member, str(refusal)) from None


def _either(words: tuple[str, ...]) -> str:
    return f"{', '.join(words[:-1])} or {words[-1]}"


def _words(value: PlainData) -> str:
    match value:
        case None:
            return "nothing"
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case str():
            return repr(printable(value)[:80])
        case bytes():
            return "no text"
    return "a table"
