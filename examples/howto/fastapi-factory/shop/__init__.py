"""A shop that one process can build for several tenants."""
