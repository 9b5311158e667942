"""A module's runtime in a process of its own: what it does there can end that process and nothing else.

``runtime`` is the engine's side of one, ``serving`` the other; between them go ``messages`` over a ``channel``.
``fork_server`` starts the prepared process from which each is forked, ``prepared`` is what runs in it.
"""
