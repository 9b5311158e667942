"""What the tracked files say, and what they must not say: nothing in them belongs to one machine."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ("requirements/run.lock", "requirements/dev.lock")
PYTHONS = ("3.11", "3.12", "3.13", "3.14")

# The options and settings that name where packages come from: that is for each machine to say.
PACKAGE_SOURCE = re.compile(r"\b(index[-_]url|find[-_]links|trusted[-_]host)\b", re.IGNORECASE)


def tracked() -> dict[str, str]:
    """The text of each tracked file by its path; pictures and other bytes come with what decodes of them."""
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True).stdout
    paths = [path for path in listing.split("\0") if path and (ROOT / path).is_file()]
    return {path: (ROOT / path).read_text("utf-8", errors="replace") for path in paths}


def places_of_this_machine() -> re.Pattern[str]:
    """The folder of this checkout and the user's home, wherever they begin a path."""
    places = {str(ROOT), str(Path.home())} - {"/"}
    return re.compile(r"(?<![\w./-])(" + "|".join(re.escape(place) for place in sorted(places)) + r")(?![\w.-])")


def locked(path: str) -> dict[str, tuple[Requirement, tuple[str, ...]]]:
    """The requirement and the hashes of each package in a lock file, by the package's name."""
    text = re.sub(r"\\\n\s*", " ", (ROOT / path).read_text("utf-8"))
    entries: dict[str, tuple[Requirement, tuple[str, ...]]] = {}
    for line in text.splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        requirement, *hashes = line.split(" --hash=")
        entries[Requirement(requirement).name] = (Requirement(requirement), tuple(each.strip() for each in hashes))
    return entries


def asked(lock: str) -> list[Requirement]:
    """What pyproject.toml asks of a lock file."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    groups = ["build"] if lock.endswith("run.lock") else ["build", "dev"]
    return [
        Requirement(text)
        for text in (
            *project["project"]["dependencies"],
            *project["project"]["optional-dependencies"]["desktop"],
            *(text for group in groups for text in project["dependency-groups"][group]),
        )
    ]


def applies(marker: Marker | None, python: str) -> bool:
    return marker is None or marker.evaluate({"python_version": python, "python_full_version": f"{python}.0"})


def test_no_file_names_where_packages_come_from() -> None:
    assert PACKAGE_SOURCE.search("pip install --index" + "-url x"), "the search finds what it looks for"
    assert not {path for path, text in tracked().items() if PACKAGE_SOURCE.search(text)}


def test_no_file_holds_a_path_of_this_machine() -> None:
    place = places_of_this_machine()
    assert place.search(f"open {ROOT}/README.md"), "the search finds what it looks for"
    assert not {path for path, text in tracked().items() if place.search(text)}


def test_the_lock_files_are_the_only_ones() -> None:
    names = {Path(path).name for path in tracked()}
    assert not names & {"uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock", "pylock.toml"}
    assert {path for path in tracked() if path.endswith(".lock")} == set(LOCKS)


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_file_names_no_address(lock: str) -> None:
    assert "://" not in (ROOT / lock).read_text("utf-8")


@pytest.mark.parametrize("lock", LOCKS)
def test_each_locked_package_is_one_version_with_its_hashes(lock: str) -> None:
    entries = locked(lock)
    assert entries
    for requirement, hashes in entries.values():
        assert re.fullmatch(r"==[^,*]+", str(requirement.specifier)), requirement
        assert hashes, requirement
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", each) for each in hashes), requirement


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_file_gives_each_python_what_the_project_asks(lock: str, python: str) -> None:
    entries = locked(lock)
    for wanted in asked(lock):
        if applies(wanted.marker, python):
            given, _ = entries[wanted.name.lower()]
            assert applies(given.marker, python), wanted
            assert wanted.specifier.contains(str(given.specifier).removeprefix("==")), wanted


def test_the_tests_run_on_the_versions_that_users_run() -> None:
    run, dev = ({name: (given.specifier, hashes) for name, (given, hashes) in locked(lock).items()} for lock in LOCKS)
    assert run.items() <= dev.items()
