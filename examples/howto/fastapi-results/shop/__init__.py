"""A shop that keeps the results that somebody reads, for an hour."""
