"""A shop whose requests can be traced."""
