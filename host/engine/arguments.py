"""What the public methods of the host are called with: a wrong type is a mistake of the caller's, and named as one."""

from __future__ import annotations


def expect_text(method: str, **given: object) -> None:
    """Look at arguments that must be text.

    Raises:
        TypeError: one is not; names the method, the argument and what was expected.
    """
    for name, value in given.items():
        if not isinstance(value, str):
            raise TypeError(f"Host.{method}: {name} must be a str, not {type(value).__name__}")
