"""What the metrics module's native part asks of the machine."""

from __future__ import annotations

from pathlib import Path

from host.lifecycle.native import read_native
from host.runtime.crossing import Crossing
from host.trust.gate import Gate
from host.trust.places import Places
from host.trust.policy import Policy
from tests.modules.bundled import MANIFESTS


def test_the_disk_is_that_of_the_path_that_was_judged(tmp_path: Path) -> None:
    manifest, spool = (next(each for each in MANIFESTS if each.name == name) for name in ("metrics", "spool"))
    gate = Gate(Policy(), Places.of(tmp_path, ()), lambda _use: None)
    native, caller = read_native(manifest, tmp_path, gate), gate.caller(spool)

    def disk(*path: str) -> object:
        answer = native.call("system_disk", Crossing.of(*path), caller)
        assert isinstance(answer, Crossing)
        return answer.value()

    assert disk("data/none.jsonl") == (None, "no such file or directory")
    (tmp_path / "modules" / "spool").mkdir(parents=True)
    (tmp_path / "modules" / "spool" / "file.jsonl").write_text("")
    found = disk("data/file.jsonl")
    assert isinstance(found, dict)
    assert found["path"] == "data/file.jsonl"
    assert 0 <= found["used"] <= found["total"]
    whole = disk()
    assert isinstance(whole, dict)
    assert whole["total"] > 0
