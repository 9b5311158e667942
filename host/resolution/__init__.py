"""RESOLVED: which versions are chosen, in which order they load, and why not, where there is no choice."""
