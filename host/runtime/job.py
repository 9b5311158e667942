"""A runtime for jobs of a module, which run on other threads than the module itself, one after another."""

from __future__ import annotations

import ctypes
from typing import Final

from host.runtime.crossing import Requests, Step
from host.runtime.inprocess import Runtime, step_of
from host.vocabulary.identity import ModuleKey
from host.vocabulary.manifest import Limits

NEVER: Final = 0.0
AT_ONCE: Final = 1e9
"""Seconds, beyond any limit of a call, that go by between two looks. Not infinite: a difference would be no number."""


class JobRuntime(Runtime):
    """As a module's, with no limit of time: a call ends where it stops being wanted.

    Its clock stands still until then, and is read without asking Python, which computing in parallel would wait for.
    """

    def __init__(self, key: ModuleKey, limits: Limits, requests: Requests) -> None:
        """Make it, with the limits of the module."""
        self._hand = ctypes.c_double(NEVER)
        super().__init__(key, 0, limits, requests, clock=ctypes.addressof(self._hand))

    def begin(self, number: int, owner: str, image: bytes, arguments: bytes) -> Step:
        """Begin a job: what the face of ``owner`` froze, with what it packed.

        Returns:
            What it gave as one packed value, or the ticket that it waits for, or nothing where it yielded.
        """
        return step_of(self._run("job", "a job", number, owner.encode(), image, arguments))

    def stop(self) -> None:
        """Have the call that is under way raise, and each one after it; from any thread."""
        self._hand.value = AT_ONCE
