"""Widgets that several panels are built from."""
