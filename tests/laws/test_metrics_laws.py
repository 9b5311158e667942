"""Laws of the exposition: Prometheus reads whatever modules count and measure."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from prometheus_client.exposition import generate_latest

from host.lifecycle.native import Native, read_native
from host.runtime.crossing import Crossing
from host.trust.gate import Gate
from host.trust.places import Places
from host.trust.policy import Policy
from tests.modules.bundled import MANIFESTS

PARTS: Final = ("_bucket", "_count", "_created", "_info", "_sum", "_total")
KINDS: Final = ("counter", "gauge", "histogram")
stems = st.sampled_from(("jobs", "sizes", "theseus_modules", "process_cpu_seconds", "_"))
names = st.builds(lambda stem, parts: stem + "".join(parts), stems, st.lists(st.sampled_from(PARTS), max_size=2))
texts = st.text(max_size=5) | st.binary(max_size=5) | st.integers(-5, 5) | st.booleans() | st.floats()
tags = st.dictionaries(st.sampled_from(("room", "le", "quantile", "module", "_x")), texts, max_size=2)
acts = st.lists(st.tuples(st.integers(0, 2), st.sampled_from(KINDS), names, tags), max_size=12)


class Exposed:
    """Collects what a native part gives, as a registry of prometheus_client does."""

    def __init__(self, native: Native) -> None:
        self._native = native

    def collect(self) -> list[Any]:
        return self._native.collect()


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed (Debian's package: prometheus)")
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts)
def test_promtool_takes_what_modules_count(tmp_path: Path, acts: list[tuple[int, str, str, dict[str, Any]]]) -> None:
    gate = Gate(Policy(), Places.of(tmp_path, ()), lambda _use: None)
    callers = [gate.caller(manifest) for manifest in MANIFESTS[:3]]
    native = read_native(next(each for each in MANIFESTS if each.name == "metrics"), tmp_path, gate)
    for who, kind, name, labels in acts:
        answer = native.call(kind, Crossing.of(name, 1, labels), callers[who])
        assert isinstance(answer, Crossing)
        native.call("alert", Crossing.of(name, "info", name, 1, 2), callers[who])
    text = generate_latest(Exposed(native))
    native.close()
    checked = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, check=False)
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, b"", b""), text.decode()
