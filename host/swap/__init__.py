"""SWAPPED: an instance replaced by another, with its state and without a gap."""
