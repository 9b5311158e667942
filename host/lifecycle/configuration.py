"""A module's configuration: the defaults of its schema, and what the user set."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from host.vocabulary.errors import HostError


@dataclass(eq=False)
class ConfigurationInvalid(HostError):
    """Settings that the module's own schema refuses; ``path`` is the place in them."""

    module: str
    path: str
    reason: str

    def __str__(self) -> str:
        return f"the configuration of {self.module} was refused at {self.path}: {self.reason}; nothing was changed"


def effective(schema: Mapping[str, Any] | None, settings: Mapping[str, Any] | None) -> dict[str, Any]:
    """The defaults of the schema's properties, and over them the user's settings."""
    properties = (schema or {}).get("properties", {})
    defaults = {
        name: member["default"]
        for name, member in (properties.items() if isinstance(properties, dict) else ())
        if isinstance(member, dict) and "default" in member
    }
    return defaults | dict(settings or {})


def kept(module: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Settings as they come back from where they are kept, which is JSON: so a module gets the same after a restart.

    Raises:
        ConfigurationInvalid: JSON cannot say them: a set, bytes, NaN.
    """
    try:
        same: dict[str, Any] = json.loads(json.dumps(dict(settings), allow_nan=False))
    except (TypeError, ValueError, RecursionError) as error:
        raise ConfigurationInvalid(module, "$", f"JSON cannot say it ({error})") from None
    return same
