"""A shop that tells its customers what is new, while they wait."""
