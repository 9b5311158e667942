"""An install that is killed leaves the module as it was, or as it would be."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import pytest

from host.discovery.repository import scan
from host.packages.placing import STAGE
from host.storage import open_store
from tests.packages.parcels import digests, made, signer

INSTALLS = """
import sys
from contextlib import closing
from pathlib import Path
from host.discovery.repository import scan
from host.packages.installing import Ground, Terms, install, open_package
from host.storage import open_store
from host.vocabulary.identity import Tier

root, data, *files = map(Path, sys.argv[1:])
with closing(open_store(data)) as store:
    while True:
        for file in files:
            package = open_package(file, root, Tier.PLUGINS)
            install(package, Ground(root, data, scan([root]), store), Terms(replace=True), str(file))
            print(".", flush=True)
"""


def killed_at_random(root: Path, data: Path, packages: Mapping[Path, dict[str, str]], times: int) -> set[str]:
    """What lay there after each kill: ``old``, ``new``."""
    found = set()
    chance = random.Random(7)
    whole = dict(zip(("old", "new"), packages.values(), strict=True))
    for _ in range(times):
        with subprocess.Popen(
            [sys.executable, "-c", INSTALLS, root, data, *packages], stdout=subprocess.PIPE, text=True
        ) as child:
            assert child.stdout is not None
            assert child.stdout.readline() == ".\n"
            time.sleep(chance.uniform(0, 0.04))  # when it is killed, not how long it is waited for
            child.kill()
        lies = digests(root / "plugins/m/1.0.0")
        found |= {name for name, files in whole.items() if files == lies}
        assert lies in whole.values()
        assert [manifest.key for manifest in scan([root]).modules] == [("m", "1.0.0")]
        with closing(open_store(data)) as store:
            assert store.origins.of("m", "1.0.0") is not None
            assert store.origins.trusted_key("m") == signer().public
    assert len(list(root.glob(f"{STAGE}*"))) <= times
    return found


@pytest.fixture
def packages(tmp_path: Path) -> Mapping[Path, dict[str, str]]:
    """Two packages of one version, and the digests of what they hold."""
    found = {}
    for name in ("old", "new"):
        folder = tmp_path / name
        text = "".join(f"-- line {number} of the {name} one\n" for number in range(500))
        file = tmp_path / f"{name}.zip"
        file.write_bytes(made(folder, signer(), lua=f"{text}return {{}}\n"))
        found[file] = digests(folder / "plugins/m/1.0.0")
    return found


def test_an_install_that_is_killed_leaves_the_old_or_the_new(
    tmp_path: Path, packages: Mapping[Path, dict[str, str]]
) -> None:
    (tmp_path / "modules").mkdir()
    assert killed_at_random(tmp_path / "modules", tmp_path / "data", packages, 5)


@pytest.mark.torture
def test_sixty_installs_that_are_killed_leave_the_old_or_the_new(
    tmp_path: Path, packages: Mapping[Path, dict[str, str]]
) -> None:
    (tmp_path / "modules").mkdir()
    assert killed_at_random(tmp_path / "modules", tmp_path / "data", packages, 60) == {"old", "new"}
