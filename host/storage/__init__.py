"""What survives the host: checkpoints, the session, history, deaths and configuration in one sqlite file."""

from host.storage.opening import memory_store, open_store
from host.storage.store import Store
from host.storage.tables import Checkpoint, SessionEntry
from host.storage.thread import StoreThread

__all__ = ["Checkpoint", "SessionEntry", "Store", "StoreThread", "memory_store", "open_store"]
