"""LIVES: one loaded version, what it has registered and owes, how it comes up and goes down."""
