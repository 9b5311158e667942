"""Qt item models over frozen views; every change is told by the row it concerns."""
