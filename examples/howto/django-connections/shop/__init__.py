"""A shop that counts its database connections."""
