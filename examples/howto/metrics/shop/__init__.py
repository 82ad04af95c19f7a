"""A shop that says how it is."""
