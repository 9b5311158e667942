"""How a window, a command line or a script asks a running engine: JSON-RPC 2.0 on a socket of the user's own.

Nothing is imported here, so that a client loads no server.
"""
