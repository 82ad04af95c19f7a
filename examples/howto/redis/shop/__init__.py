"""A shop that has its broker in Redis."""
