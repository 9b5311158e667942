"""What the face may ask, by name.

Whatever is packed crosses as bytes, and is looked into by nobody here.
"""

from host.jobs.operations import of_channels, of_jobs, of_locks

OPERATIONS = of_channels.OPERATIONS | of_jobs.OPERATIONS | of_locks.OPERATIONS
