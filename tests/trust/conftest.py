from __future__ import annotations

from pathlib import Path

import pytest

from tests.trust.allowing import Allowing


@pytest.fixture
def allowing(tmp_path: Path) -> Allowing:
    return Allowing(tmp_path)
