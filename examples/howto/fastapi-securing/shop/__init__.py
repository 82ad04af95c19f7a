"""A shop that asks who you are."""
