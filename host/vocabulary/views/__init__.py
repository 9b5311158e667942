"""What can be seen of a running host: frozen pictures, made on request, alike for Python, command line and window."""

from host.vocabulary.views.access import AccessRow, AuditCheck, AuditRow
from host.vocabulary.views.bisection import BisectionView
from host.vocabulary.views.console import Completion, Evaluation, ValueRow
from host.vocabulary.views.data import EmitResult, PlainData
from host.vocabulary.views.history import Comparison, Difference, HistoryRow
from host.vocabulary.views.modules import ActivityRow, LimitView, ModuleView, SourceView, VersionView
from host.vocabulary.views.packages import Installed, KeyView, PackagedFile, PackageView, Restored, Uninstalled
from host.vocabulary.views.panels import PanelBrief, PanelChange, PanelNode, PanelView
from host.vocabulary.views.plans import Plan, PlanStep
from host.vocabulary.views.profiles import FlameNode, Profile
from host.vocabulary.views.standing import (
    Changes,
    EngineView,
    GapView,
    LogLine,
    ProblemView,
    Severity,
    Snapshot,
    WatchView,
)
from host.vocabulary.views.states import LastSwap, StatePage, StateRow
from host.vocabulary.views.swaps import DependentFit, FileChange, Rehearsal, SwapReport, SwapStep

__all__ = [
    "AccessRow",
    "ActivityRow",
    "AuditCheck",
    "AuditRow",
    "BisectionView",
    "Changes",
    "Comparison",
    "Completion",
    "DependentFit",
    "Difference",
    "EmitResult",
    "EngineView",
    "Evaluation",
    "FileChange",
    "FlameNode",
    "GapView",
    "HistoryRow",
    "Installed",
    "KeyView",
    "LastSwap",
    "LimitView",
    "LogLine",
    "ModuleView",
    "PackageView",
    "PackagedFile",
    "PanelBrief",
    "PanelChange",
    "PanelNode",
    "PanelView",
    "PlainData",
    "Plan",
    "PlanStep",
    "ProblemView",
    "Profile",
    "Rehearsal",
    "Restored",
    "Severity",
    "Snapshot",
    "SourceView",
    "StatePage",
    "StateRow",
    "SwapReport",
    "SwapStep",
    "Uninstalled",
    "ValueRow",
    "VersionView",
    "WatchView",
]
