"""What survives the host: checkpoints, the session, history, code, deaths and configuration in one sqlite file."""

from host.storage.code import digest_of_code, packed_code, unpacked_code
from host.storage.history import Act, Point
from host.storage.opening import memory_store, open_store
from host.storage.store import Store
from host.storage.tables import Checkpoint, SessionEntry
from host.storage.thread import StoreThread

__all__ = [
    "Act",
    "Checkpoint",
    "Point",
    "SessionEntry",
    "Store",
    "StoreThread",
    "digest_of_code",
    "memory_store",
    "open_store",
    "packed_code",
    "unpacked_code",
]
