"""Modules that come: dropped on the list, chosen in a dialog, made from the template."""

from __future__ import annotations

from PySide6 import QtWidgets
from PySide6.QtCore import QObject, Slot

from host.desktop.commands import Commands, Done
from host.desktop.models.host import HostModels
from host.desktop.reporting import Reporting
from host.desktop.window import Workbench


class Installing(QObject):
    """Opens the sheets, and looks at what came of them as soon as the engine knows it."""

    def __init__(self, window: Workbench, models: HostModels, commands: Commands, reporting: Reporting) -> None:
        super().__init__(window)
        self._window = window
        self._models = models
        self._reporting = reporting
        self._awaited = ""
        window.modules.dropped.connect(self._dropped)
        window.modules.newWanted.connect(self._offer_new)
        window.actions_by_id.connect("file.new", self._offer_new)
        window.actions_by_id.connect("file.install", self._choose)
        commands.done.connect(self._done)
        models.modulesChanged.connect(self._look)

    @Slot()
    def _offer_new(self) -> None:
        self._window.sheets.new.offer()

    @Slot()
    def _choose(self) -> None:
        """Ask for a file, without holding anything else up."""
        dialog = QtWidgets.QFileDialog(self._window, self.tr("Install a package"))
        dialog.setObjectName("install.dialog")
        dialog.setNameFilters([self.tr("Packages (*.zip)"), self.tr("All files (*)")])
        dialog.setFileMode(QtWidgets.QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self._offer)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    @Slot(object)
    def _dropped(self, paths: tuple[str, ...]) -> None:
        if len(paths) == 1:
            self._offer(paths[0])
        else:
            said = self.tr("Not done: {0} things were dropped; drop one folder or zip at a time.").format(len(paths))
            self._window.inspector.notice.say(said, "bad")

    @Slot(str)
    def _offer(self, file: str) -> None:
        self._window.sheets.install.offer(file)

    @Slot(object)
    def _done(self, done: Done) -> None:
        if done.arrived:
            self._awaited = done.module
            self._look()

    @Slot()
    def _look(self) -> None:
        if self._awaited and self._models.view(self._awaited) is not None:
            name, self._awaited = self._awaited, ""
            self._reporting.look_at(name)
