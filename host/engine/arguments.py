"""What the public methods of the host are called with: a wrong type is a mistake of the caller's, and named as one."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite

from host.vocabulary.errors import HostError


def expect_text(method: str, **given: object) -> None:
    """Look at arguments that must be text.

    Raises:
        TypeError: one is not; names the method, the argument and what was expected.
    """
    for name, value in given.items():
        if not isinstance(value, str):
            raise TypeError(f"Host.{method}: {name} must be a str, not {type(value).__name__}")


def expect_id(method: str, **given: object) -> None:
    """Look at arguments that must be the id of an act, or nothing.

    Raises:
        TypeError: one is not.
    """
    for name, value in given.items():
        if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
            raise TypeError(f"Host.{method}: {name} must be an int, not {type(value).__name__}")


def expect_count(method: str, **given: object) -> None:
    """Look at arguments that must be numbers of things.

    Raises:
        TypeError: one is not.
    """
    for name, value in given.items():
        if value is None:
            raise TypeError(f"Host.{method}: {name} must be an int, not NoneType")
        expect_id(method, **{name: value})


def expect_wait(method: str, **given: object) -> None:
    """Look at arguments that must be seconds to wait at most.

    Raises:
        TypeError: one is no number.
        HostError: one is below 0, or not finite.
    """
    for name, value in given.items():
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise TypeError(f"Host.{method}: {name} must be a number, not {type(value).__name__}")
        if not (isfinite(value) and value >= 0):
            raise HostError(f"{name} must be 0 s or more, and finite, not {value:g} s; nothing was asked")


def expect_revisions(method: str, **given: object) -> None:
    """Look at arguments that must be revisions by name, or nothing.

    Raises:
        TypeError: one is not.
    """
    for name, value in given.items():
        if value is None:
            continue
        if not isinstance(value, Mapping):
            raise TypeError(f"Host.{method}: {name} must be revisions by name, not {type(value).__name__}")
        for key, revision in value.items():
            expect_text(method, **{f"a name in {name}": key})
            expect_count(method, **{f"{name}[{key!r}]": revision})


def expect_path(method: str, **given: object) -> None:
    """Look at arguments that must be keys in a state, one after another.

    Raises:
        TypeError: one is not.
    """
    for name, value in given.items():
        if not isinstance(value, list | tuple):
            raise TypeError(f"Host.{method}: {name} must be a list or tuple of keys, not {type(value).__name__}")


def versions_of(method: str, name: object, version: object = "") -> Mapping[str, str]:
    """Versions by name, given as such, or as one name and its version.

    Raises:
        TypeError: they are neither.
    """
    wanted = {name: version} if isinstance(name, str) else name
    if not isinstance(wanted, Mapping):
        raise TypeError(f"Host.{method}: name must be a str, or versions by name, not {type(name).__name__}")
    if version and not isinstance(name, str):
        raise TypeError(f"Host.{method}: versions by name were given, and a version beside them: {version!r}")
    for module, specifier in wanted.items():
        if not (isinstance(module, str) and isinstance(specifier, str)):
            kinds = f"{type(module).__name__} and {type(specifier).__name__}"
            raise TypeError(f"Host.{method}: a name and its version must be a str each, not {kinds}")
    return wanted
