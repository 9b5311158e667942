"""A prepared process whose children say what they like: each call of an export has one of ``SPEECHES`` said.

Runs in place of ``host.runtime.isolated.prepared``, with the same arguments.
"""

from __future__ import annotations

import signal
from typing import Final

from host.runtime.codec import encode
from host.runtime.isolated import messages, prepared, serving
from host.runtime.isolated.channel import Channel
from host.runtime.isolated.messages import Ask, Call, Done, Told

_TICKET: Final = messages.Sleep(1000.0)

SPEECHES: Final[dict[str, tuple[Ask, ...]]] = {
    "exports of a module that it did not declare": (
        messages.HasExport("victim", "harm"),
        messages.CallExport("victim", "harm", None, None),
        messages.BeginExport("victim", "harm", None, None),
    ),
    "native functions that it does not have": (
        messages.Native("close", None, None),
        messages.Native("collect", None, None),
        messages.Native("__class__", None, None),
        *[messages.Native("run", 1, encode(["sh"]))] * 500,
    ),
    "what was never registered": (
        messages.Unregister(1 << 50),
        messages.Cancel(1 << 50),
        messages.CancelTask(1 << 50),
        messages.Join(1 << 50),
        messages.Forget(1 << 50),
        messages.CallHanded(1, 0, None, None),
    ),
    "tickets without end": (_TICKET,) * 30_000,
    "tasks that it never began": tuple(messages.Join(number) for number in range(30_000)),
    "names with control characters": (messages.Register(1, "\x1b[31mred", 0.0),),
    "an export with control characters": (messages.Export(1, "a\nb"),),
    "files above its own": (
        messages.Source("../../victim/init.lua"),
        messages.Source("/etc/passwd"),
        messages.Asset("../victim/init.lua"),
        messages.Asset("/etc/passwd"),
        messages.Asset("\0"),
    ),
    "events without end": (messages.Emit("heard", None, 1),) * 30_000,
    "lines without end": (messages.Log("info", "\x1b[2J\n\u202e<b>x</b>"),) * 5_000,
}
"""By what they try."""


class Rogue(serving.Served):
    """Serves its module, but for calls of exports; and refuses to begin where it is called ``refuser``."""

    def __init__(self, channel: Channel, begin: messages.Begin) -> None:
        super().__init__(channel, begin)
        self._refuses = begin.name == "refuser"

    def _do(self, call: Call) -> None:
        if call.do == "lifecycle" and self._refuses:
            self._say(Done(call.number, 1 << 50, (b"\x1b[31mno\n" + b"x" * 20_000,)))
        elif call.do not in {"answer", "serve"}:
            super()._do(call)
        else:
            name = call.arguments[-1]
            assert isinstance(name, bytes)
            said = []
            for ask in SPEECHES[name.decode()]:
                self._say(ask)
                told = self._hear()
                assert isinstance(told, Told)
                said.append(told.refusal or repr(told.values))
            self._say(Done(call.number, 1 << 50, (1, encode(sorted(set(said))[:20]))))


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    setattr(prepared, "Served", Rogue)  # noqa: B010 - it is no name that others are meant to set
    prepared.main()
