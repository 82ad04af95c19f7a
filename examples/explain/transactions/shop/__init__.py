"""A shop that has orders in SQLite, and sends a receipt for each."""
