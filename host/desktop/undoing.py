"""What was done through this window, and can be taken back: one act after the other, and forth again."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QObject, Slot

from host.desktop.commands import Commands, Done, Refusal, Way
from host.desktop.reversing import Reversal
from host.desktop.window import Workbench
from host.vocabulary.errors import HostUnreachable

KEPT: Final = 100


class Undoing(QObject):
    """The two stacks behind *Undo* and *Redo*.

    An act that can no longer be taken back is told and dropped; one that only found no engine stays.
    """

    def __init__(self, window: Workbench, commands: Commands) -> None:
        super().__init__(window)
        self._commands = commands
        self._stacks: dict[Way, list[Reversal]] = {Way.UNDO: [], Way.REDO: []}
        self._busy = False
        actions = window.actions_by_id
        self._actions = {Way.UNDO: actions["edit.undo"], Way.REDO: actions["edit.redo"]}
        self._words = {Way.UNDO: actions["edit.undo"].text(), Way.REDO: actions["edit.redo"].text()}
        actions.connect("edit.undo", self._undo)
        actions.connect("edit.redo", self._redo)
        commands.done.connect(self._done)
        commands.refused.connect(self._refused)
        self._judge()

    @Slot()
    def _undo(self) -> None:
        self._take_back(Way.UNDO)

    @Slot()
    def _redo(self) -> None:
        self._take_back(Way.REDO)

    def _take_back(self, way: Way) -> None:
        stack = self._stacks[way]
        if stack and not self._busy:
            self._busy = True
            self._judge()
            self._commands.take_back(stack[-1], way)

    @Slot(object)
    def _done(self, done: Done) -> None:
        if done.way is not Way.DO:
            self._busy = False
            del self._stacks[done.way][-1:]
        if done.reversal is not None:
            onto = Way.REDO if done.way is Way.UNDO else Way.UNDO
            self._stacks[onto] = [*self._stacks[onto], done.reversal][-KEPT:]
            if done.way is Way.DO:
                self._stacks[Way.REDO].clear()
        self._judge()

    @Slot(object)
    def _refused(self, refusal: Refusal) -> None:
        if refusal.way is not Way.DO:
            self._busy = False
            if refusal.code != HostUnreachable.code:
                del self._stacks[refusal.way][-1:]
        self._judge()

    def _judge(self) -> None:
        """Say what would be taken back."""
        for way, action in self._actions.items():
            stack, words = self._stacks[way], self._words[way]
            action.setEnabled(bool(stack) and not self._busy)
            action.setText(f"{words}: {stack[-1].text}" if stack else words)
