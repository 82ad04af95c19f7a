"""A shop whose tests pass."""
