"""What survives the host: checkpoints, session, history, code, deaths, configuration and origins in one sqlite file."""

from host.storage.audit import Audit, read_audit
from host.storage.bisections import Bisection
from host.storage.code import digest_of_code, packed_code, unpacked_code
from host.storage.history import Act, Point
from host.storage.opening import memory_store, open_store
from host.storage.origins import Origin, Origins, Publisher
from host.storage.store import Store
from host.storage.tables import Checkpoint, SessionEntry
from host.storage.thread import StoreThread

__all__ = [
    "Act",
    "Audit",
    "Bisection",
    "Checkpoint",
    "Origin",
    "Origins",
    "Point",
    "Publisher",
    "SessionEntry",
    "Store",
    "StoreThread",
    "digest_of_code",
    "memory_store",
    "open_store",
    "packed_code",
    "read_audit",
    "unpacked_code",
]
