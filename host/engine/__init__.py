"""Puts the parts together: the public Host, and what it answers over the protocol."""

from host.engine.asking import EmitReport
from host.engine.host import Host

__all__ = ["EmitReport", "Host"]
