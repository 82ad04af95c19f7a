"""A shop that can be watched."""
