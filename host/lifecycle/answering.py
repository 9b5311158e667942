"""What a module answers when the host asks it something, checked: nothing but what the contract knows goes further."""

from __future__ import annotations

from typing import cast

from host.lifecycle.instance import CONSOLE, Instance
from host.runtime.crossing import Crossing
from host.runtime.faults import printable
from host.vocabulary.errors import ModuleFault, NotData
from host.vocabulary.response import ANSWERED, Response
from host.vocabulary.states import Health, Phase
from host.vocabulary.views import PlainData

LONGEST_DETAIL = 500
"""Characters of a detail that are kept."""


async def call(instance: Instance, name: str, argument: Crossing) -> Crossing:
    """Call an export, and wait for what it returns.

    Raises:
        ModuleFault: as the module raised it; counted.
        HostError: the module ended, or was swapped, while it waited.
    """
    answer = instance.begin("export", name, argument)
    return answer if isinstance(answer, Crossing) else await answer


async def execute(instance: Instance, context: Crossing) -> Response:
    """Call the member ``execute``, and wait for its answer.

    Raises:
        ModuleFault: it raised, or answered what is no response; counted.
        HostError: the module ended, or was swapped, while it waited.
    """
    answer = instance.begin("execute", "", context)
    answer = answer if isinstance(answer, Crossing) else await answer
    try:
        return response_of(instance.name, answer)
    except ModuleFault as fault:
        instance.exchange.faulted(instance.name, fault)
        raise


def ask_health(instance: Instance) -> tuple[Health, str]:
    """Call the member ``health``.

    Raises:
        ModuleFault: as for ``execute``.
    """
    return instance.timed(Phase.HEALTH, lambda: health_of(instance.name, instance.runtime.ask("health")))


async def evaluate(instance: Instance, text: bytes) -> bytes:
    """Run what somebody typed, and wait for what it waits for; gives the tree of what it gave, encoded.

    Raises:
        ModuleFault: the text raised, or met a limit; that is not the module's fault, and is not counted.
        HostError: it was stopped while it waited, or the module ended or was swapped.
    """
    answer = instance.begin("text", "", Crossing(None, text))
    answer = answer if isinstance(answer, Crossing) else await answer
    return cast("bytes", answer.payload)


def interrupt(instance: Instance) -> int:
    """Stop what of texts waits; how many these were."""
    waiting = [number for number, label in instance.ledger.of("task").items() if label == CONSOLE]
    for number in waiting:
        instance.tasks.cancel(number, "stopped")
    return len(waiting)


def complete(instance: Instance, text: bytes) -> bytes:
    """How what somebody types could go on."""
    with instance.entering(Phase.CONSOLE):
        return instance.runtime.complete(text)


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
