"""What a person changes of a module that runs: its texts, before anything is saved, and its state."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial

from host.engine.arguments import expect_path, expect_text
from host.engine.asking import Asking
from host.engine.finishing import finished
from host.engine.literal import literal
from host.engine.parts import Parts
from host.engine.rehearsing import scratched
from host.engine.scratch import save
from host.runtime.codec import spliced
from host.swap.probation import LONGEST_S
from host.vocabulary.errors import HostError
from host.vocabulary.views import PlainData, Rehearsal, SwapReport

Path = Sequence[str | float | bool]

LONGEST_COPY = 1 << 20
"""Characters of a state that is given as Lua."""


class Editing(Asking):
    """Changes modules in place, each change as a swap of the module with itself."""

    @asynccontextmanager
    async def _changing(self) -> AsyncIterator[Parts]:
        """One change after another, each on disk before it is answered; what waited for the end is refused."""
        async with self.parts.changing:
            try:
                yield self.parts
            finally:  # what was refused is history, too
                await self.parts.keeping.flush()

    async def rehearse_source(self, name: str, texts: Mapping[str, str]) -> Rehearsal:
        """Do what :meth:`swap_source` would do up to where it would count, and drop it; nothing is changed.

        Raises:
            ModuleUnknown: it is not loaded.
            HostError: it has no such file, or runs with these texts already.
        """
        _expect_texts("rehearse_source", name, texts)
        async with self._changing() as parts:
            return await scratched(parts, name, texts)

    @finished
    async def swap_source(self, name: str, texts: Mapping[str, str], *, probation: float | None = None) -> SwapReport:
        """Have a module run with other texts for some of its files, with its state; the disk keeps what it has.

        What is saved on disk next takes their place, and so does whatever reads the module's folder again. They are
        kept in the history.

        Args:
            name: of the module.
            texts: by path within the module, of files that it has.
            probation: as in :meth:`swap`.

        Raises:
            SwapFailed: it was taken back; what ran before runs on with exactly the state it had.
            ModuleUnknown: it is not loaded.
            HostError: it has no such file, or runs with these texts already.
        """
        _expect_texts("swap_source", name, texts)
        if probation is not None and not 0 <= probation <= LONGEST_S:
            raise HostError(f"a probation lasts 0 to {LONGEST_S:.0f} s, not {probation:g} s; nothing was swapped")
        async with self._changing() as parts:
            report = await parts.swapping.scratch(name, texts, probation_s=probation)
            parts.reloading.leave(parts.roster.get(name))
            return report

    @finished
    async def save_source(self, name: str) -> tuple[str, ...]:
        """Write what a module runs with, and nobody saved, over the files that it took the place of; their paths.

        Raises:
            ModuleUnknown: it is not loaded.
            HostError: all is saved; or a file is not as it was when it was typed over, and nothing was written.
        """
        expect_text("save_source", name=name)
        async with self._changing() as parts:
            instance = parts.roster.get(name)
            written = await save(instance)
            parts.reloading.leave(instance)
            parts.chronicle.touch(name)
            return written

    @finished
    async def edit_state(self, name: str, path: Path, value: PlainData) -> SwapReport:
        """Put a text, a number or a truth value in the place of one in a module's state.

        The module is swapped with itself and begins with that state: what its ``setState`` or ``validate`` refuses
        changes nothing.

        Args:
            name: of the module.
            path: keys from the whole state to the entry.
            value: what is to stand there.

        Raises:
            SwapFailed: it was taken back.
            ModuleUnknown: it is not loaded.
            HostError: nothing stands there, or a table does; or the value is none of these.
        """
        expect_text("edit_state", name=name)
        expect_path("edit_state", path=path)
        if not isinstance(value, (str, int, float, bool)):
            raise HostError("an entry of a state becomes a text, a number, true or false; nothing was changed")
        async with self._changing() as parts:
            if isinstance(parts.inspection.found(name, list(path)), (list, dict)):
                raise HostError(f"a table of {name} is edited entry by entry; nothing was changed")
            return await parts.swapping.edit(name, partial(spliced, path=tuple(path), value=value))

    async def fire(self, name: str, entry: str, argument: PlainData = None) -> None:
        """Call one hook of a module with an argument, or let one of its timers be due.

        Args:
            name: of the module.
            entry: its id, as the module's activity has it.
            argument: of the hook.

        Raises:
            ModuleUnknown: the module is not loaded.
            HostError: there is no such hook or timer, or it is switched off.
            ModuleFault: the hook raised; counted as ever.
        """
        expect_text("fire", name=name, entry=entry)
        self.parts.handling.fire(name, entry, argument)

    @finished
    async def mute(self, name: str, entry: str, *, on: bool = True) -> None:
        """Switch one hook or timer of a module off, or on again; it lasts until the module is swapped or reloaded.

        Raises:
            ModuleUnknown: the module is not loaded.
            HostError: there is no such hook or timer.
        """
        expect_text("mute", name=name, entry=entry)
        async with self._changing() as parts:
            parts.handling.mute(name, entry, on=on)

    @finished
    async def quarantine(self, name: str) -> None:
        """Switch the hooks and timers of a module off, as too many faults do; ``resume`` switches them on again.

        Raises:
            ModuleUnknown: the module is not loaded.
            HostError: it is not active.
        """
        expect_text("quarantine", name=name)
        async with self._changing() as parts:
            parts.quarantining.put_by_hand(parts.roster.get(name))

    @finished
    async def watch(self, name: str, *, on: bool = True) -> None:
        """Swap what is saved of a module in by itself, as a host that watches does, or not; it lasts until that ends.

        Raises:
            ModuleUnknown: the module is not loaded.
            HostError: the host watches no files.
        """
        expect_text("watch", name=name)
        async with self._changing() as parts:
            parts.reloading.watch(name, on=on)

    @finished
    async def cancel(self, name: str, entry: str) -> None:
        """End one timer or task of a module.

        Raises:
            ModuleUnknown: the module is not loaded.
            HostError: there is no such timer or task.
        """
        expect_text("cancel", name=name, entry=entry)
        async with self._changing() as parts:
            parts.handling.cancel(name, entry)

    async def state_text(self, name: str, path: Path = ()) -> str:
        """What stands in a module's state, as Lua.

        Raises:
            ModuleUnknown: it is not loaded.
            HostError: nothing stands there; or it is too long.
        """
        expect_text("state_text", name=name)
        expect_path("state_text", path=path)
        text = literal(self.parts.inspection.found(name, list(path)))
        if len(text) > LONGEST_COPY:
            raise HostError(f"that would be {len(text):,} characters of Lua, and at most {LONGEST_COPY:,} are given")
        return text


def _expect_texts(method: str, name: object, texts: object) -> None:
    expect_text(method, name=name)
    if not isinstance(texts, Mapping) or not all(isinstance(each, str) for pair in texts.items() for each in pair):
        raise TypeError(f"Host.{method}: texts must be a mapping of paths to texts, not {texts!r:.80}")
    if not texts:
        raise HostError("no text was given; nothing was changed")
