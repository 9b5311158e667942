"""``NAME.otmod``: from the text of an OTClient manifest to a module's, or to all that is wrong with it."""

from __future__ import annotations

import re
import sys
from collections.abc import Container
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType
from typing import Final

from host.discovery.manifest_fields import NAME_RULE
from host.discovery.otml import Node, parse_otml
from host.vocabulary.errors import VersionInvalid
from host.vocabulary.identity import NAME_PATTERN, Tier
from host.vocabulary.manifest import LAST_PRIORITY, Manifest, Requirement, Scripts, Snippet
from host.vocabulary.problem import Problem
from host.vocabulary.version import parse_version

SUFFIX: Final = ".otmod"
UNSPOKEN: Final = "0"
"""The version of a module that names none, as nearly all of OTClient's do."""
_VERSION: Final = re.compile(r"[\w.+!-]*", re.ASCII)
"""What may be a version in words like ``1.4.0 (modified)``."""

MOST_REMARKS: Final = 20
_KEYS: Final = (
    *("name", "description", "author", "website", "version", "enabled", "autoload", "autoload-priority", "reloadable"),
    *("sandboxed", "devices", "dependencies", "scripts", "load-later", "@onLoad", "@onUnload"),
)
_MISSPELT: Final = 0.8
"""How alike a field is to a known one where it must be meant, as ``difflib`` measures it."""
_SCRIPT: Final = re.compile(r"(?:\w+/)*(?:\w+|\*)\Z", re.ASCII)
_SCRIPT_RULE: Final = "paths go down from its folder, of letters, digits and _, with / between them"
_FLAGS: Final = {"true": True, "false": False}
_NUMBER: Final = re.compile(r"-?\d{1,9}\Z", re.ASCII)
_SYSTEMS: Final = {"linux": "linux", "win32": "windows", "darwin": "macos"}


def read_otmod(text: str, file: Path, tier: Tier, digest: str) -> tuple[Manifest, list[Problem]]:
    """Make a manifest of a text; fields that are unknown are left alone, for OTClient's forks have more of them.

    What OTClient takes and makes nothing of is a remark: a misspelt field, a list that is none.

    Returns:
        The manifest, and all faults in no order; with any, the manifest holds defaults in their places.
    """
    root, faults = parse_otml(text)
    problems = [Problem(file.name, fault.message, file, fault.line) for fault in faults]
    module = root.get("Module")
    if module is None:
        problems.append(
            Problem(file.name, "has no line Module; the fields stand below it, indented by two spaces", file)
        )
        module = Node()
    fields = _Fields(module, file, problems)
    dependencies = fields.names("dependencies")
    scripts = Scripts(fields.scripts(dependencies), fields.snippet("@onLoad"), fields.snippet("@onUnload"))
    fields.flag("sandboxed", default=True)
    fields.remark_misspelt()
    manifest = Manifest(
        name=fields.name,
        version=fields.version(),
        tier=tier,
        folder=file.parent,
        manifest_name=file.name,
        digest=digest,
        summary=fields.line("description"),
        authors=tuple(filter(None, map(str.strip, fields.line("author").split(",")))),
        homepage=fields.line("website"),
        entry=file.name,
        scripts=scripts,
        enabled=fields.flag("enabled", default=True) and fields.for_this_device(),
        autoload=fields.flag("autoload", default=False),
        autoload_priority=fields.number("autoload-priority", LAST_PRIORITY),
        load_later=tuple(fields.names("load-later")),
        reloadable=fields.flag("reloadable", default=True),
        dependencies=MappingProxyType({name: Requirement("*", line=line) for name, line in dependencies.items()}),
        remarks=fields.remarks(),
    )
    return manifest, problems


class _Fields:
    """The fields of the node ``Module``; what is wrong with them is added to ``problems``."""

    def __init__(self, module: Node, file: Path, problems: list[Problem]) -> None:
        self._module = module
        self._file = file
        self._problems = problems
        self._misplaced = {problem.line for problem in problems}
        self._remarks: list[Problem] = []
        self.name = self.text("name")
        node = module.get("name")
        if node is None or not self.name:
            self.refuse("name", module, "is missing")
        elif not NAME_PATTERN.match(self.name):
            self.refuse("name", node, f"{self.name[:80]!r} is no name for a module; {NAME_RULE}")

    def refuse(self, key: str, node: Node, message: str) -> None:
        self._problems.append(Problem(key, message, self._file, node.line))

    def remark(self, key: str, node: Node, message: str) -> None:
        self._remarks.append(Problem(key, message, self._file, node.line))

    def remarks(self) -> tuple[Problem, ...]:
        """The first remarks, in the order of the lines."""
        return tuple(sorted(self._remarks, key=lambda remark: remark.line)[:MOST_REMARKS])

    def remark_misspelt(self) -> None:
        for node in self._module.children:
            if node.tag.partition("=")[0].strip() in _KEYS and "=" in node.tag:
                key = node.tag.partition("=")[0].strip()
                self.refuse(key, node, f"has an = behind it; write it as in {key}: value")
                continue
            near = [] if node.tag in _KEYS else get_close_matches(node.tag, _KEYS, n=1, cutoff=_MISSPELT)
            if near:
                self.remark(node.tag, node, f"unknown key, which is left alone; did you mean {near[0]!r}?")

    def text(self, key: str) -> str:
        node = self._module.get(key)
        if node is None:
            return ""
        if any(child.line not in self._misplaced for child in node.children):
            self.refuse(key, node, "must be text, not a list")
        return node.value or ""

    def line(self, key: str) -> str:
        """Text in one line, whatever line ends and control characters it has."""
        return " ".join("".join(each if each.isprintable() else " " for each in self.text(key)).split())

    def version(self) -> str:
        """The version that the field begins with, for OTClient takes any words there; ``UNSPOKEN`` where it is none."""
        text = _VERSION.findall(self.line("version"))[0]
        try:
            parse_version(text)
        except VersionInvalid:
            return UNSPOKEN
        return str(text)

    def flag(self, key: str, *, default: bool) -> bool:
        node = self._module.get(key)
        if node is None:
            return default
        if node.children or node.value not in _FLAGS:
            self.refuse(key, node, "must be true or false")
            return default
        return _FLAGS[node.value]

    def number(self, key: str, default: int) -> int:
        node = self._module.get(key)
        if node is None:
            return default
        if node.children or not _NUMBER.match(node.value or ""):
            self.refuse(key, node, "must be a whole number")
            return default
        return int(node.value or "")

    def items(self, key: str) -> list[Node]:
        """The items of a list, without those that are nothing."""
        node = self._module.get(key)
        if node is None:
            return []
        if node.value:
            why = "has no ] at its end" if node.value.startswith("[") else "is no list, as [ one, two ] is"
            self.remark(key, node, f"{why}, and is left alone")
        for item in node.children:
            if item.children or item.tag:
                self.refuse(key, item, "must be a list of texts: write each after a dash, as in - one")
        return [item for item in node.children if item.value and not item.tag and not item.children]

    def names(self, key: str) -> dict[str, int]:
        """Names of other modules, none twice, with their lines."""
        items = self.items(key)
        for item in items:
            if not NAME_PATTERN.match(item.value or ""):
                self.refuse(key, item, f"{(item.value or '')[:80]!r} is no name of a module; {NAME_RULE}")
            elif item.value == self.name:
                self.refuse(key, item, "names the module itself")
        return {item.value or "": item.line for item in items}

    def scripts(self, dependencies: Container[str]) -> tuple[str, ...]:
        """Paths below the module's folder, none twice."""
        found: dict[str, None] = {}
        for item in self.items("scripts"):
            path = self._own(item.value or "")
            if not _SCRIPT.match(path):
                self.refuse("scripts", item, f"{path[:80]!r} is no file of the module; {_SCRIPT_RULE}")
            elif path in dependencies:
                self.refuse("scripts", item, f"{path!r} is called like a dependency; give the file another name")
            else:
                found[path if path.endswith("*") else f"{path}.lua"] = None
        return tuple(found)

    def _own(self, path: str) -> str:
        """A path without its suffix, and without the module's own folder where it begins there."""
        return path.removeprefix(f"/{self._file.parent.name}/").removesuffix(".lua")

    def snippet(self, key: str) -> Snippet | None:
        node = self._module.get(key)
        text = self.text(key)
        return Snippet(text, node.line + node.block) if node is not None and text.strip() else None

    def for_this_device(self) -> bool:
        """Whether the module is meant for a desktop computer of this kind; where it names no device, it is."""
        items = [item.value or "" for item in self.items("devices")]
        system = _SYSTEMS.get(sys.platform, sys.platform)
        return not items or any(each in {"desktop", f"desktop:{system}"} for each in map(_spaceless, items))


def _spaceless(text: str) -> str:
    return "".join(text.lower().split())
