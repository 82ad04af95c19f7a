"""A shop whose logs a program can read."""
