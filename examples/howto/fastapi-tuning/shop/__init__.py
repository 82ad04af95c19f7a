"""A shop with long tasks, tiny tasks and large messages."""
