"""How a refusal leaves the program: one sentence on stderr, or facts as JSON."""

from __future__ import annotations

import json
import os
import sys
import traceback

from host.vocabulary.errors import HostError


def refused(error: Exception, *, as_json: bool = False) -> int:
    """Say why; gives the exit status 1."""
    sentence = str(error) if isinstance(error, HostError) else _unexpected(error)
    if as_json:
        print(json.dumps({"ok": False, "error": {"kind": type(error).__name__, "message": sentence}}))
    else:
        print(f"theseus: {sentence}", file=sys.stderr)
    return 1


def _unexpected(error: Exception) -> str:
    """A fault of the program, or of the system below it; the traceback is for whoever asks for it."""
    if os.environ.get("THESEUS_DEBUG"):
        traceback.print_exception(error)
    if isinstance(error, OSError) and error.strerror:
        place = f"{error.filename}: " if error.filename else ""
        return f"{place}{error.strerror.lower()}, which ended the command; mend that and run it again"
    name = type(error).__name__
    return f"an internal fault ended the command ({name}: {error}); THESEUS_DEBUG=1 shows where: please report it"
