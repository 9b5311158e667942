"""A module to begin with is made whole, or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from host import HostError
from host.packages.template import made


def test_on_a_full_disk_nothing_of_it_is_left_and_it_can_be_made_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = Path.write_text

    def full(path: Path, *arguments: Any, **options: Any) -> int:
        if path.name == "README.md":
            raise OSError(28, "No space left on device")
        return write(path, *arguments, **options)

    with monkeypatch.context() as disk:
        disk.setattr(Path, "write_text", full)
        with pytest.raises(HostError, match="could not be made: no space left on device; nothing of it is left; make"):
            made(tmp_path, "plugins", "chat")
    assert not (tmp_path / "plugins" / "chat").exists()
    assert (made(tmp_path, "plugins", "chat") / "tests" / "greetings.lua").is_file()


def test_what_is_there_stays(tmp_path: Path) -> None:
    kept = tmp_path / "plugins" / "chat" / "notes.txt"
    kept.parent.mkdir(parents=True)
    kept.write_text("kept")
    with pytest.raises(HostError, match="is there already; nothing was changed"):
        made(tmp_path, "plugins", "chat")
    (tmp_path / "core").write_text("a file")
    with pytest.raises(HostError, match="could not be made"):
        made(tmp_path, "core", "chat")
    assert kept.read_text() == "kept"
