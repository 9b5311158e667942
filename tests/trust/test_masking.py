"""Secrets are masked by the name they stand under and by what they look like; the rest stays readable."""

from __future__ import annotations

import json
import time

import pytest

from host.trust.masking import LONGEST, LOOKED_AT, is_secret, masked, masked_text


@pytest.mark.parametrize(
    "name",
    [
        *("password", "PASSWORD", "db_password", "passwd", "pwd", "secret", "client_secret", "token", "access-token"),
        *(
            "api_key",
            "apikey",
            "X-API-Key",
            "Authorization",
            "Cookie",
            "Set-Cookie",
            "private_key",
            "credentials",
            "pin",
        ),
    ],
)
def test_names_of_secrets(name: str) -> None:
    assert is_secret(name)
    assert masked({name: "hunter2"}) == f'{{"{name}":"***"}}'


@pytest.mark.parametrize(
    "name", ["host", "path", "passage", "author", "monkey", "keyboard", "pinned", "spin", "records"]
)
def test_other_names(name: str) -> None:
    assert not is_secret(name)
    assert masked({name: "hunter2"}) == f'{{"{name}":"hunter2"}}'


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Bearer abcdef0123456789", "Bearer ***"),
        ("https://ana:hunter2@example.com/x", "https://***@example.com/x"),
        ("https://example.com/?user=ana&token=abc&x=1", "https://example.com/?user=ana&token=***&x=1"),
        ("--password=hunter2", "--password=***"),
        ("ghp_0123456789abcdef0123", "***"),
        ("AKIAIOSFODNN7EXAMPLE", "***"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-_1", "***"),
        ("-----BEGIN RSA PRIVATE KEY----- MIIE", "***"),
        ('{"password": "hunter2", "user": "ana"}', '{"password": "***", "user": "ana"}'),
        ("data/notes.txt", "data/notes.txt"),
        ("api.example.com:443", "api.example.com:443"),
        ("git commit -m 'a token of thanks'", "git commit -m 'a token of thanks'"),
    ],
)
def test_texts(text: str, kept: str) -> None:
    assert masked_text(text) == kept


def test_the_word_after_an_option_with_a_secrets_name_is_masked() -> None:
    assert json.loads(masked(["curl", "--token", "abc", "--user", "ana"])) == [
        "curl",
        "--token",
        "***",
        "--user",
        "ana",
    ]


def test_depth_length_bytes_and_what_is_no_text_are_bounded() -> None:
    deep: object = "x"
    for _ in range(50):
        deep = [deep]
    assert '"..."' in masked(deep)
    assert len(masked({"a": "x" * 100_000})) == LONGEST
    assert masked({"a": b"\xff\x00"}) == '{"a":"2 bytes"}'
    assert masked_text("a\udc80b") == "a\\udc80b"
    assert masked(None) == ""


def test_it_takes_no_longer_than_the_text_is_long() -> None:
    for text in ("a" * 100_000, "token" * 20_000, "://" * 30_000, "eyJ" * 30_000, "-----BEGIN " * 9_000, "=&" * 50_000):
        assert len(masked_text(text)) <= LONGEST


def test_of_what_is_endless_little_is_looked_at() -> None:
    word, start = "bearer abcdefgh" * 1000, time.thread_time()
    for details in (
        [word] * 100_000,
        {f"k{n}": word for n in range(100_000)},
        [[word] * 1000] * 1000,
        [None] * 100_000,
    ):
        assert len(masked(details)) <= LONGEST
    assert time.thread_time() - start < 1
    assert masked(["x"] * 1000).count('"x"') < 250


SECRETS = {
    "a token": "ghp_0123456789abcdef0123456789",
    "a user's": "https://ana:hunter2hunter2@example.com",
    "a name's": "password=hunter2hunter2hunter2",
    "a header": "Bearer 0123456789abcdef",
}


@pytest.mark.parametrize("kind", SECRETS)
@pytest.mark.parametrize("filler", ["lorem ", f"x://{'a' * 300}@ "], ids=["plain", "that shrinks as it is masked"])
def test_a_secret_that_the_end_of_what_is_looked_at_cuts_is_not_shown(kind: str, filler: str) -> None:
    secret = SECRETS[kind]
    for cut in range(1, len(secret)):
        before = filler * ((LOOKED_AT - cut) // len(filler))
        text = "." * (LOOKED_AT - cut - len(before) - 1) + before + " " + secret
        for shown in (masked_text(text), masked({"a": text[21:]}), masked([text[20:]])):
            for part in ("hunter2", "ghp_", "0123", "ana:"):
                assert part not in shown


def test_of_one_long_word_the_beginning_is_shown() -> None:
    assert masked_text("x" * 5000) == "x" * (LONGEST - 3) + "..."
