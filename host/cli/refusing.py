"""How a refusal leaves the program: one sentence on stderr, or facts as JSON."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, TypeGuard

from host.cli.printing import with_data
from host.vocabulary import bugs
from host.vocabulary.errors import HostError


def refused(error: Exception, *, as_json: bool = False, data: Path | None = None) -> int:
    """Say why; gives the exit status 1. What it offers to type is about the data folder that was named."""
    sentence = with_data(str(error) if isinstance(error, HostError) else _unexpected(error), data)
    if as_json:
        from host.protocol.dispatch import encoded

        kind, facts = _facts(error) if isinstance(error, HostError) else (type(error).__name__, {})
        print(encoded({"ok": False, "error": {**facts, "kind": kind, "message": sentence}}).decode())
    else:
        print(f"theseus: {sentence}", file=sys.stderr)
    return 1


def _facts(error: HostError) -> tuple[str, dict[str, Any]]:
    """What is known of a refusal: its kind, and its attributes but for the names of all modules.

    It is the same whether the refusal comes from a running host or from here.
    """
    from host.protocol.refusal import Refused, error_object
    from host.vocabulary import errors

    kinds = {each.code: each.__name__ for each in vars(errors).values() if _is_refusal(each)}
    facts = dict(error.facts if isinstance(error, Refused) else error_object(error)["data"])
    facts.pop("known", None)
    return facts.pop("kind", kinds.get(error.code, type(error).__name__)), facts


def _is_refusal(value: object) -> TypeGuard[type[HostError]]:
    return isinstance(value, type) and issubclass(value, HostError)


def _unexpected(error: Exception) -> str:
    """A fault of the program, or of the system below it; the traceback is for whoever asks for it."""
    bugs.show(error)
    if isinstance(error, OSError) and error.strerror:
        place = f"{error.filename}: " if error.filename else ""
        return f"{place}{error.strerror.lower()}, which ended the command; mend that and run it again"
    name = type(error).__name__
    return f"an internal fault ended the command ({name}: {error}); THESEUS_DEBUG=1 shows where: please report it"
