"""A shop whose tasks load what they need."""
