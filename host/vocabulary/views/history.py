"""What was done to a module, and what is different between two points of that."""

from __future__ import annotations

from msgspec import Struct

from host.vocabulary.states import Outcome


class HistoryRow(Struct, frozen=True, kw_only=True):
    """One swap, load or roll-back of a module, newest first in a list.

    Attributes:
        id: grows.
        kind: ``load``, ``swap``, ``reload``, ``rollback`` or ``unload``; ``scratch`` with texts that nobody saved,
            ``edit`` of the state.
        from_version: empty for a load and an unload.
        files: names of the files that changed.
        state: what it did to the state, of the act that brought what runs, and how much of the state before it is
            kept, in words; empty where nothing is.
        reachable: whether ``rollback`` can bring back what ran after it: other code than now, and kept.
        current: whether what ran after it is what runs now, or ran last.
        module: whom it was done to.
        others: to which modules it was done in the same act, or taken back with it, by name.
    """

    id: int
    at: float
    kind: str
    from_version: str
    to_version: str
    outcome: Outcome
    pause_s: float | None = None
    error: str = ""
    files: tuple[str, ...] = ()
    state: str = ""
    reachable: bool = False
    current: bool = False
    module: str = ""
    others: tuple[str, ...] = ()


class Difference(Struct, frozen=True, kw_only=True):
    """One entry of a state that is different: ``state.users[3].name``; a value is empty where there is none."""

    path: str
    before: str
    after: str


class Comparison(Struct, frozen=True, kw_only=True):
    """What is different between what ran after one act on a module, and after another, as each was last.

    Attributes:
        earlier, later: ids of the acts; ``later`` is ``None`` for now.
        files: names of the files that differ.
        diff: of their lines, in the unified form, 2,000 lines at most; empty where none differs.
        differences: of the states, the first 200.
        beyond: how many more there are.
        message: why the states are not compared, one sentence; empty where they are.
    """

    module: str
    earlier: int
    later: int | None
    from_version: str
    to_version: str
    files: tuple[str, ...] = ()
    diff: str = ""
    differences: tuple[Difference, ...] = ()
    beyond: int = 0
    message: str = ""
