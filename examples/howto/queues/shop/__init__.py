"""A shop in which some jobs are urgent."""
