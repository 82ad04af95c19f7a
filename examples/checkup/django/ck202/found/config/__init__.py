"""The settings of a shop."""
