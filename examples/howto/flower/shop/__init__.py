"""A shop that somebody wants to look into."""
