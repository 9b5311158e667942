"""What tests of whole hosts begin with, where each module has a process of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.place import Place


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path, isolated=True)
