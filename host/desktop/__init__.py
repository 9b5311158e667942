"""SEEN: the workbench window; the only importer of Qt. Nothing is imported here, so that a start stays short."""
