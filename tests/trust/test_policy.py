"""What the policy says of patterns: who allows them, and what is not granted."""

from __future__ import annotations

import pytest

from tests.trust.allowing import Allowing


@pytest.mark.parametrize(
    ("permission", "asked", "granted", "allowed"),
    [
        ("env", "TWO_*", "*", True),
        ("env", "TWO_*", "TWO_A", False),
        ("env", "A*", "A?", False),
        ("fs_read", "data/a/*.txt", "data/**", True),
        ("fs_read", "data/**", "data/*", False),
        ("fs_read", "data/**", "~/**", False),
        ("net", "api.example.com:443", "*.example.com:*", True),
        ("net", "*.example.com:*", "*.example.com:443", False),
        ("net", "10.1.0.0/16:80", "10.0.0.0/8:80-90", True),
        ("net", "10.1.0.0/16:80", "*:*", False),
        ("modules", "spool.append", "spool", True),
        ("modules", "spool", "spool.append", False),
        ("modules", "emit:onSaved", "emit:on*", True),
        ("modules", "emit:onSaved", "listen:on*", False),
        ("exec", "git", "git", True),
    ],
)
def test_a_wider_grant_is_one_of_what_is_asked_for(
    permission: str, asked: str, granted: str, *, allowed: bool, allowing: Allowing
) -> None:
    caller = allowing.module(**{permission: [asked]})  # type: ignore[arg-type]  # no name of another argument
    name = permission.replace("_", ".")
    allowing.grant(name, granted)
    assert allowing.policy.granted(caller.manifest, name, asked) == ("user" if allowed else "")
    assert allowing.policy.not_granted(caller.manifest) == (() if allowed else (f"{name} {asked}",))
    allowing.grant(name, granted, versions="^1", allowed=False)
    assert allowing.policy.granted(caller.manifest, name, asked) == ""
