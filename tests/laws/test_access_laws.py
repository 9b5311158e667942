"""Laws: no path leads out of what patterns mean, no name into the inner network; both sides have to say yes."""

from __future__ import annotations

import ipaddress
import re
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from host.trust.addresses import is_public, unwrapped
from host.trust.caller import Caller
from host.trust.places import PathUnclear
from host.trust.policy import Verdict
from host.vocabulary.errors import PatternInvalid, PermissionDenied
from host.vocabulary.globbing import matches
from host.vocabulary.net_pattern import NetPattern
from host.vocabulary.path_pattern import PathPattern
from host.vocabulary.permission import PERMISSIONS, check_pattern, covers
from tests.trust.allowing import Allowing

NAMES: Final = st.sampled_from(("a", "b", "ab"))
TARGETS: Final = st.lists(st.sampled_from(("a", "b", "ab", "..", ".")), min_size=1, max_size=5).map("/".join)
PATTERNS: Final = st.builds(
    lambda root, names: "/".join((root, *names)),
    st.sampled_from(("data", "~", "module")),
    st.lists(st.sampled_from(("a", "b", "a*", "?", "*", "**")), min_size=1, max_size=4),
)
SPECIAL: Final = tuple(
    map(
        ipaddress.ip_network,
        (
            *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
            *("192.0.2.0/24", "192.168.0.0/16", "198.18.0.0/15", "224.0.0.0/4", "240.0.0.0/4", "::/128", "::1/128"),
            *("fc00::/7", "fe80::/10", "ff00::/8", "2001:db8::/32"),
        ),
    )
)


def as_regex(pattern: str) -> re.Pattern[str]:
    """A path pattern in another's words: over names, each with a slash behind it."""
    parts = []
    for name in pattern.split("/")[1:]:
        if name == "**":
            parts.append("(?:[^/]+/)*")
        else:
            parts.append("".join({"*": "[^/]*", "?": "[^/]"}.get(letter, re.escape(letter)) for letter in name) + "/")
    return re.compile("".join(parts) + r"\Z")


@given(st.lists(st.text("ab.", min_size=1, max_size=3), max_size=5), PATTERNS)
def test_a_path_pattern_means_what_the_same_regular_expression_does(names: list[str], pattern: str) -> None:
    expected = as_regex(pattern).match("".join(f"{name}/" for name in names)) is not None
    assert PathPattern.parse(pattern).matches(tuple(names)) is expected


@given(st.text("abc*", max_size=8), st.text("abc*?", max_size=8))
def test_a_wildcard_means_what_the_same_regular_expression_does(text: str, pattern: str) -> None:
    regex = "".join({"*": ".*", "?": "."}.get(letter, re.escape(letter)) for letter in pattern)
    assert matches(text, pattern) is (re.fullmatch(regex, text, re.DOTALL) is not None)


@settings(deadline=None)  # it makes folders
@given(
    folders=st.lists(st.lists(NAMES, min_size=1, max_size=3), min_size=1, max_size=5),
    links=st.lists(st.tuples(st.integers(0, 4), NAMES, TARGETS), max_size=6),
    pattern=PATTERNS,
    wanted=st.builds(lambda root, rest: f"{root}/{rest}", st.sampled_from(("data", "~", "module")), TARGETS),
)
def test_what_is_read_lies_where_a_pattern_means(
    folders: list[list[str]], links: list[tuple[int, str, str]], pattern: str, wanted: str
) -> None:
    """Each file holds its own place, so that what is read says where it lies, whatever led there."""
    with TemporaryDirectory() as folder:
        allowing = Allowing(Path(folder).resolve())
        caller = allowing.granted(fs_read=[pattern])
        roots = {"data": caller.folder, "~": allowing.home, "module": caller.manifest.folder}
        for root in (*roots.values(), allowing.data / "modules" / "other", allowing.data):
            build(root, folders, links)
        named, root = pattern.partition("/")[0], roots[pattern.partition("/")[0]]
        plain = [each for each in root.rglob("ab") if each.is_file() and each == each.resolve()]
        ways = [wanted, *(f"{named}/{each.relative_to(root).as_posix()}" for each in plain)]
        read = [place for way in ways if (place := place_read(allowing, caller, way))]
        meant = [each for each in plain if as_regex(pattern).match(names_of(each, root))]
        assert set(meant) <= set(read)
        for place in read:
            assert place.is_relative_to(root)
            assert as_regex(pattern).match(names_of(place, root))


def names_of(place: Path, root: Path) -> str:
    """The names below a root, each with a slash behind it."""
    return "".join(f"{name}/" for name in place.relative_to(root).parts)


def place_read(allowing: Allowing, caller: Caller, path: str) -> Path | None:
    """Where the file lies that a path leads to; ``None`` where it is refused."""
    try:
        with allowing.gate.open_read(caller, path) as file:
            return Path(file.read().decode())
    except (OSError, PermissionDenied, PathUnclear):
        return None


def build(root: Path, folders: list[list[str]], links: list[tuple[int, str, str]]) -> None:
    """Make folders with a file ``ab`` in each, and links in them, as far as nothing is in the way."""
    made = []
    for names in folders:
        folder = root.joinpath(*names)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            file = folder / "ab"
            if not file.exists():
                file.write_text(str(file))
        except (FileExistsError, NotADirectoryError):
            continue
        made.append(folder)
    for at, name, target in links:
        folder = made[at % len(made)]
        if not (folder / name).is_symlink() and not (folder / name).exists():
            (folder / name).symlink_to(target)


@given(st.sampled_from(SPECIAL), st.data())
def test_no_address_of_a_special_network_is_public(
    network: ipaddress.IPv4Network | ipaddress.IPv6Network, data: st.DataObject
) -> None:
    offset = data.draw(st.integers(0, network.num_addresses - 1))
    address = network[offset]
    assert not is_public(unwrapped(address))
    if isinstance(address, ipaddress.IPv4Address):
        assert not is_public(unwrapped(ipaddress.IPv6Address(f"::ffff:{address}")))
        assert not is_public(unwrapped(ipaddress.IPv6Address((0x2002 << 112) | (int(address) << 80))))
        assert not is_public(unwrapped(ipaddress.IPv6Address(f"64:ff9b::{address}")))


@given(st.ip_addresses(), st.integers(1, 65535), st.sampled_from(("*:*", "*.example.com:*", "localhost:*")))
def test_a_pattern_of_names_names_no_address_but_its_own(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address, port: int, pattern: str
) -> None:
    assert NetPattern.parse(pattern).holds(address, port) is (pattern == "localhost:*" and address.is_loopback)


@given(
    asked=st.lists(st.sampled_from(("A", "B", "A*", "*")), unique=True, max_size=3),
    granted=st.lists(st.tuples(st.sampled_from(("A", "B", "AB", "A*", "*")), st.booleans()), max_size=4),
    versions=st.sampled_from(("*", "^1", "^2")),
    wanted=st.sampled_from(("A", "B", "AB", "C")),
)
def test_asked_granted_and_not_denied_is_allowed_and_nothing_else_is(
    asked: list[str], granted: list[tuple[str, bool]], versions: str, wanted: str
) -> None:
    with TemporaryDirectory() as folder:
        allowing = Allowing(Path(folder))
    caller = allowing.module(env=asked)
    for pattern, allowed in granted:
        allowing.grant("env", pattern, versions=versions, allowed=allowed)
    about = [allowed for pattern, allowed in granted if matches(wanted, pattern) and versions != "^2"]
    expected = any(matches(wanted, pattern) for pattern in asked) and bool(about) and all(about)
    verdict = allowing.policy.judge(caller, "env", lambda pattern: matches(wanted, pattern)).verdict
    assert (verdict is Verdict.ALLOWED) is expected


GLOBS: Final = st.text("ab*?", min_size=1, max_size=4)


@given(GLOBS, GLOBS, st.text("ab", max_size=5))
def test_a_wildcard_that_covers_another_means_all_that_it_means(wide: str, narrow: str, text: str) -> None:
    assert covers("env", wide, wide)
    if covers("env", wide, narrow) and matches(text, narrow):
        assert matches(text, wide)


@given(PATTERNS, PATTERNS, st.lists(NAMES, max_size=4))
def test_a_path_pattern_that_covers_another_means_all_that_it_means(wide: str, narrow: str, names: list[str]) -> None:
    assert covers("fs.read", wide, wide)
    if covers("fs.read", wide, narrow) and PathPattern.parse(narrow).matches(tuple(names)):
        assert PathPattern.parse(wide).matches(tuple(names))


@given(
    *[st.sampled_from(("*:*", "*:1-3", "a.b:2", "*.b:*", "10.0.0.0/8:*", "10.1.0.0/16:2", "localhost:*", "[::1]:2"))]
    * 2,
    st.sampled_from(("a.b", "b", "c.a.b", "localhost")),
    st.sampled_from(("10.1.2.3", "10.9.9.9", "127.0.0.1", "8.8.8.8")).map(ipaddress.ip_address),
    st.integers(1, 4),
)
def test_a_place_that_covers_another_means_all_that_it_means(
    wide: str, narrow: str, host: str, address: ipaddress.IPv4Address | ipaddress.IPv6Address, port: int
) -> None:
    one, other = NetPattern.parse(wide), NetPattern.parse(narrow)
    assert one.covers(one)
    if one.covers(other):
        assert one.names(host, port) or not other.names(host, port)
        assert one.holds(address, port) or not other.holds(address, port)


@pytest.mark.parametrize("permission", PERMISSIONS)
@given(text=st.one_of(st.text(max_size=40), st.text("ab./~*:-[]0123456789", max_size=20)))
def test_any_text_is_a_pattern_or_refused_as_none(permission: str, text: str) -> None:
    try:
        check_pattern(permission, text)
    except PatternInvalid as refusal:
        assert str(refusal).count("\n") == 0  # noqa: PT017 - a refusal is one line, and not every text is refused
        return
    assume(permission.startswith("fs."))
    assert ".." not in PathPattern.parse(text).names
