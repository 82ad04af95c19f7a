"""Changes to the tables."""
