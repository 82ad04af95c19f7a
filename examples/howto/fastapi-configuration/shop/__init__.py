"""A shop whose settings come from the environment."""
