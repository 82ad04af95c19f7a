"""A shop that makes reports."""
