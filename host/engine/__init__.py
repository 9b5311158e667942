"""Puts the parts together: the public Host, and what it answers over the protocol."""

from host.engine.host import Host

__all__ = ["Host"]
