"""Profiles: which modules run, in which versions, with which settings; a TOML file each, in the data folder.

::

    [modules]
    advanced_chat = "2.1.0"     # this version, or a range as in a manifest
    clock = "*"

    [settings.advanced_chat]
    limit = 20
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import tomli_w

from host.desktop.reversing import Reversal, Reversed, standing
from host.protocol.refusal import Refused
from host.vocabulary.errors import HostError, ModuleUnknown

if TYPE_CHECKING:
    from host.protocol.messages import Source

FOLDER: Final = "profiles"
LARGEST: Final = 256 * 1024
"""Bytes of a file; a TOML reader takes seconds for a large one that is made for it."""
_NAME: Final = re.compile(r"[\w][\w .-]{0,59}")
_MODULE: Final = re.compile(r"[a-z][a-z0-9_]*")
_EXACT: Final = re.compile(r"\d[\w.+!-]*")
_KEYS: Final = ("modules", "settings")


@dataclass(frozen=True, slots=True)
class Profile:
    """What is to run.

    Attributes:
        modules: versions or ranges by name, as written.
        settings: by module, whole; modules that are not there keep what they have.
    """

    name: str
    modules: Mapping[str, str]
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def wanted(self) -> dict[str, str]:
        """Specifiers by name: a bare version is that one."""
        return {name: f"=={text}" if _is_exact(text) else text for name, text in self.modules.items()}


class ProfileInvalid(HostError):
    """A profile that cannot be used, or a name that is none; the text says why."""


def names(data: Path) -> tuple[str, ...]:
    """The profiles of a data folder, in order."""
    return tuple(sorted((path.stem for path in (data / FOLDER).glob("*.toml")), key=str.lower))


def read(data: Path, name: str) -> Profile:
    """Read one.

    Raises:
        ProfileInvalid: it is not there, or not as it must be; with all that is wrong with it.
    """
    path = data / FOLDER / f"{name}.toml"
    try:
        if path.stat().st_size > LARGEST:
            raise ProfileInvalid(f"{path} is larger than {LARGEST >> 10} KiB; a profile is a short list")
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ProfileInvalid(f"{path} cannot be read ({error.strerror})") from error
    except (ValueError, RecursionError) as error:
        raise ProfileInvalid(f"{path} is no TOML ({error})") from error
    faults = list(_faults(content))
    if faults:
        raise ProfileInvalid(f"{path}: {'; '.join(faults)}")
    return Profile(name, content.get("modules", {}), content.get("settings", {}))


def write(data: Path, profile: Profile) -> Path:
    """Keep one, in place of the one of that name; gives its file.

    Raises:
        ProfileInvalid: the name is none for a file, TOML cannot say the settings, or the folder takes no file.
    """
    if not _NAME.fullmatch(profile.name) or profile.name.endswith((" ", ".")):
        raise ProfileInvalid("a profile is named by up to 60 letters, digits, blanks, dots and dashes")
    path = data / FOLDER / f"{profile.name}.toml"
    content = {
        "modules": dict(profile.modules),
        "settings": {key: dict(each) for key, each in profile.settings.items()},
    }
    try:
        text = tomli_w.dumps(content)
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(".toml.new")
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(path)
    except TypeError as error:
        raise ProfileInvalid(f"the settings hold what TOML cannot say ({error})") from error
    except OSError as error:
        raise ProfileInvalid(f"{path} cannot be written ({error.strerror})") from error
    return path


def kept(data: Path, name: str) -> str | None:
    """The file of a profile as it is; ``None`` where there is none, or none that can be read."""
    try:
        return (data / FOLDER / f"{name}.toml").read_text(encoding="utf-8")
    except (OSError, ValueError):
        return None


def back_to_file(data: Path, name: str, before: str | None) -> Reversal:
    """Make the file of a profile what it was: its text, or none."""

    async def carry(_source: Source) -> Reversed:
        now, path = kept(data, name), data / FOLDER / f"{name}.toml"
        try:
            if before is None:
                path.unlink(missing_ok=True)
            else:
                path.write_text(before, encoding="utf-8")
        except OSError as error:
            raise ProfileInvalid(f"{path} cannot be written ({error.strerror})") from error
        words = f"the profile {name} is gone again" if before is None else f"the profile {name} is as it was"
        return Reversed(words, None, back_to_file(data, name, now))

    return Reversal("", f"keep the profile {name}", carry)


async def as_it_runs(source: Source, name: str) -> tuple[Profile, tuple[str, ...]]:
    """A profile of what runs now, and a sentence for each module whose settings cannot be in it.

    Raises:
        HostError: nobody answers.
    """
    running = (await standing(source, ())).running
    settings, left_out = {}, []
    for module in running:
        try:
            own = (await source.settings(module))["settings"]
        except ModuleUnknown:  # it went meanwhile
            continue
        except Refused as refusal:
            left_out.append(str(refusal))
        else:
            if own:
                settings[module] = own
    return Profile(name, dict(running), settings), tuple(left_out)


def _faults(content: Mapping[str, Any]) -> Sequence[str]:
    faults = []
    for key in content.keys() - set(_KEYS):
        near = get_close_matches(key, _KEYS, n=1)
        faults.append(f"unknown key {key!r}" + (f" (did you mean {near[0]!r}?)" if near else ""))
    modules, settings = content.get("modules", {}), content.get("settings", {})
    if not isinstance(modules, dict):
        faults.append("modules must be a table of versions by name")
    else:
        faults += [f"modules.{name} is no name of a module" for name in modules if not _MODULE.fullmatch(name)]
        faults += [f"modules.{name} must be text" for name, each in modules.items() if not isinstance(each, str)]
    if not isinstance(settings, dict) or not all(isinstance(each, dict) for each in settings.values()):
        faults.append("settings must be a table of tables, one for each module")
    return sorted(faults)


def _is_exact(text: str) -> bool:
    return bool(_EXACT.fullmatch(text)) and not text.endswith(".x")
