"""A shop that sorts its letters."""
