"""PACKED: what looks wrong in a module's folder, how it becomes one file, and how such a file becomes a module."""
