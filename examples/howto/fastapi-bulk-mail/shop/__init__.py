"""A shop that writes to all its customers."""
