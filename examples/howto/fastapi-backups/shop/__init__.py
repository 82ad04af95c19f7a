"""A shop that backs up its database."""
