"""A form made from a JSON Schema."""
