from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet
from packaging.version import Version as Pep440

from host.vocabulary.constraint import parse_constraint
from host.vocabulary.errors import SpecifierInvalid, VersionInvalid
from host.vocabulary.version import newest_first, parse_version

OLDEST_FIRST = (
    *("0.9", "1.0.0-dev.1", "1.0.0-0.3", "1.0.0-SNAPSHOT", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.1.2"),
    *("1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-beta.x", "1.0.0-canary.1"),
    *("1.0.0-canary.10", "1.0.0-rc.1", "1.0.0-rc.1.1", "1.0.0-zeta", "1.0.0", "1.0.0.post1", "1.0.1", "1.10", "2"),
)
VERSIONS = st.sampled_from(OLDEST_FIRST)


def admits(specifier: str, version: str) -> bool:
    return parse_constraint(specifier).admits(parse_version(version))


def test_pep_440_and_semver_are_sorted_in_one_order() -> None:
    assert newest_first(sorted(OLDEST_FIRST)) == list(reversed(OLDEST_FIRST))


def test_what_both_can_spell_means_what_pep_440_says() -> None:
    assert parse_version("1.0.0-1").pep440.is_postrelease


def test_versions_that_differ_in_spelling_alone_are_equal() -> None:
    assert parse_version("1.0") == parse_version("1.0.0")
    assert parse_version("1.0.0-beta.2") == parse_version("1.0b2")
    assert hash(parse_version("1.0")) == hash(parse_version("1.0.0"))


def test_build_metadata_is_part_of_a_version_and_equal_to_those_without_it_in_a_specifier() -> None:
    assert parse_version("1.0.0+x") != parse_version("1.0.0")
    assert admits("==1.0.0", "1.0.0+x")
    assert admits("^1.0", "1.0.0-alpha.beta+sha.5114f85") is False
    assert admits(">=1.0.0-alpha.a", "1.0.0-alpha.beta+sha.5114f85")


@pytest.mark.parametrize("text", ["", "one", "1..2", "1.0.0-", "1.0.0-a..b", "1.0.0 beta", "9" * 5000])
def test_what_is_no_version_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(VersionInvalid, match=r"write it as in 1\.2\.0"):
        parse_version(text)


@pytest.mark.parametrize(
    ("specifier", "inside", "outside"),
    [
        ("^1.2", "1.2 1.2.0 1.9.9", "1.1.9 2.0 2.0.0-beta.1"),
        ("^1", "1.0 1.9", "0.9 2.0"),
        ("^0.2.3", "0.2.3 0.2.9", "0.2.2 0.3.0"),
        ("^0.0.3", "0.0.3", "0.0.2 0.0.4"),
        ("^0.0", "0.0.9", "0.1"),
        ("^0", "0.0.1 0.9", "1.0"),
        ("^1.0.0-beta.2", "1.0.0-beta.2 1.0.0 1.5", "1.0.0-beta.1 2.0.0-alpha"),
        ("~1.2.3", "1.2.3 1.2.9", "1.2.2 1.3"),
        ("~1.2", "1.2 1.2.9", "1.3"),
        ("~1", "1.0 1.9", "2.0"),
        ("1.2.x", "1.2 1.2.9", "1.1 1.3"),
        ("1.2.*", "1.2.1", "1.3"),
        ("1.x.x", "1.9", "2.0"),
        ("!=1.2.*", "1.3", "1.2.5"),
        ("*", "0 99 1.0.0-alpha", ""),
        ("", "0 99", ""),
        ("1.2.3", "1.2.3", "1.2.4 1.2"),
        ("=1.2", "1.2.0", "1.2.1"),
        ("~=1.2", "1.2 1.9", "2.0"),
        (">=1,<2", "1.0 1.9", "0.9 2.0 2.0.0-alpha"),
        (" >= 1 , < 2 ", "1.5", "2.0"),
        ("^1 || ^3", "1.5 3.5", "2.5"),
        (">=1.0.0-canary.2", "1.0.0-canary.2 1.0.0-canary.10 1.0.0-rc.1 1.0.0", "1.0.0-canary.1 1.0.0-beta"),
        ("<1.0.0-canary.2", "1.0.0-canary.1 1.0.0-beta", "1.0.0-canary.2 1.0.0"),
        ("==1.0.0-canary.2", "1.0.0-canary.2", "1.0.0-canary.1"),
        ("!=1.0.0-canary.2", "1.0.0-canary.1", "1.0.0-canary.2"),
    ],
)
def test_a_specifier_admits_what_it_says(specifier: str, inside: str, outside: str) -> None:
    assert [version for version in inside.split() if not admits(specifier, version)] == []
    assert [version for version in outside.split() if admits(specifier, version)] == []


@pytest.mark.parametrize(
    ("specifier", "hint"),
    [
        (">=1 <2", "put a comma between two comparisons"),
        ("1.0 - 2.0", "write a range as >=1.2,<=2.0"),
        ("^1 | ^2", "write || for or"),
        ("=>1", "write >= or <="),
        ("~>1.2", "write ~1.2 or ~=1.2"),
        (">=1.x", "a wildcard goes with == or != or alone"),
        ("^1,", "something is missing beside a comma or ||"),
        ("||", "something is missing beside a comma or ||"),
        ("latest", "write it as in ^1.2"),
        ("^", "write it as in ^1.2"),
        ("==x.1", "write it as in ^1.2"),
        ("1," * 400, "it has over 512 characters"),
    ],
)
def test_a_specifier_that_does_not_parse_is_refused_with_what_to_write(specifier: str, hint: str) -> None:
    with pytest.raises(SpecifierInvalid) as refusal:
        parse_constraint(specifier)
    assert hint in str(refusal.value)


def test_prereleases_are_asked_for_by_naming_one() -> None:
    assert parse_constraint(">=1.0.0-beta.1").names_prerelease
    assert parse_constraint("^1 || ==2.0.0-canary.1").names_prerelease
    assert not parse_constraint("!=1.0.0-beta.1").names_prerelease
    assert not parse_constraint("^1.0").names_prerelease


@given(VERSIONS, VERSIONS)
def test_comparisons_agree_with_the_order_among_releases(left: str, right: str) -> None:
    named, version = parse_version(left), parse_version(right)
    if named.is_prerelease or version.is_prerelease or named.pep440.is_postrelease or version.pep440.is_postrelease:
        return
    assert admits(f">={left}", right) == (version >= named)
    assert admits(f"<{left}", right) == (version < named)
    assert admits(left, right) == (version == named)


@given(
    st.from_regex(r"[0-3]\.[0-3](\.[0-3])?((a|b|rc)[0-2])?", fullmatch=True),
    st.sampled_from(["==", "!=", "<=", ">=", "<", ">", "~="]),
    st.from_regex(r"[0-3]\.[0-3](\.[0-3])?((a|b|rc)[0-2])?", fullmatch=True),
)
def test_pep_440_specifiers_mean_what_packaging_says(named: str, symbol: str, version: str) -> None:
    expected = SpecifierSet(symbol + named).contains(Pep440(version), prereleases=True)
    assert admits(symbol + named, version) == expected
