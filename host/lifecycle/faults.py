"""All that a schema has against settings, each fault at its place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, Final

from host.vocabulary.settings import SettingFault

MOST: Final = 200
"""Faults that are told of one set of settings."""
LONGEST: Final = 500
"""Characters of what is said of one; it may hold the value."""
MISSING: Final = "is missing"
"""What is said of a setting that is required."""


_TOO_DEEP: Final = "it refers to itself without end, or is nested too deeply"


def faults(schema: Mapping[str, Any] | None, settings: Mapping[str, Any]) -> tuple[SettingFault, ...]:
    """Judge settings, the defaults among them, by a schema; nothing that it refers to elsewhere is fetched.

    A schema that is none itself is one fault, of the whole.
    """
    if schema is None:
        return ()
    try:
        return _found(schema, settings)
    except BaseException as panic:
        if type(panic).__name__ != "PanicException":  # of a library in Rust, where the stack of Python ends in it
            raise
        return (_unusable(_TOO_DEEP),)


def _found(schema: Mapping[str, Any], settings: Mapping[str, Any]) -> tuple[SettingFault, ...]:
    from jsonschema import Draft202012Validator, SchemaError  # noqa: PLC0415 - 0.1 s, which no start should pay
    from jsonschema.exceptions import UnknownType, best_match  # noqa: PLC0415 - the same
    from referencing import Registry  # noqa: PLC0415 - the same
    from referencing.exceptions import Unresolvable  # noqa: PLC0415 - the same

    def told() -> Iterator[SettingFault]:
        for error in Draft202012Validator(schema, registry=Registry()).iter_errors(settings):
            deepest = best_match([error]) if error.context else error
            if deepest.validator == "required":
                for name in deepest.validator_value:
                    if name not in deepest.instance:
                        yield SettingFault(path=(*deepest.absolute_path, name), message=MISSING)
            else:
                yield SettingFault(path=tuple(deepest.absolute_path), message=shortened(deepest.message))

    try:
        Draft202012Validator.check_schema(dict(schema))
        return tuple(dict.fromkeys(islice(told(), MOST)))
    except SchemaError as error:
        why = error.message
    except Unresolvable as error:
        why = f"it refers to {error.ref}, which is nowhere in it"
    except (UnknownType, re.error, RecursionError) as error:
        why = _TOO_DEEP if isinstance(error, RecursionError) else str(error).splitlines()[0]
    return (_unusable(why),)


def _unusable(why: str) -> SettingFault:
    return SettingFault(path=(), message=f"config.schema.json cannot be used: {shortened(why)}")


def shortened(text: str) -> str:
    """What is said begins with the value and ends with what is wrong with it."""
    return text if len(text) <= LONGEST else f"{text[: LONGEST // 2]} ... {text[-LONGEST // 2 :]}"
