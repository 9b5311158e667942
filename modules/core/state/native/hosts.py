"""Which hosts on the same files are there: the kernel knows, each holds a lock as long as its process runs."""

import secrets
import shutil
from pathlib import Path

from host.storage.lock import FolderLock
from host.vocabulary.errors import HostBusy


class Hosts:
    """A folder for each, of which this host has one."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.name = secrets.token_hex(8)
        (folder / self.name).mkdir(parents=True)
        self._alive = FolderLock(folder / self.name)

    def lives(self, host: str) -> bool:
        if host == self.name:
            return True
        try:
            FolderLock(self._folder / host).release()
        except HostBusy:
            return True
        except OSError:  # it has tidied up
            return False
        shutil.rmtree(self._folder / host, ignore_errors=True)
        return False

    def close(self) -> None:
        self._alive.release()
        shutil.rmtree(self._folder / self.name, ignore_errors=True)
