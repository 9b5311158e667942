"""FOUND: what lies on disk and when it changes: manifests, the repository of all versions, bundles, the watcher."""
